"""What a fire officer must know of a place at a minute: what is within which distance, and what it does. Pure.

Built from the inventory of a yard as it was at that minute (``Yard.at``), so the card of a past minute is what a
replay up to it would show. Distances are from the point to the middle of a box, flat, in metres.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from records.stays import Box, Place
from records.yard import GRAMS, Inventory, grams
from topics.finding import Text
from topics.goods import GoodsEntry

#: The rings of the card, metres.
RINGS_M = (50, 100, 200, 500)
#: Half the opening of the sector that counts as downwind, degrees.
HALF_SECTOR = 22.5


class Substance(msgspec.Struct, frozen=True):
    """One UN number within a ring. ``no_water`` and ``groups`` are ``None`` where the goods list does not have it;
    ``listed`` says so, ``confirmed`` whether the list's row has been confirmed. ``ems`` is "" where not known.
    """

    un: str
    title: Text
    hazard_class: str
    subsidiary: tuple[str, ...]
    mass_t: float
    boxes: tuple[str, ...]
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
    """All within ``radius_m``; ``unknown`` are boxes of whose goods nothing is known."""

    radius_m: int
    boxes: int
    mass_t: float
    substances: tuple[Substance, ...]
    no_water: tuple[str, ...]
    unknown: tuple[str, ...]


class Card(msgspec.Struct, frozen=True):
    """``time`` ms UTC; ``wind_from`` in degrees (``None`` = not known, then nothing is said of downwind).
    ``unplaced`` are boxes in the yard that have not been stacked: they may be anywhere.
    """

    site: str
    time: int | None
    x_m: float
    y_m: float
    wind_from: float | None
    rings: tuple[Ring, ...]
    unplaced: tuple[str, ...]


def responder_card(
    site: str,
    inventory: Inventory,
    point: tuple[float, float],
    where: Callable[[Place], tuple[float, float] | None],
    goods: Mapping[str, GoodsEntry],
    wind_from: float | None = None,
) -> Card:
    """The card for a point (x east, y north, m, from the site's own origin). ``where`` gives the middle of a place,
    ``None`` where its block is on no plan.
    """
    near: list[tuple[float, bool, Box]] = []
    unplaced = []
    for box in inventory.boxes:
        at = where(box.place) if box.place is not None else None
        if at is None:
            unplaced.append(box.container)
            continue
        dx, dy = at[0] - point[0], at[1] - point[1]
        near.append((math.hypot(dx, dy), wind_from is not None and _downwind(dx, dy, wind_from), box))
    rings = tuple(_ring(radius, near, goods, wind_from is not None) for radius in RINGS_M)
    return Card(site, inventory.time, *point, wind_from, rings, tuple(unplaced))


def _downwind(dx: float, dy: float, wind_from: float) -> bool:
    bearing = math.degrees(math.atan2(dx, dy)) % 360
    return abs((bearing - (wind_from + 180) + 180) % 360 - 180) <= HALF_SECTOR


def _ring(
    radius: int, near: Sequence[tuple[float, bool, Box]], goods: Mapping[str, GoodsEntry], wind_known: bool
) -> Ring:
    inside = [(down, box) for away, down, box in near if away <= radius]
    mass: Counter[str] = Counter()
    holders: dict[str, dict[str, tuple[bool, Box]]] = {}
    classes: dict[str, tuple[str, dict[str, None]]] = {}
    for down, box in inside:
        for line in box.goods:
            mass[line.un] += grams(line)
            holders.setdefault(line.un, {})[box.container] = (down, box)
            classes.setdefault(line.un, (line.hazard_class, {}))[1].update(dict.fromkeys(line.subsidiary))
    substances = []
    for un in sorted(mass, key=lambda each: (-mass[each], each)):
        entry, held = goods.get(un), holders[un]
        declared, subsidiary = classes[un]
        substances.append(
            Substance(
                un,
                entry.title if entry else Text(f"UN {un}", f"UN {un}"),
                entry.hazard_class if entry else declared,
                tuple(dict.fromkeys((*subsidiary, *(entry.subsidiary if entry else ())))),
                mass[un] / GRAMS,
                tuple(held),
                _said(box.consignor for _, box in held.values()),
                _said(box.emergency_contact for _, box in held.values()),
                sum(down for down, _ in held.values()) if wind_known else None,
                entry.no_water if entry else None,
                entry.groups if entry else None,
                "",
                entry is not None,
                entry is not None and entry.confirmed,
                entry.source if entry else "",
            )
        )
    return Ring(
        radius,
        len(inside),
        sum(mass.values()) / GRAMS,
        tuple(substances),
        tuple(each.un for each in substances if each.no_water),
        tuple(box.container for _, box in inside if not box.goods),
    )


def _said(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({word for word in words if word}))
