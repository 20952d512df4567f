"""From what is told of carriers to the records it becomes: positions, waybills, handovers. Pure."""

from typing import Any

import msgspec

from records.registry import Registry
from streams.sources.intake_items import Refused, read_item, shown
from streams.sources.intake_messages import City, Outgoing
from topics.codec import encode
from topics.families import CARRIAGE
from topics.positions import TOPIC, Position, Told


def position_item(item: Any, city: City) -> Outgoing:
    """The record of one message. Raises ``Refused``.

    A terminal knows its vehicle, not its firm: where no site is said, it is that of the device registered under the
    carrier's name. Whose vehicle nobody has registered is refused, as its firm must register first.
    """
    told: Told = read_item(item, Told)
    site = told.site or _site_of(told.carrier, city.registry)
    record = city.registry.site(site)
    if record is None:
        required = "a registered site, or a carrier that is registered as a device"
        raise Refused("$.site" if told.site else "$.carrier", required, shown(told.site or told.carrier))
    domain = city.domains.get(record.domain)
    if domain is None or CARRIAGE not in domain.facts:
        watching = ", ".join(sorted(name for name, each in city.domains.items() if CARRIAGE in each.facts))
        raise Refused("$.site", f"a site of a domain that watches carriers ({watching})", f"one of {record.domain}")
    more: dict[str, Any] = {"site": site, "domain": record.domain}
    if isinstance(told, Position):
        more["source"] = f"http/{told.source}"[:80] if told.source else "http"
    return Outgoing(TOPIC, told.carrier, encode(msgspec.structs.replace(told, **more)))


def _site_of(carrier: str, registry: Registry) -> str:
    device = registry.device_called(carrier)
    return device.site if device is not None else ""
