"""From an item of the intake to the records it becomes: which topic, which key, known or unregistered. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from records.registry import Registry, SeriesMeta, SeriesRecord
from records.series_unit import series_unit
from records.units import converted
from streams.sources.intake_items import Refused, read_item, shown
from streams.unregistered import TOPIC as UNREGISTERED
from streams.unregistered_series import unregistered_headers, unregistered_key
from topics.codec import encode
from topics.domain import Domain, Quantity
from topics.events import Cargo
from topics.families import KITCHENS
from topics.kitchen_events import Kitchen
from topics.reading import Reading
from topics.safety_events import Commitment, WorkPermit

#: What may be told of a yard; custody comes as EPCIS.
CargoEvent = Cargo

#: What firms say of their safety work day by day.
SafetyEvent = Commitment | WorkPermit

GATEWAY = "gateway/http"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One record to be kept."""

    topic: str
    key: str
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class City:
    """What the intake knows of the city: the registry as it is now, and the packs by name."""

    registry: Registry
    domains: Mapping[str, Domain]


def reading_item(item: Any, city: City, received_ms: int) -> tuple[Outgoing, bool]:
    """The record of a reading, and whether it is unregistered. Raises ``Refused``."""
    reading: Reading = read_item(item, Reading)
    source = f"http/{reading.source}"[:80] if reading.source else "http"
    return place_reading(msgspec.structs.replace(reading, received=received_ms, source=source), city)


def place_reading(reading: Reading, city: City) -> tuple[Outgoing, bool]:
    """Where a reading belongs. Raises ``Refused`` for a series, quantity or unit that cannot be right."""
    try:
        known = city.registry.knows(reading.series, reading.time)
    except ValueError:
        raise Refused("$.series", "site/device/quantity/statistic", shown(reading.series)) from None
    if isinstance(known, str):
        if not reading.series.isprintable():
            raise Refused("$.series", "printable text", shown(reading.series))
        headers = unregistered_headers(GATEWAY, -1, -1, known)
        return Outgoing(UNREGISTERED, unregistered_key(reading.series, known), encode(reading), tuple(headers)), True
    domain = _domain(known, city)
    quantity = domain.quantities.get(known.quantity)
    if quantity is None:
        raise Refused("$.series", f"a quantity of {domain.name}: {', '.join(domain.quantities)}", shown(known.quantity))
    return Outgoing(domain.topic, known.site.id, encode(_in_unit(reading, quantity, known.meta))), False


def _in_unit(reading: Reading, quantity: Quantity, meta: SeriesMeta) -> Reading:
    """The reading in the unit of its series; without one of its own it is in the unit that is registered."""
    unit, factor = series_unit(quantity, meta)
    sent = reading.unit or meta.unit or unit
    if sent == unit:
        return reading
    if sent != meta.unit:
        raise Refused("$.unit", f"{meta.unit or unit} as registered for {reading.series}", shown(sent))
    if reading.value is None:
        return msgspec.structs.replace(reading, unit=unit)
    value, told = converted(reading.value, factor), reading.sent or f"{reading.value:.12g} {sent}"
    return msgspec.structs.replace(reading, value=value, unit=unit, sent=told)


def _domain(known: SeriesRecord, city: City) -> Domain:
    domain = city.domains.get(known.site.domain)
    if domain is None:
        raise Refused("$.series", f"a site of {', '.join(sorted(city.domains))}", f"one of {known.site.domain}")
    return domain


def cargo_item(item: Any, city: City) -> Outgoing:
    """The record of a declaration, a gate or yard move, or an observation. Raises ``Refused``."""
    event: CargoEvent = read_item(item, CargoEvent)
    return Outgoing(events_topic(event.site, event.time, city, "$.site"), event.site, encode(event))


def safety_item(item: Any, city: City) -> Outgoing:
    """The record of a commitment of the day or a permit of special work. Raises ``Refused``."""
    event: SafetyEvent = read_item(item, SafetyEvent)
    return Outgoing(events_topic(event.site, event.time, city, "$.site", safety=True), event.site, encode(event))


def kitchen_item(item: Any, city: City) -> Outgoing:
    """The record of what a kitchen's camera saw, or of how well it sees. Raises ``Refused``."""
    event: Kitchen = read_item(item, Kitchen)
    record = city.registry.site(event.site)
    domain = city.domains.get(record.domain) if record is not None else None
    if domain is None or not domain.events or KITCHENS not in domain.facts:
        taking = ", ".join(sorted(name for name, each in city.domains.items() if KITCHENS in each.facts))
        raise Refused("$.site", f"a registered site of a domain with kitchens ({taking})", shown(event.site))
    return Outgoing(domain.events_topic, event.site, encode(event))


def events_topic(site: str, time_ms: int, city: City, where: str, *, safety: bool = False) -> str:
    """The topic of a registered site's events: of goods, or of ``safety`` work where its pack speaks of that.
    Raises ``Refused``, telling the place of the site in the item.

    An event of an unknown site is refused, not put aside: its sender is a firm that must register first.
    """
    record = city.registry.site(site)
    if record is None:
        raise Refused(where, "a registered site", shown(site))
    domain = city.domains.get(record.domain)
    if domain is None or not _takes(domain, safety):
        taking = ", ".join(sorted(name for name, each in city.domains.items() if _takes(each, safety)))
        raise Refused(where, f"a site of a domain that takes such events ({taking})", f"one of {record.domain}")
    return domain.events_topic


def _takes(domain: Domain, safety: bool) -> bool:
    return domain.events and ("safety_work" in domain.facts) == safety
