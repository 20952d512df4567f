"""What an EPCIS 2.0 document in JSON must be like, by rules of our own over section 7 of the standard. Pure.

What has a fault is not captured: it would be left out of a trace, or read as something it does not say. The rules say
less than the official JSON Schema (which a user may check against besides), and some things it cannot say: that no two
events bear one id.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from records.epcis_fault import Fault, shown
from records.epcis_fields import field_faults, field_remarks, is_uri, said_faults, time_fault

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

_OWN, _LINKED = ("epcList", "quantityList"), ("parentID", "childEPCs", "childQuantityList")
_MADE = ("inputEPCList", "inputQuantityList", "outputEPCList", "outputQuantityList", "transformationID")

#: By which fields each event type names things; any other of these it cannot have (EPCIS 2.0 7.4.2 to 7.4.6).
NAMING: dict[str, tuple[str, ...]] = {
    "ObjectEvent": _OWN,
    "AggregationEvent": _LINKED,
    "AssociationEvent": _LINKED,
    "TransactionEvent": ("parentID", *_OWN),
    "TransformationEvent": _MADE,
}
_DOCUMENTS = ("EPCISDocument", "EPCISQueryDocument")


def document_faults(document: Any) -> Iterator[Fault]:
    """All that is wrong with an ``EPCISDocument`` or ``EPCISQueryDocument``, event by event."""
    yield from head_faults(document, *_DOCUMENTS)
    if not isinstance(document, dict) or document.get("type") not in _DOCUMENTS:
        return
    where, events = events_of(document)
    if not isinstance(events, list):
        yield Fault(where, "a list of events", shown(events))
        return
    seen: dict[str, int] = {}
    for at, event in enumerate(events):
        yield from _placed(event_faults(event), f"{where}[{at}]")
        name = event.get("eventID") if isinstance(event, dict) and "errorDeclaration" not in event else None
        if isinstance(name, str) and seen.setdefault(name, at) != at:
            yield Fault(f"{where}[{at}].eventID", f"an id of its own, that is event {seen[name]}'s", shown(name))


def document_remarks(document: Any) -> Iterator[Fault]:
    """What the standard asks otherwise of the events of a document, and does not change what they say."""
    where, events = events_of(document) if isinstance(document, dict) else ("$", ())
    for at, event in enumerate(events if isinstance(events, list) else ()):
        if isinstance(event, dict):
            yield from _placed(field_remarks(event), f"{where}[{at}]")


def head_faults(document: Any, *kinds: str) -> Iterator[Fault]:
    """What is wrong with a document of one of these types, apart from its events."""
    expected = " or ".join(kinds)
    if not isinstance(document, dict):
        yield Fault("$", f"an {expected}", shown(document))
        return
    if document.get("type") not in kinds:
        yield Fault("$.type", expected, shown(document.get("type")))
        return
    context = document.get("@context")
    if not context or not isinstance(context, str | list | dict):
        yield Fault("$.@context", "the context of EPCIS, without which its words mean nothing", shown(context))
    version = document.get("schemaVersion")
    if not isinstance(version, str) or not version.startswith("2."):
        yield Fault("$.schemaVersion", "2.0", shown(version))
    yield from time_fault(document, "creationDate", "$")


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
    """What an event lacks of what its type must have (EPCIS 2.0 7.4), or has that it cannot have, gravest first."""
    if not isinstance(event, dict):
        yield Fault("$", "an event", shown(event))
        return
    kind: Any = event.get("type")
    if (wrong := _type_fault(kind)) is not None:
        yield wrong
        return
    if kind in REQUIRED and kind != "TransformationEvent" and event.get("action") not in ACTIONS:
        yield Fault("$.action", f"one of {', '.join(ACTIONS)}", shown(event.get("action")))
    if kind == "TransformationEvent" and event.get("action") is not None:
        yield Fault("$.action", "no action in a TransformationEvent", shown(event["action"]))
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
    for name in (*_OWN, *_LINKED, *_MADE) if kind in NAMING else ():
        if name not in NAMING[kind] and event.get(name):
            yield Fault(f"$.{name}", f"nothing: a field of other events than a {kind}", shown(event[name]))


def event_faults(event: Any) -> Iterator[Fault]:
    """All that is wrong with an event."""
    yield from required_faults(event)
    if isinstance(event, dict):
        yield from field_faults(event)


def said_wrong(event: dict[str, Any]) -> Iterator[Fault]:
    """What would be left out or misread of an event whose time is known from elsewhere, whatever else it lacks."""
    if event.get("type") is not None and (wrong := _type_fault(event["type"])) is not None:
        yield wrong
    yield from said_faults(event)


def _type_fault(kind: Any) -> Fault | None:
    """An event of somebody's own type bears a URI; one of the standard's is not called by another name."""
    if not isinstance(kind, str) or not kind:
        return Fault("$.type", f"the type of an event: {', '.join(REQUIRED)}, or a URI", shown(kind))
    plain = kind.replace("#", "/").replace(":", "/").rpartition("/")[2]
    if kind not in REQUIRED and plain in REQUIRED:
        return Fault("$.type", f"{plain}, as the standard writes it", shown(kind))
    if kind not in REQUIRED and not is_uri(kind):
        return Fault("$.type", f"one of {', '.join(REQUIRED)}, or a URI", shown(kind))
    return None


def _placed(faults: Iterator[Fault], at: str) -> Iterator[Fault]:
    return (msgspec.structs.replace(each, where=f"{at}{each.where[1:]}") for each in faults)
