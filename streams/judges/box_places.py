"""What is known of one site by its events: yard, fitted sensors, orders; and what a sensor watches there. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from records.box_limits import BoxLimits, box_limits
from records.box_terms import BoxTerms
from records.fittings import Fittings, Orders
from records.stays import Box, YardEvent
from records.yard import Yard
from streams.judges import box_texts as texts
from topics.events import Cargo, Goods, Inspected, OpeningOrdered, SensorFitted
from topics.finding import Text
from topics.goods import GoodsEntry

#: The area of fixed tanks, and that of boxes that have not been stacked.
TANKS, UNSTACKED = "tanks", "yard"


@dataclass(frozen=True, slots=True)
class Watched:
    """What a sensor watches: the box as it stands, what its goods endure, how it is called, the area it stands in."""

    box: Box
    limits: BoxLimits
    what: Text
    area: str


class BoxPlace:
    """One site."""

    def __init__(self, site: str, terms: BoxTerms, goods: Mapping[str, GoodsEntry]) -> None:
        self.site = site
        self.terms = terms
        self.goods = goods
        self.orders = Orders()
        self._yard = Yard(site)
        self._fittings = Fittings()
        self._known: dict[str, tuple[Box, BoxLimits, Text]] = {}

    def take(self, event: Cargo) -> list[str]:
        """Take one event; the devices that may watch something else now, or the same in another state."""
        concerned = {event.container} if isinstance(event, YardEvent | SensorFitted | OpeningOrdered) else set()
        if isinstance(event, SensorFitted):
            self._fittings.apply(event)
            concerned.add(event.device)
        elif isinstance(event, OpeningOrdered):
            self.orders.apply(event)
        elif isinstance(event, YardEvent):
            self._yard.apply(event)
            if isinstance(event, Inspected) and event.opened:
                around = int(self.terms.inspected_within_s * 1000)
                span = event.time - around, event.time + around
                self.orders.allow(event.container, *span, event.by or event.id, event.id)
        for container in tuple(concerned):  # a device may bear its box's number, or be fitted to it
            concerned.update(self._fittings.devices(container))
        return sorted(concerned)

    def watched(self, device: str) -> Watched | None:
        """What a device watches now; ``None`` where that is no box in the yard and no tank."""
        tank = self.terms.tanks.get(device)
        if tank is not None and tank.site == self.site:
            entry = self.goods.get(tank.un)
            line = Goods(tank.un, tank.title.en, entry.hazard_class if entry else "", 1.0)
            return self._about(Box(device, 0, (line,)), TANKS)
        named = self._fittings.container(device)
        box = self._yard.box(device if named is None else named)
        return None if box is None else self._about(box, box.place.block if box.place else UNSTACKED)

    def _about(self, box: Box, area: str) -> Watched:
        known = self._known.get(box.container)
        if known is None or (known[0] is not box and known[0] != box):
            limits = box_limits(box.goods, self.goods, self.terms)
            known = self._known[box.container] = (box, limits, texts.cargo(box, self.goods))
        return Watched(box, known[1], known[2], area)
