"""A yard of dangerous goods: what is in it, how much, where and whose, now and at any past minute.

Rebuilt from the events of one site. Events may come twice and in any order: the yard depends on the set
of events alone. Masses are kept in whole grams, so that sums do not depend on the order either.
"""

from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Iterable
from operator import attrgetter

import msgspec

from records.stays import Box, YardEvent, order, stays
from topics.events import Goods

GRAMS = 1_000_000


class Change(msgspec.Struct, frozen=True):
    """What an event changed about its container as the yard stands now."""

    container: str
    before: Box | None
    after: Box | None


class Inventory(msgspec.Struct, frozen=True):
    """The boxes in a yard at one event time (ms UTC; None = now), in the order of their numbers."""

    time: int | None
    boxes: tuple[Box, ...]

    def masses_t(self) -> dict[str, float]:
        """How much: tonnes by UN number."""
        return _tonnes(_grams(self.boxes))

    def whose(self) -> dict[str, float]:
        """Whose: tonnes by consignor ("" = undeclared)."""
        total: Counter[str] = Counter()
        for box in self.boxes:
            total[box.consignor] += sum(grams(each) for each in box.goods)
        return _tonnes(total)

    def where(self, un: str) -> tuple[Box, ...]:
        """Where: the boxes that hold a UN number."""
        return tuple(box for box in self.boxes if any(each.un == un for each in box.goods))


class Yard:
    """One site's yard."""

    def __init__(self, site: str) -> None:
        self.site = site
        self._seen: set[str] = set()
        self._events: dict[str, list[YardEvent]] = {}
        self._times: dict[str, list[int]] = {}
        self._states: dict[str, list[Box | None]] = {}
        self._boxes: dict[str, Box] = {}
        self._grams: Counter[str] = Counter()

    def apply(self, event: YardEvent) -> Change | None:
        """Take one event; None if its id was seen before.

        Raises ``ValueError`` for an event of another site; the yard is then unchanged.
        """
        if event.site != self.site:
            raise ValueError(f"yard {self.site}: expected an event of this site, got one of {event.site}")
        if event.id in self._seen:
            return None
        self._seen.add(event.id)
        name = event.container
        events = self._events.setdefault(name, [])
        insort(events, event, key=order)
        self._times[name] = [each.time for each in events]
        self._states[name] = list(stays(events))
        before, after = self._boxes.get(name), self._states[name][-1]
        if before is not None:
            self._count(before, -1)
            del self._boxes[name]
        if after is not None:
            self._count(after, 1)
            self._boxes[name] = after
        return Change(name, before, after)

    def box(self, container: str) -> Box | None:
        """The container as it stands now."""
        return self._boxes.get(container)

    def box_at(self, container: str, time_ms: int | None) -> Box | None:
        """The container as it stood at this event time (``None`` = after all events); ``None`` = not in the yard."""
        if time_ms is None:
            return self._boxes.get(container)
        past = bisect_right(self._times.get(container, []), time_ms)
        return self._states[container][past - 1] if past else None

    def story(self, container: str) -> list[tuple[int, Box | None]]:
        """Each event time of the container (ms UTC, ascending) and how it stood from then on."""
        return list(zip(self._times.get(container, ()), self._states.get(container, ()), strict=True))

    def told(self, container: str) -> tuple[YardEvent, ...]:
        """All that was told of a container here, in the order of event time."""
        return tuple(self._events.get(container, ()))

    def __len__(self) -> int:
        return len(self._boxes)

    def masses_t(self) -> dict[str, float]:
        """How much there is now: tonnes by UN number, kept up to date event by event."""
        return _tonnes(self._grams)

    def mass_t(self, un: str) -> float:
        """Tonnes of one UN number now."""
        return self._grams[un] / GRAMS

    def now(self) -> Inventory:
        """The yard after all events known."""
        return Inventory(None, tuple(self._boxes[name] for name in sorted(self._boxes)))

    def at(self, time_ms: int) -> Inventory:
        """The yard as it was at this event time, by all events known today."""
        boxes = []
        for name, times in self._times.items():
            past = bisect_right(times, time_ms)
            if past and (box := self._states[name][past - 1]) is not None:
                boxes.append(box)
        boxes.sort(key=attrgetter("container"))
        return Inventory(time_ms, tuple(boxes))

    def _count(self, box: Box, sign: int) -> None:
        for goods in box.goods:
            self._grams[goods.un] += sign * grams(goods)
            if not self._grams[goods.un]:
                del self._grams[goods.un]


def grams(goods: Goods) -> int:
    """Its mass in whole grams, at least one."""
    return max(1, round(goods.mass_t * GRAMS))


def _grams(boxes: Iterable[Box]) -> Counter[str]:
    total: Counter[str] = Counter()
    for box in boxes:
        for goods in box.goods:
            total[goods.un] += grams(goods)
    return total


def _tonnes(total: Counter[str]) -> dict[str, float]:
    return {name: total[name] / GRAMS for name in sorted(total)}
