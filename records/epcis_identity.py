"""Whether events that bear a hash as their id bear their own. Pure."""

from collections.abc import Iterator
from typing import Any

from records.epcis_fault import Fault, shown
from records.epcis_structure import events_of
from records.event_hash import VERSION, event_hash


def identity_remarks(document: Any) -> Iterator[Fault]:
    """Events that bear the hash of something else as their id: changed since, or hashed by an earlier draft of the rule
    (as the examples of the standard's own repository are), so a remark and no fault.
    """
    where, events = events_of(document) if isinstance(document, dict) else ("$", ())
    for at, event in enumerate(events if isinstance(events, list) else ()):
        name = event.get("eventID") if isinstance(event, dict) else None
        if isinstance(name, str) and name.startswith("ni:///sha-256;") and name.endswith(f"?ver={VERSION}"):
            content = event_hash(event, document.get("@context"))
            if content != name:
                yield Fault(f"{where}[{at}].eventID", f"the event's own hash {content}", shown(name))
