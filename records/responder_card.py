"""What a fire officer must know of a place at a minute: what is within which distance, and what it does. Pure.

Built from the lines of goods in the yards as they were at that minute (``Stock.lines``), so the card of a past minute
is what a replay up to it would show. Distances are from the point to the middle of a box, flat, in metres. Sums are
made over columns; only the boxes that the card names are looked at one by one.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from records.goods_lines import UNSAID, Lines
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


def near(
    lines: Lines, at: NDArray[np.float64], goods: Mapping[str, GoodsEntry], wind_from: float | None = None
) -> Near:
    """The rings around the point; of boxes equally far the one given first stands first.

    ``at``: (boxes, 2), where the middle of each is from the point, metres east and north; NaN = nobody knows where in
    the yard it stands, or its block is on no plan. ``wind_from`` in degrees (``None`` = not known: nothing is said of
    downwind).
    """
    away = np.hypot(at[:, 0], at[:, 1])
    order = np.argsort(away, kind="stable")
    order = order[away[order] <= RINGS_M[-1]]
    down = None if wind_from is None else _downwind(at, wind_from)
    pile = _Pile(lines, order, away, down, goods)
    reach = np.searchsorted(away[order], RINGS_M, side="right").tolist()
    rings = tuple(pile.ring(radius, boxes) for radius, boxes in zip(RINGS_M, reach, strict=True))
    unplaced = _Pile(lines, np.flatnonzero(np.isnan(away)), None, None, goods)
    return Near(rings, pile.substances(), unplaced.heap())


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


class _Pile:
    """Boxes in an order: their rows in the same, so that each ring is a beginning of them."""

    def __init__(
        self,
        lines: Lines,
        order: NDArray[np.intp],
        away: NDArray[np.float64] | None,
        down: NDArray[np.bool_] | None,
        goods: Mapping[str, GoodsEntry],
    ) -> None:
        self._lines, self._goods = lines, goods
        self._away, self._down = away, down
        self._boxes = len(order)
        rank = np.full(len(lines.boxes), -1, np.int64)
        rank[order] = np.arange(len(order))
        ranks = rank[lines.columns["box"]]
        rows = np.flatnonzero(ranks >= 0)
        rows = rows[np.argsort(ranks[rows], kind="stable")]
        self._ranks = ranks[rows]
        self._of = {name: column[rows] for name, column in lines.columns.items()}
        self._uns: list[str] = lines.words["un"].words
        self._unsaid = lines.words["un"].known(UNSAID)
        self._unknown = [lines.boxes[each].container for each in self._of["box"][self._of["un"] == self._unsaid]]
        self._unknown_ranks = self._ranks[self._of["un"] == self._unsaid]

    def ring(self, radius: int, boxes: int) -> Ring:
        """What the first so many boxes hold."""
        masses = self._masses(int(np.searchsorted(self._ranks, boxes)))
        unknown = self._unknown[: int(np.searchsorted(self._unknown_ranks, boxes))]
        return Ring(radius, boxes, _mass_t(masses), _tonnes(masses), self._no_water(masses), tuple(unknown))

    def heap(self) -> Heap:
        masses = self._masses(len(self._ranks))
        found, dry = self.substances(), self._no_water(masses)
        return Heap(self._boxes, _mass_t(masses), found, dry, tuple(self._unknown))

    def substances(self) -> tuple[Substance, ...]:
        uns = self._of["un"]
        by_un = np.argsort(uns, kind="stable")
        starts = np.searchsorted(uns[by_un], np.arange(len(self._uns) + 1))
        rows = {un: by_un[starts[number] : starts[number + 1]] for number, un in enumerate(self._uns)}
        masses = self._masses(len(self._ranks))
        return tuple(self._substance(un, masses[un], rows[un]) for un in masses)

    def _masses(self, rows: int) -> dict[str, int]:
        """Grams of each substance in the first so many rows, in falling order."""
        uns = self._of["un"][:rows]
        whole = np.bincount(uns, self._of["grams"][:rows], len(self._uns))  # exact: far below what a double holds
        there = np.flatnonzero(np.bincount(uns, minlength=len(self._uns))).tolist()
        found = [(self._uns[each], int(whole[each])) for each in there if each != self._unsaid]
        return dict(sorted(found, key=lambda each: (-each[1], each[0])))

    def _no_water(self, masses: Iterable[str]) -> tuple[str, ...]:
        return tuple(un for un in masses if (entry := self._goods.get(un)) is not None and entry.no_water)

    def _substance(self, un: str, grams: int, rows: NDArray[np.intp]) -> Substance:
        entry = self._goods.get(un)
        boxes = self._of["box"][rows]
        boxes = boxes[np.flatnonzero(np.diff(boxes, prepend=-1))]  # several lines of one box stand together
        subsidiary = [each for words in self._said("subsidiary", rows) for each in words]
        return Substance(
            un,
            entry.title if entry else Text(f"UN {un}", f"UN {un}"),
            entry.hazard_class if entry else self._said("hazard_class", rows[:1])[0],
            tuple(dict.fromkeys((*subsidiary, *(entry.subsidiary if entry else ())))),
            grams / GRAMS,
            self._standing(un, boxes[:NAMED]),
            len(boxes),
            _sorted(self._said("owner", rows)),
            _sorted(self._said("contact", rows)),
            None if self._down is None else int(self._down[boxes].sum()),
            _lowest(self._of["control_c"][rows]),
            _lowest(self._of["emergency_c"][rows]),
            entry.no_water if entry else None,
            entry.groups if entry else None,
            entry.ems if entry else "",
            entry is not None,
            entry is not None and entry.confirmed,
            entry.source if entry else "",
        )

    def _said(self, name: str, rows: NDArray[np.intp]) -> list[Any]:
        """The words of a column, each once, in the order in which they come."""
        words = self._lines.words[name].words
        return list(map(words.__getitem__, dict.fromkeys(self._of[name][rows].tolist())))

    def _standing(self, un: str, numbers: NDArray[np.intp]) -> tuple[Standing, ...]:
        boxes = [self._lines.boxes[each] for each in numbers.tolist()]
        away = [None] * len(boxes) if self._away is None else [round(each, 1) for each in self._away[numbers].tolist()]
        down = [None] * len(boxes) if self._down is None else self._down[numbers].tolist()
        return tuple(
            [
                Standing(box.container, place_text(box.place), far, lee, _mass_of(un, box))
                for box, far, lee in zip(boxes, away, down, strict=True)
            ]
        )


def _mass_of(un: str, box: Box) -> float:
    """Tonnes of a substance in a box."""
    if len(box.goods) == 1:
        return box.goods[0].mass_t
    first, *more = [line.mass_t for line in box.goods if line.un == un]
    return round(first + sum(more), 6) if more else first


def _mass_t(masses: Mapping[str, int]) -> float:
    return sum(masses.values()) / GRAMS


def _tonnes(masses: Mapping[str, int]) -> dict[str, float]:
    return {un: each / GRAMS for un, each in masses.items()}


def _lowest(degrees: NDArray[np.float64]) -> float | None:
    lowest = float(np.fmin.reduce(degrees))
    return None if np.isnan(lowest) else lowest


def _sorted(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted([word for word in words if word]))
