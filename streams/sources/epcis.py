"""EPCIS 2.0 (GS1, JSON): a captured event becomes a Custody event, its sensor reports readings besides. Pure.

Rules and names are those of EPCIS 2.0 section 7 and CBV 2.0; ``docs/intake.md`` lists what is read.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from records.epcis_fault import Fault
from records.epcis_structure import event_faults, head_faults
from records.event_hash import event_hash, extra_context
from records.registry import Site
from streams.sources.epcis_sensors import moment, sensor_readings
from streams.sources.intake_items import Refused, check_plain, shown
from streams.sources.intake_messages import City, Outgoing, place_reading
from topics.codec import encode
from topics.events import Custody


@dataclass(slots=True)
class Captured:
    """What one event becomes."""

    outgoing: list[Outgoing] = field(default_factory=list)
    unregistered: bool = False
    readings: int = 0


def event_list(document: Any) -> list[Any]:
    """The events of an EPCIS document, each with the namespaces that its document declares (EPCIS 2.0 9.3): alone it
    would not say what its extensions mean. Raises ``Refused`` where it is none.
    """
    _refuse(head_faults(document, "EPCISDocument"))
    body = document.get("epcisBody")
    events = body.get("eventList") if isinstance(body, dict) else None
    if not isinstance(events, list):
        raise Refused("$.epcisBody.eventList", "a list of events", shown(events))
    more = extra_context(document.get("@context"))
    return [_with_context(event, more) for event in events] if more else events


def capture(event: Any, city: City, received_ms: int, custody_domain: str) -> Captured:
    """The records of one event, its Custody first.

    An event at a place nobody has registered goes to ``custody_domain`` under the name it gives the place.
    Raises ``Refused``.
    """
    check_plain(event)
    _refuse(event_faults(event))
    time = moment(event, "eventTime", "$.eventTime")
    readings = list(sensor_readings(event, city, time, received_ms))
    site = _site(event, city, [reading.series for reading in readings])
    captured = Captured(readings=len(readings))
    domain = city.domains.get(site.domain if isinstance(site, Site) else custody_domain)
    if domain is None or not domain.events:
        raise Refused("$.readPoint", "a place of a domain that takes events", shown(getattr(site, "id", site)))
    name = site.id if isinstance(site, Site) else site
    content = event_hash(event)
    custody = Custody(event_id(event, content), name, time, event, content)
    captured.outgoing.append(Outgoing(domain.events_topic, name, encode(custody)))
    captured.unregistered = isinstance(site, str)
    for reading in readings:
        outgoing, unregistered = place_reading(reading, city)
        captured.outgoing.append(outgoing)
        captured.unregistered |= unregistered
    return captured


def event_id(event: dict[str, Any], content: str = "") -> str:
    """The identity of an event: its eventID, or its CBV 2.0 hash (``content``, where that is known already).

    A declaration of error bears its event's id by the standard; here it gets an identity of its own, or it would be
    taken for a repetition.
    """
    name = event.get("eventID")
    if not isinstance(name, str) or not name:
        name = content or event_hash(event)
    declaration = event.get("errorDeclaration")
    if isinstance(declaration, dict):
        name += f"#error/{declaration.get('declarationTime', '')}"
    return name


def _with_context(event: Any, more: list[Any]) -> Any:
    if not isinstance(event, dict):
        return event
    own = event.get("@context", [])
    return event | {"@context": [*more, *(own if isinstance(own, list) else [own])]}


def _refuse(faults: Iterator[Fault]) -> None:
    """Raises ``Refused`` for the first, which is the gravest."""
    for fault in faults:
        raise Refused(fault.where, fault.required, fault.got)


def _site(event: dict[str, Any], city: City, series: list[str]) -> Site | str:
    """Where it happened: the first registered of read point, business location and the sensors' sites, else the
    name it gives the place ("unknown" where it gives none).
    """
    named = list(_places(event))
    for name in named:
        if found := city.registry.site_at(name):
            return found
    for each in series:
        if found := city.registry.site(each.partition("/")[0]):
            return found
    name = named[0] if named else "unknown"
    if len(name) > 120:
        raise Refused("$.readPoint.id", "at most 120 characters", f"{len(name)}")
    return name


def _places(event: dict[str, Any]) -> Iterator[str]:
    for key in ("readPoint", "bizLocation"):
        place = event.get(key)
        if isinstance(place, dict) and isinstance(name := place.get("id"), str) and name:
            yield name
