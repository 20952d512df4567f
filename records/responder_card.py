"""What a fire officer must know of a place at a minute: what is within which distance, and what it does. Pure.

Built from the inventory of the yards as they were at that minute (``Yard.at``), so the card of a past minute is what
a replay up to it would show. Distances are from the point to the middle of a box, flat, in metres.
"""

from collections.abc import Iterable, Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from records.stays import Box, Place
from records.yard import GRAMS
from topics.finding import Text
from topics.goods import GoodsEntry

#: The rings of the card, metres.
RINGS_M = (50, 100, 200, 500)
#: So many boxes of a substance are named, the nearest; the others are counted.
NAMED = 100
#: Half the opening of the sector that counts as downwind, degrees.
HALF_SECTOR = 22.5


class Placed(msgspec.Struct, frozen=True, gc=False):
    """A box of a yard and where its middle is from the point, metres east and north; ``None`` = nobody knows where
    in the yard it stands, or its block is on no plan.
    """

    site: str
    box: Box
    at: tuple[float, float] | None


class Standing(msgspec.Struct, frozen=True, gc=False):
    """Where a box of a substance stands. ``away_m`` is ``None`` where its place is not known, ``downwind`` where the
    wind is not.
    """

    container: str
    place: str
    away_m: float | None
    downwind: bool | None
    mass_t: float


class Substance(msgspec.Struct, frozen=True):
    """One UN number near the point. ``boxes`` are the nearest, at most ``NAMED``; ``boxes_in_all`` counts all of them,
    and so does ``downwind_boxes``. ``control_c`` and ``emergency_c`` are the lowest that any of its boxes was declared
    with (IMDG 7.3.7), ``None`` where none was. ``no_water`` and ``groups`` are ``None`` where the
    goods list does not have it; ``listed`` says so, ``confirmed`` whether the list's row has been confirmed. ``ems`` is
    "" where not known.
    """

    un: str
    title: Text
    hazard_class: str
    subsidiary: tuple[str, ...]
    mass_t: float
    boxes: tuple[Standing, ...]
    boxes_in_all: int
    consignors: tuple[str, ...]
    contacts: tuple[str, ...]
    downwind_boxes: int | None
    control_c: float | None
    emergency_c: float | None
    no_water: bool | None
    groups: tuple[str, ...] | None
    ems: str
    listed: bool
    confirmed: bool
    source: str


class Ring(msgspec.Struct, frozen=True):
    """All within ``radius_m``: ``masses_t`` by UN number in falling order; ``unknown`` are boxes of whose goods nothing
    is known.
    """

    radius_m: int
    boxes: int
    mass_t: float
    masses_t: dict[str, float]
    no_water: tuple[str, ...]
    unknown: tuple[str, ...]


class Heap(msgspec.Struct, frozen=True):
    """Boxes in a yard nearby of which nobody knows where they stand."""

    boxes: int
    mass_t: float
    substances: tuple[Substance, ...]
    no_water: tuple[str, ...]
    unknown: tuple[str, ...]


class Near(msgspec.Struct, frozen=True):
    """The rings, the substances of the widest, and apart what has no place: it may be anywhere in its yard."""

    rings: tuple[Ring, ...]
    substances: tuple[Substance, ...]
    unplaced: Heap


def near(placed: Iterable[Placed], goods: Mapping[str, GoodsEntry], wind_from: float | None = None) -> Near:
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
    down = _downwind(points[order], wind_from).tolist() if wind_from is not None else [None] * len(order)
    known = zip(order.tolist(), away[order].tolist(), down, strict=True)
    pile, rings, waiting = _Pile(wind_known=wind_from is not None), [], next(known, None)
    for radius in RINGS_M:
        while waiting is not None and waiting[1] <= radius:
            pile.put(waiting[1], waiting[2], there[waiting[0]].box)
            waiting = next(known, None)
        rings.append(pile.ring(radius, goods))
    return Near(tuple(rings), pile.substances(goods), unplaced.heap(goods))


def downwind(dx: float, dy: float, wind_from: float) -> bool:
    """Whether a point ``dx`` m east and ``dy`` m north lies in the sector into which this wind blows."""
    return bool(_downwind(np.array([[dx, dy]], float), wind_from)[0])


def _downwind(points: NDArray[np.float64], wind_from: float) -> NDArray[np.bool_]:
    bearings = np.degrees(np.arctan2(points[:, 0], points[:, 1])) % 360
    found: NDArray[np.bool_] = np.abs((bearings - wind_from) % 360 - 180) <= HALF_SECTOR
    return found


def place_text(place: Place | None) -> str:
    """``ARR 05-01-1``: block, bay, row, tier; "" where it has not been stacked."""
    return "" if place is None else f"{place.block} {place.bay:02d}-{place.row:02d}-{place.tier}"


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
