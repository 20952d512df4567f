"""The responder's card box by box, as somebody would make it who walks from the nearest box to the farthest: what the
card of columns is held against.
"""

from collections.abc import Iterable, Mapping

import msgspec
import numpy as np

from records.responder_card import NAMED, RINGS_M, Heap, Near, Ring, Standing, Substance, downwind, place_text
from records.stays import Box
from records.yard import GRAMS
from topics.finding import Text
from topics.goods import GoodsEntry


class Placed(msgspec.Struct, frozen=True, gc=False):
    """A box of a yard and where its middle is from the point, metres east and north; ``None`` = nobody knows where
    in the yard it stands, or its block is on no plan.
    """

    site: str
    box: Box
    at: tuple[float, float] | None


def by_hand(placed: Iterable[Placed], goods: Mapping[str, GoodsEntry], wind_from: float | None = None) -> Near:
    """The rings around the point; of boxes equally far the one given first stands first. ``wind_from`` in degrees
    (``None`` = not known: nothing is said of downwind).
    """
    there: list[Placed] = []
    unplaced = _Pile(wind_known=False)
    for each in placed:
        if each.at is None:
            unplaced.put(None, None, each.box)
        else:
            there.append(each)
    points = np.array([each.at for each in there], float).reshape(-1, 2)
    away = np.hypot(points[:, 0], points[:, 1])
    order = np.argsort(away, kind="stable")
    order = order[away[order] <= RINGS_M[-1]]
    down = [None if wind_from is None else downwind(points[each][0], points[each][1], wind_from) for each in order]
    known = zip(order.tolist(), away[order].tolist(), down, strict=True)
    pile, rings, waiting = _Pile(wind_known=wind_from is not None), [], next(known, None)
    for radius in RINGS_M:
        while waiting is not None and waiting[1] <= radius:
            pile.put(waiting[1], waiting[2], there[waiting[0]].box)
            waiting = next(known, None)
        rings.append(pile.ring(radius, goods))
    return Near(tuple(rings), pile.substances(goods), unplaced.heap(goods))


class _Heaped:
    """What has been put of one substance."""

    __slots__ = (
        "boxes", "consignors", "contacts", "control_c", "down", "emergency_c", "grams", "hazard_class", "last",
        "standing", "subsidiary",
    )  # fmt: skip

    def __init__(self, hazard_class: str) -> None:
        self.hazard_class = hazard_class
        self.subsidiary: dict[str, None] = {}
        self.grams = self.boxes = self.down = 0
        self.control_c: float | None = None
        self.emergency_c: float | None = None
        self.last = ""
        self.standing: list[Standing] = []
        self.consignors: set[str] = set()
        self.contacts: set[str] = set()


class _Pile:
    """Boxes put together, the nearest first, so that each ring is what has been put so far."""

    def __init__(self, *, wind_known: bool) -> None:
        self.boxes = 0
        self.unknown: list[str] = []
        self._wind_known = wind_known
        self._of: dict[str, _Heaped] = {}

    def put(self, away: float | None, down: bool | None, box: Box) -> None:
        self.boxes += 1
        if not box.goods:
            self.unknown.append(box.container)
        for line in box.goods:
            of = self._of.get(line.un)
            if of is None:
                of = self._of[line.un] = _Heaped(line.hazard_class)
            of.grams += round(line.mass_t * GRAMS) or 1  # as ``grams`` has it, without the call
            if line.control_c is not None:
                of.control_c = line.control_c if of.control_c is None else min(of.control_c, line.control_c)
            if line.emergency_c is not None:
                of.emergency_c = line.emergency_c if of.emergency_c is None else min(of.emergency_c, line.emergency_c)
            if line.subsidiary:
                of.subsidiary.update(dict.fromkeys(line.subsidiary))
            if of.last == box.container:  # another line of the same goods in the same box
                if of.boxes <= NAMED:
                    before = of.standing.pop()
                    of.standing.append(msgspec.structs.replace(before, mass_t=round(before.mass_t + line.mass_t, 6)))
                continue
            of.last = box.container
            of.boxes += 1
            of.down += bool(down)
            of.consignors.add(box.consignor)
            of.contacts.add(box.emergency_contact)
            if of.boxes <= NAMED:
                where = None if away is None else round(away, 1)
                of.standing.append(Standing(box.container, place_text(box.place), where, down, line.mass_t))

    def ring(self, radius: int, goods: Mapping[str, GoodsEntry]) -> Ring:
        masses = {un: self._of[un].grams / GRAMS for un in self._order()}
        return Ring(radius, self.boxes, self._mass_t(), masses, self._no_water(goods), tuple(self.unknown))

    def heap(self, goods: Mapping[str, GoodsEntry]) -> Heap:
        found = self.substances(goods)
        return Heap(self.boxes, self._mass_t(), found, self._no_water(goods), tuple(self.unknown))

    def substances(self, goods: Mapping[str, GoodsEntry]) -> tuple[Substance, ...]:
        return tuple(self._substance(un, self._of[un], goods.get(un)) for un in self._order())

    def _order(self) -> list[str]:
        return sorted(self._of, key=lambda un: (-self._of[un].grams, un))

    def _mass_t(self) -> float:
        return sum(each.grams for each in self._of.values()) / GRAMS

    def _no_water(self, goods: Mapping[str, GoodsEntry]) -> tuple[str, ...]:
        return tuple(un for un in self._order() if (entry := goods.get(un)) is not None and entry.no_water)

    def _substance(self, un: str, of: _Heaped, entry: GoodsEntry | None) -> Substance:
        return Substance(
            un,
            entry.title if entry else Text(f"UN {un}", f"UN {un}"),
            entry.hazard_class if entry else of.hazard_class,
            tuple(dict.fromkeys((*of.subsidiary, *(entry.subsidiary if entry else ())))),
            of.grams / GRAMS,
            tuple(of.standing),
            of.boxes,
            _said(of.consignors),
            _said(of.contacts),
            of.down if self._wind_known else None,
            of.control_c,
            of.emergency_c,
            entry.no_water if entry else None,
            entry.groups if entry else None,
            entry.ems if entry else "",
            entry is not None,
            entry is not None and entry.confirmed,
            entry.source if entry else "",
        )


def _said(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(word for word in words if word))
