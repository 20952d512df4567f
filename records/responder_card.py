"""What a fire officer must know of a place at a minute: what is within which distance, and what it does. Pure.

Built from the inventory of the yards as they were at that minute (``Yard.at``), so the card of a past minute is what
a replay up to it would show. Distances are from the point to the middle of a box, flat, in metres.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from records.stays import Box, Place
from records.yard import GRAMS, grams
from topics.finding import Text
from topics.goods import GoodsEntry

#: The rings of the card, metres.
RINGS_M = (50, 100, 200, 500)
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
    """One UN number near the point, its boxes the nearest first. ``no_water`` and ``groups`` are ``None`` where the
    goods list does not have it; ``listed`` says so, ``confirmed`` whether the list's row has been confirmed. ``ems`` is
    "" where not known.
    """

    un: str
    title: Text
    hazard_class: str
    subsidiary: tuple[str, ...]
    mass_t: float
    boxes: tuple[Standing, ...]
    consignors: tuple[str, ...]
    contacts: tuple[str, ...]
    downwind_boxes: int | None
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
    """The rings around the point. ``wind_from`` in degrees (``None`` = not known: nothing is said of downwind)."""
    known: list[tuple[float, bool | None, Box]] = []
    unplaced = _Pile()
    for each in placed:
        if each.at is None:
            unplaced.put(None, None, each.box)
        elif (away := math.hypot(*each.at)) <= RINGS_M[-1]:
            known.append((away, None if wind_from is None else downwind(*each.at, wind_from), each.box))
    known.sort(key=lambda one: (one[0], one[2].container))
    pile, rings, at = _Pile(), [], 0
    for radius in RINGS_M:
        while at < len(known) and known[at][0] <= radius:
            pile.put(*known[at])
            at += 1
        rings.append(pile.ring(radius, goods))
    return Near(tuple(rings), pile.substances(goods), unplaced.heap(goods))


def downwind(dx: float, dy: float, wind_from: float) -> bool:
    """Whether a point ``dx`` m east and ``dy`` m north lies in the sector into which this wind blows."""
    bearing = math.degrees(math.atan2(dx, dy)) % 360
    return abs((bearing - (wind_from + 180) + 180) % 360 - 180) <= HALF_SECTOR


def place_text(place: Place | None) -> str:
    """``ARR 05-01-1``: block, bay, row, tier; "" where it has not been stacked."""
    return "" if place is None else f"{place.block} {place.bay:02d}-{place.row:02d}-{place.tier}"


class _Pile:
    """Boxes put together, the nearest first, so that each ring is what has been put so far."""

    def __init__(self) -> None:
        self.boxes = 0
        self.unknown: list[str] = []
        self.grams: dict[str, int] = {}
        self._held: dict[str, dict[str, tuple[Standing, Box]]] = {}
        self._classes: dict[str, tuple[str, dict[str, None]]] = {}

    def put(self, away: float | None, down: bool | None, box: Box) -> None:
        self.boxes += 1
        if not box.goods:
            self.unknown.append(box.container)
            return
        place, away = place_text(box.place), None if away is None else round(away, 1)
        for line in box.goods:
            un = line.un
            if un not in self.grams:
                self.grams[un], self._held[un], self._classes[un] = 0, {}, (line.hazard_class, {})
            self.grams[un] += grams(line)
            if line.subsidiary:
                self._classes[un][1].update(dict.fromkeys(line.subsidiary))
            held = self._held[un].get(box.container)
            mass = line.mass_t if held is None else round(held[0].mass_t + line.mass_t, 6)
            self._held[un][box.container] = Standing(box.container, place, away, down, mass), box

    def ring(self, radius: int, goods: Mapping[str, GoodsEntry]) -> Ring:
        masses = {un: self.grams[un] / GRAMS for un in self._order()}
        return Ring(radius, self.boxes, self._mass_t(), masses, self._no_water(goods), tuple(self.unknown))

    def heap(self, goods: Mapping[str, GoodsEntry]) -> Heap:
        found = self.substances(goods)
        return Heap(self.boxes, self._mass_t(), found, self._no_water(goods), tuple(self.unknown))

    def substances(self, goods: Mapping[str, GoodsEntry]) -> tuple[Substance, ...]:
        return tuple(
            _substance(un, self.grams[un], self._classes[un], list(self._held[un].values()), goods.get(un))
            for un in self._order()
        )

    def _order(self) -> list[str]:
        return sorted(self.grams, key=lambda un: (-self.grams[un], un))

    def _mass_t(self) -> float:
        return sum(self.grams.values()) / GRAMS

    def _no_water(self, goods: Mapping[str, GoodsEntry]) -> tuple[str, ...]:
        return tuple(un for un in self._order() if (entry := goods.get(un)) is not None and entry.no_water)


def _substance(
    un: str,
    mass: int,
    declared: tuple[str, Mapping[str, None]],
    held: Sequence[tuple[Standing, Box]],
    entry: GoodsEntry | None,
) -> Substance:
    hazard_class, subsidiary = declared
    winds = [stands.downwind for stands, _ in held]
    return Substance(
        un,
        entry.title if entry else Text(f"UN {un}", f"UN {un}"),
        entry.hazard_class if entry else hazard_class,
        tuple(dict.fromkeys((*subsidiary, *(entry.subsidiary if entry else ())))),
        mass / GRAMS,
        tuple(stands for stands, _ in held),
        _said(box.consignor for _, box in held),
        _said(box.emergency_contact for _, box in held),
        None if any(each is None for each in winds) else sum(bool(each) for each in winds),
        entry.no_water if entry else None,
        entry.groups if entry else None,
        entry.ems if entry else "",
        entry is not None,
        entry is not None and entry.confirmed,
        entry.source if entry else "",
    )


def _said(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({word for word in words if word}))
