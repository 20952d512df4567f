"""What an EPCIS 2.0 document in JSON must be like, by rules of our own over section 7 of the standard. Pure.

``required_faults`` is what an event must have to be captured, ``event_faults`` that and the form of all it has. They
say less than the official JSON Schema (which a user may check against besides), and some things it cannot say: that no
two events bear one id.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import msgspec

ACTIONS = ("ADD", "OBSERVE", "DELETE")

#: What each event type must have: each inner tuple is a choice, one of which must be there and not empty.
REQUIRED: dict[str, tuple[tuple[str, ...], ...]] = {
    "ObjectEvent": (("epcList", "quantityList", "sensorElementList"),),
    "AggregationEvent": (("childEPCs", "childQuantityList"),),
    "AssociationEvent": (("parentID",), ("childEPCs", "childQuantityList")),
    "TransactionEvent": (("bizTransactionList",),),
    "TransformationEvent": (
        ("inputEPCList", "inputQuantityList", "transformationID"),
        ("outputEPCList", "outputQuantityList", "transformationID"),
    ),
}

_EPCS = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")
_QUANTITIES = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")
_PAIRS = {"bizTransactionList": ("bizTransaction", False), "sourceList": ("source", True)} | {
    "destinationList": ("destination", True)
}
_OFFSET = re.compile(r"[+-](0\d|1[0-3]):[0-5]\d|[+-]14:00")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_UOM = re.compile(r"[A-Z0-9]{2,3}")


class Fault(msgspec.Struct, frozen=True):
    """``where`` is a JSON path, ``required`` what had to be there, ``got`` what was."""

    where: str
    required: str
    got: str


def document_faults(document: Any) -> Iterator[Fault]:
    """All that is wrong with an ``EPCISDocument`` or ``EPCISQueryDocument``, event by event."""
    if not isinstance(document, dict):
        yield Fault("$", "an EPCISDocument or EPCISQueryDocument", shown(document))
        return
    kind = document.get("type")
    if kind not in ("EPCISDocument", "EPCISQueryDocument"):
        yield Fault("$.type", "EPCISDocument or EPCISQueryDocument", shown(kind))
        return
    if not document.get("@context"):
        yield Fault("$.@context", "the context of EPCIS", "nothing")
    version = document.get("schemaVersion")
    if not isinstance(version, str) or not version.startswith("2."):
        yield Fault("$.schemaVersion", "2.0", shown(version))
    yield from _time(document, "creationDate", "$")
    where, events = events_of(document)
    if not isinstance(events, list):
        yield Fault(where, "a list of events", shown(events))
        return
    seen: dict[str, int] = {}
    for at, event in enumerate(events):
        for fault in event_faults(event):
            yield msgspec.structs.replace(fault, where=f"{where}[{at}]{fault.where[1:]}")
        name = event.get("eventID") if isinstance(event, dict) and "errorDeclaration" not in event else None
        if isinstance(name, str) and seen.setdefault(name, at) != at:
            yield Fault(f"{where}[{at}].eventID", f"an id of its own, that is event {seen[name]}'s", shown(name))


def events_of(document: dict[str, Any]) -> tuple[str, Any]:
    """Where the events of a document stand, and what stands there."""
    body = document.get("epcisBody")
    body = body if isinstance(body, dict) else {}
    if document.get("type") == "EPCISQueryDocument":
        results = body.get("queryResults")
        inner = results.get("resultsBody") if isinstance(results, dict) else None
        events = inner.get("eventList") if isinstance(inner, dict) else None
        return "$.epcisBody.queryResults.resultsBody.eventList", events
    return "$.epcisBody.eventList", body.get("eventList")


def required_faults(event: Any) -> Iterator[Fault]:
    """What an event lacks of what its type must have (EPCIS 2.0 7.4), the gravest first."""
    if not isinstance(event, dict):
        yield Fault("$", "an event", shown(event))
        return
    kind = event.get("type")
    if not isinstance(kind, str) or not kind:
        yield Fault("$.type", "the type of an event", shown(kind))
        return
    if kind in REQUIRED and kind != "TransformationEvent" and event.get("action") not in ACTIONS:
        yield Fault("$.action", f"one of {', '.join(ACTIONS)}", shown(event.get("action")))
    linking = kind in ("AggregationEvent", "AssociationEvent")
    # What is taken apart as a whole need not name its children (EPCIS 2.0 7.4.3, 7.4.6).
    whole = linking and event.get("action") == "DELETE" and event.get("parentID")
    for choice in () if whole else REQUIRED.get(kind, ()):
        if not any(event.get(name) for name in choice):
            yield Fault(f"$.{choice[0]}", " or ".join(choice), "nothing")
    if linking and event.get("action") != "OBSERVE" and not event.get("parentID"):
        yield Fault("$.parentID", "the parent, as something is put in or taken out", "nothing")
    sensors_alone = kind == "ObjectEvent" and not event.get("epcList") and not event.get("quantityList")
    if sensors_alone and not event.get("readPoint"):
        yield Fault("$.readPoint", "a readPoint, as only sensors speak", "nothing")


def event_faults(event: Any) -> Iterator[Fault]:
    """All that is wrong with an event."""
    yield from required_faults(event)
    if not isinstance(event, dict):
        return
    yield from _time(event, "eventTime", "$")
    if "recordTime" in event:
        yield from _time(event, "recordTime", "$")
    offset = event.get("eventTimeZoneOffset")
    if not isinstance(offset, str) or not _OFFSET.fullmatch(offset):
        yield Fault("$.eventTimeZoneOffset", "an offset like +08:00", shown(offset))
    for name in _EPCS:
        yield from _names(event, name)
    for name in _QUANTITIES:
        yield from _each(event, name, _quantity)
    for name, (member, typed) in _PAIRS.items():
        yield from _each(event, name, partial(_pair, member=member, typed=typed))
    for name in ("readPoint", "bizLocation"):
        place = event.get(name)
        if place is not None and not (isinstance(place, dict) and _is_uri(place.get("id"))):
            yield Fault(f"$.{name}", "an object with a URI as id", shown(place))
    for name in ("parentID", "transformationID", "eventID"):
        if name in event and not _is_uri(event[name]):
            yield Fault(f"$.{name}", "a URI", shown(event[name]))
    yield from _each(event, "sensorElementList", _sensor)
    yield from _rest(event)


def shown(value: object) -> str:
    """A value as a fault quotes it: on one line, cut where it is long."""
    if value is None:
        return "nothing"
    if isinstance(value, dict | list):
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value)}"
    text = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    return text if len(text) <= 80 else text[:79] + "…"


def _rest(event: dict[str, Any]) -> Iterator[Fault]:
    kind, action = event.get("type"), event.get("action")
    if kind == "TransformationEvent" and action is not None:
        yield Fault("$.action", "no action in a TransformationEvent", shown(action))
    if kind == "ObjectEvent" and "ilmd" in event and action in ("OBSERVE", "DELETE"):
        yield Fault("$.ilmd", "master data only with action ADD", f"action {shown(action)}")
    wrong = event.get("errorDeclaration")
    if wrong is not None:
        if isinstance(wrong, dict):
            yield from _time(wrong, "declarationTime", "$.errorDeclaration")
        else:
            yield Fault("$.errorDeclaration", "an object", shown(wrong))


def _time(holder: dict[str, Any], key: str, at: str) -> Iterator[Fault]:
    text = holder.get(key)
    try:
        good = isinstance(text, str) and dt.datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        good = False
    if not good:
        yield Fault(f"{at}.{key}", "an ISO 8601 time with a zone", shown(text))


def _names(event: dict[str, Any], key: str) -> Iterator[Fault]:
    names = event.get(key)
    if names is None:
        return
    if not isinstance(names, list):
        yield Fault(f"$.{key}", "a list", shown(names))
        return
    seen = set()
    for at, name in enumerate(names):
        if not _is_uri(name):
            yield Fault(f"$.{key}[{at}]", "a URI", shown(name))
        elif name in seen:
            yield Fault(f"$.{key}[{at}]", "each thing once", shown(name))
        else:
            seen.add(name)


def _each(event: dict[str, Any], key: str, check: Callable[[dict[str, Any], str], Iterable[Fault]]) -> Iterator[Fault]:
    members = event.get(key)
    if members is None:
        return
    if not isinstance(members, list):
        yield Fault(f"$.{key}", "a list", shown(members))
        return
    for at, each in enumerate(members):
        where = f"$.{key}[{at}]"
        if isinstance(each, dict):
            yield from check(each, where)
        else:
            yield Fault(where, "an object", shown(each))


def _quantity(each: dict[str, Any], at: str) -> Iterator[Fault]:
    if not _is_uri(each.get("epcClass")):
        yield Fault(f"{at}.epcClass", "a URI", shown(each.get("epcClass")))
    amount = each.get("quantity")
    if amount is not None and (isinstance(amount, bool) or not isinstance(amount, int | float) or amount <= 0):
        yield Fault(f"{at}.quantity", "a number above 0", shown(amount))
    unit = each.get("uom")
    if unit is not None and (amount is None or not isinstance(unit, str) or not _UOM.fullmatch(unit)):
        yield Fault(f"{at}.uom", "a code of UN/ECE recommendation 20, with a quantity", shown(unit))


def _pair(each: dict[str, Any], at: str, member: str, typed: bool) -> Iterator[Fault]:
    if not _is_uri(each.get(member)):
        yield Fault(f"{at}.{member}", "a URI", shown(each.get(member)))
    kind = each.get("type")
    if (typed and kind is None) or (kind is not None and (not isinstance(kind, str) or not kind)):
        yield Fault(f"{at}.type", "a type", shown(kind))


def _sensor(each: dict[str, Any], at: str) -> Iterator[Fault]:
    reports = each.get("sensorReport")
    if not isinstance(reports, list) or not reports:
        yield Fault(f"{at}.sensorReport", "a list of reports", shown(reports))
        return
    for number, report in enumerate(reports):
        where = f"{at}.sensorReport[{number}]"
        if not isinstance(report, dict):
            yield Fault(where, "an object", shown(report))
        elif not report.get("type") and not report.get("exception"):
            yield Fault(f"{where}.type", "a measurement type, or an exception", shown(report.get("type")))
    metadata = each.get("sensorMetadata")
    if metadata is not None and not isinstance(metadata, dict):
        yield Fault(f"{at}.sensorMetadata", "an object", shown(metadata))


def _is_uri(value: Any) -> bool:
    return isinstance(value, str) and bool(_URI.fullmatch(value))
