"""The form of each field of an EPCIS 2.0 event in JSON (section 7 of the standard), where there is one. Pure.

A field that is ``null`` counts as not there. ``field_faults`` is what would be left out of a trace, or read as
something else, if it were taken; ``field_remarks`` is what the standard does not allow but nobody could misread.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from records.epcis_fault import Fault, shown

#: The fields that name things as a list of URIs, and those that name classes with a quantity.
EPCS = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")
QUANTITIES = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")

_PLACES = ("readPoint", "bizLocation")
_PAIRS = {"bizTransactionList": ("bizTransaction", False), "sourceList": ("source", True)} | {
    "destinationList": ("destination", True)
}
_NAMES = ("parentID", "transformationID", "eventID")
_WORDS = ("bizStep", "disposition")
_PERIOD = ("time", "startTime", "endTime")
_LOT = ("cbvmda:lotNumber", "lotNumber")
_OFFSET = re.compile(r"[+-](0\d|1[0-3]):[0-5]\d|[+-]14:00")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_UOM = re.compile(r"[A-Z0-9]{2,3}")


def field_faults(event: dict[str, Any]) -> Iterator[Fault]:
    """All that is wrong with the form of what an event has."""
    yield from time_fault(event, "eventTime", "$")
    if event.get("recordTime") is not None:
        yield from time_fault(event, "recordTime", "$")
    offset = event.get("eventTimeZoneOffset")
    if offset is not None and not (isinstance(offset, str) and _OFFSET.fullmatch(offset)):
        yield Fault("$.eventTimeZoneOffset", "an offset like +08:00", shown(offset))
    yield from said_faults(event)


def said_faults(event: dict[str, Any]) -> Iterator[Fault]:
    """As ``field_faults``, of what an event says of things and places, not of when it was."""
    for name in EPCS:
        yield from _uris(event, name, "$")
    for name in QUANTITIES:
        yield from _each(event, name, _quantity)
    for name, (member, typed) in _PAIRS.items():
        yield from _each(event, name, partial(_pair, member=member, typed=typed))
    for name in _PLACES:
        place = event.get(name)
        if place is not None and not (isinstance(place, dict) and _is_name(place.get("id"))):
            yield Fault(f"$.{name}", "an object with a URI as id", shown(place))
    for name in _NAMES:
        if event.get(name) is not None and not is_uri(event[name]):
            yield Fault(f"$.{name}", "a URI", shown(event[name]))
    for name in _WORDS:
        if event.get(name) is not None and not _is_name(event[name]):
            yield Fault(f"$.{name}", "a word of the vocabulary, or a URI", shown(event[name]))
    yield from _each(event, "sensorElementList", _sensor)
    yield from _master_data(event.get("ilmd"))
    yield from _error(event.get("errorDeclaration"))


def field_remarks(event: dict[str, Any]) -> Iterator[Fault]:
    """What the standard asks otherwise, and is read as it was meant all the same. Without its offset an event's time
    still bears a zone, and firms that leave it out are counted by their records, which they would not be if these
    were refused.
    """
    if event.get("eventTimeZoneOffset") is None:
        yield Fault("$.eventTimeZoneOffset", "an offset like +08:00", "nothing")
    for name in EPCS:
        seen: set[str] = set()
        for at, each in enumerate(event[name] if isinstance(event.get(name), list) else ()):
            if isinstance(each, str) and each in seen:
                yield Fault(f"$.{name}[{at}]", "each thing once", shown(each))
            elif isinstance(each, str):
                seen.add(each)
    for name in _PLACES:
        place = event.get(name)
        if isinstance(place, dict) and _is_name(place.get("id")) and not is_uri(place["id"]):
            yield Fault(f"$.{name}.id", "a URI", shown(place["id"]))
    if event.get("type") == "ObjectEvent" and event.get("ilmd") and event.get("action") in ("OBSERVE", "DELETE"):
        yield Fault("$.ilmd", "master data only with action ADD", f"action {shown(event['action'])}")


def time_fault(holder: dict[str, Any], key: str, at: str) -> Iterator[Fault]:
    """What is wrong with a time that has to be there."""
    text = holder.get(key)
    try:
        good = isinstance(text, str) and dt.datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        good = False
    if not good:
        yield Fault(f"{at}.{key}", "an ISO 8601 time with a zone", shown(text))


def is_uri(value: Any) -> bool:
    """Whether this is a URI, or a compact one."""
    return isinstance(value, str) and bool(_URI.fullmatch(value))


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _uris(holder: dict[str, Any], key: str, at: str) -> Iterator[Fault]:
    names = holder.get(key)
    if names is not None and not isinstance(names, list):
        yield Fault(f"{at}.{key}", "a list", shown(names))
        return
    for place, name in enumerate(names or ()):
        if not is_uri(name):
            yield Fault(f"{at}.{key}[{place}]", "a URI", shown(name))


def _each(event: dict[str, Any], key: str, check: Callable[[dict[str, Any], str], Iterable[Fault]]) -> Iterator[Fault]:
    members = event.get(key)
    if members is not None and not isinstance(members, list):
        yield Fault(f"$.{key}", "a list", shown(members))
        return
    for at, each in enumerate(members or ()):
        where = f"$.{key}[{at}]"
        if isinstance(each, dict):
            yield from check(each, where)
        else:
            yield Fault(where, "an object", shown(each))


def _quantity(each: dict[str, Any], at: str) -> Iterator[Fault]:
    if not is_uri(each.get("epcClass")):
        yield Fault(f"{at}.epcClass", "a URI", shown(each.get("epcClass")))
    amount = each.get("quantity")
    if amount is not None and (isinstance(amount, bool) or not isinstance(amount, int | float) or amount <= 0):
        yield Fault(f"{at}.quantity", "a number above 0", shown(amount))
    unit = each.get("uom")
    if unit is not None and (amount is None or not isinstance(unit, str) or not _UOM.fullmatch(unit)):
        yield Fault(f"{at}.uom", "a code of UN/ECE recommendation 20, with a quantity", shown(unit))


def _pair(each: dict[str, Any], at: str, member: str, typed: bool) -> Iterator[Fault]:
    if not is_uri(each.get(member)):
        yield Fault(f"{at}.{member}", "a URI", shown(each.get(member)))
    kind = each.get("type")
    if (typed and kind is None) or (kind is not None and not _is_name(kind)):
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
            continue
        if not report.get("type") and not report.get("exception"):
            yield Fault(f"{where}.type", "a measurement type, or an exception", shown(report.get("type")))
        if report.get("exception") is not None and not _is_name(report["exception"]):
            yield Fault(f"{where}.exception", "a kind of alert", shown(report["exception"]))
        yield from _moments(report, where)
    metadata = each.get("sensorMetadata")
    if isinstance(metadata, dict):
        yield from _moments(metadata, f"{at}.sensorMetadata")
    elif metadata is not None:
        yield Fault(f"{at}.sensorMetadata", "an object", shown(metadata))


def _moments(holder: dict[str, Any], at: str) -> Iterator[Fault]:
    """When a breach began and ended must not be taken for another time."""
    for name in _PERIOD:
        if holder.get(name) is not None:
            yield from time_fault(holder, name, at)


def _master_data(data: Any) -> Iterator[Fault]:
    if data is not None and not isinstance(data, dict):
        yield Fault("$.ilmd", "an object", shown(data))
        return
    for name in _LOT:
        if data and data.get(name) is not None and not _is_name(data[name]):
            yield Fault(f"$.ilmd.{name}", "the lot as text", shown(data[name]))


def _error(wrong: Any) -> Iterator[Fault]:
    if isinstance(wrong, dict):
        yield from time_fault(wrong, "declarationTime", "$.errorDeclaration")
        yield from _uris(wrong, "correctiveEventIDs", "$.errorDeclaration")
    elif wrong is not None:
        yield Fault("$.errorDeclaration", "an object", shown(wrong))
