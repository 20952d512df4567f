"""What a fire officer must know of a place at a minute: what is within which distance, and what it does. Pure.

Built from the inventory of the yards as they were at that minute (``Yard.at``), so the card of a past minute is what
a replay up to it would show. Distances are from the point to the middle of a box, flat, in metres.
"""

import math
from collections import Counter
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


class Placed(msgspec.Struct, frozen=True):
    """A box of a yard and where its middle is from the point, metres east and north; ``None`` = nobody knows where
    in the yard it stands, or its block is on no plan.
    """

    site: str
    box: Box
    at: tuple[float, float] | None


class Standing(msgspec.Struct, frozen=True):
    """Where a box of a substance stands. ``away_m`` is ``None`` where its place is not known, ``downwind`` where the
    wind is not.
    """

    container: str
    place: str
    away_m: float | None
    downwind: bool | None
    mass_t: float


class Substance(msgspec.Struct, frozen=True):
    """One UN number within a ring. ``no_water`` and ``groups`` are ``None`` where the goods list does not have it;
    ``listed`` says so, ``confirmed`` whether the list's row has been confirmed. ``ems`` is "" where not known.
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
    """All within ``radius_m`` (``None``: in a yard nearby, nobody knows where). ``unknown`` are boxes of whose goods
    nothing is known.
    """

    radius_m: int | None
    boxes: int
    mass_t: float
    substances: tuple[Substance, ...]
    no_water: tuple[str, ...]
    unknown: tuple[str, ...]


class Near(msgspec.Struct, frozen=True):
    """The rings, and apart what has no place: it may be anywhere in its yard."""

    rings: tuple[Ring, ...]
    unplaced: Ring


def near(placed: Iterable[Placed], goods: Mapping[str, GoodsEntry], wind_from: float | None = None) -> Near:
    """The rings around the point. ``wind_from`` in degrees (``None`` = not known: nothing is said of downwind)."""
    known: list[tuple[float, bool | None, Box]] = []
    unplaced: list[tuple[float | None, bool | None, Box]] = []
    for each in placed:
        if each.at is None:
            unplaced.append((None, None, each.box))
            continue
        away = math.hypot(*each.at)
        if away <= RINGS_M[-1]:
            known.append((away, None if wind_from is None else downwind(*each.at, wind_from), each.box))
    known.sort(key=lambda one: (one[0], one[2].container))
    rings = tuple(_ring(radius, [one for one in known if one[0] <= radius], goods) for radius in RINGS_M)
    return Near(rings, _ring(None, unplaced, goods))


def downwind(dx: float, dy: float, wind_from: float) -> bool:
    """Whether a point ``dx`` m east and ``dy`` m north lies in the sector into which this wind blows."""
    bearing = math.degrees(math.atan2(dx, dy)) % 360
    return abs((bearing - (wind_from + 180) + 180) % 360 - 180) <= HALF_SECTOR


def place_text(place: Place | None) -> str:
    """``ARR 05-01-1``: block, bay, row, tier; "" where it has not been stacked."""
    return "" if place is None else f"{place.block} {place.bay:02d}-{place.row:02d}-{place.tier}"


def _ring(
    radius: int | None, inside: Sequence[tuple[float | None, bool | None, Box]], goods: Mapping[str, GoodsEntry]
) -> Ring:
    mass: Counter[str] = Counter()
    holders: dict[str, dict[str, tuple[Standing, Box]]] = {}
    classes: dict[str, tuple[str, dict[str, None]]] = {}
    for away, down, box in inside:
        for line in box.goods:
            mass[line.un] += grams(line)
            held = holders.setdefault(line.un, {})
            before = held[box.container][0].mass_t if box.container in held else 0.0
            stands = Standing(
                box.container, place_text(box.place), None if away is None else round(away, 1), down,
                round(before + line.mass_t, 6),
            )  # fmt: skip
            held[box.container] = stands, box
            classes.setdefault(line.un, (line.hazard_class, {}))[1].update(dict.fromkeys(line.subsidiary))
    substances = tuple(
        _substance(un, mass[un], classes[un], list(holders[un].values()), goods.get(un))
        for un in sorted(mass, key=lambda each: (-mass[each], each))
    )
    return Ring(
        radius,
        len(inside),
        sum(mass.values()) / GRAMS,
        substances,
        tuple(each.un for each in substances if each.no_water),
        tuple(box.container for _, _, box in inside if not box.goods),
    )


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
