"""What a pack says of carriage: the numbers of the rules, areas, and permits that are asked for. Pure.

All of it is configuration with its source; numbers are defaults until an authority's own stand there.
"""

import re
from collections.abc import Mapping
from itertools import combinations, pairwise
from typing import Annotated, Literal

import msgspec

from topics.domain import Domain
from topics.errors import ConfigurationError
from topics.families import CARRIAGE
from topics.finding import Text
from topics.positions import Latitude, Longitude, Role

Seconds = Annotated[float, msgspec.Meta(ge=0, le=864_000)]
Metres = Annotated[float, msgspec.Meta(ge=0, le=100_000)]
Speed = Annotated[float, msgspec.Meta(gt=0, le=1_000)]
Corner = tuple[Latitude, Longitude]

_HOURS = re.compile(r"^([01][0-9]|2[0-4]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])$")


class CarriageTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[facts.carriage.terms]``: the numbers of the rules; times are event time.

    ``settle_s``: so long a position waits for those before it that took longer; what comes later still is judged by
    itself and revises. ``corridor_m`` to either side of the declared route for more than ``off_route_s`` is a
    deviation, back inside ``back_share`` of it ends it. Standing: below ``stop_kmh`` within ``stop_radius_m`` of where
    it came to rest, for ``stop_s``; ``near_m``: how far a stop looks for areas it should keep away from. ``margin_m``:
    how far out of an area is out. ``silence_s``, ``no_waybill_s``: how long nothing may be heard, and no waybill known.
    ``jump_kmh``: faster than this between two positions no vehicle goes, if they are ``jump_m`` apart or more;
    ``agree``: so many positions that agree on a new place are believed. A trip is watched from ``early_s`` before its
    departure until ``over_s`` after its planned arrival, unless it is said to be over; within ``arrived_m`` of the
    route's end it has arrived.
    """

    source: str
    confirmed: bool
    settle_s: Seconds = 15.0
    corridor_m: Metres = 300.0
    back_share: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.8
    off_route_s: Seconds = 60.0
    stop_kmh: Speed = 5.0
    stop_radius_m: Metres = 60.0
    stop_s: Seconds = 600.0
    near_m: Metres = 500.0
    margin_m: Metres = 30.0
    silence_s: Seconds = 300.0
    no_waybill_s: Seconds = 600.0
    jump_kmh: Speed = 160.0
    jump_ship_kmh: Speed = 110.0
    jump_m: Metres = 300.0
    agree: Annotated[int, msgspec.Meta(ge=2, le=20)] = 3
    early_s: Seconds = 3_600.0
    over_s: Seconds = 21_600.0
    arrived_m: Metres = 300.0


class Area(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[facts.carriage.areas.NAME]``: a polygon, or with ``width_m`` a road or tunnel of that width along its points.

    ``forbidden`` to goods of these ``classes`` (class or division; empty = all dangerous goods, ``everyone``: all
    carriers) in these ``hours`` of the city (``07:00-22:00``; empty = always), once inside for ``least_s``;
    ``parking`` is where a stop is no finding.
    """

    title: Text
    kind: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z-]{1,30}$")]
    points: tuple[Corner, ...]
    source: str
    confirmed: bool
    rule: Literal["forbidden", "parking"] = "forbidden"
    width_m: Metres = 0.0
    classes: tuple[str, ...] = ()
    everyone: bool = False
    hours: tuple[str, ...] = ()
    least_s: Seconds = 0.0
    severity: str = "orange"

    def forbids(self, classes: tuple[str, ...]) -> bool:
        """Whether goods of these classes may not be here (at its hours)."""
        if self.rule != "forbidden":
            return False
        return self.everyone or any(covers(self.classes, each) for each in classes)

    def at_hour(self, minute: int) -> bool:
        """Whether it holds at this minute of the city's day (0 to 1439)."""
        return not self.hours or any(_within(each, minute) for each in self.hours)


class PermitAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[facts.carriage.permits.KIND]``: a permit that this role must have to carry dangerous goods (``everyone``: to
    carry anything), for these ``classes`` only where some are named.
    """

    role: Role
    title: Text
    source: str
    confirmed: bool
    classes: tuple[str, ...] = ()
    everyone: bool = False
    severity: str = "orange"

    def asked_for(self, classes: tuple[str, ...]) -> bool:
        """Whether a trip with goods of these classes needs it."""
        return self.everyone or any(covers(self.classes, each) for each in classes)


class CarriageFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of ``[facts.carriage]``."""

    terms: CarriageTerms
    areas: Mapping[str, Area] = {}
    permits: Mapping[str, PermitAsked] = {}


def covers(rule: tuple[str, ...], hazard_class: str) -> bool:
    """Whether a rule for these classes is for this one: ``4`` is for ``4.1`` too; no classes = every one."""
    return not rule or any(hazard_class.startswith(each) for each in rule)


def carriage_facts(domain: Domain) -> CarriageFacts | None:
    """The pack's facts, ``None`` where it has none. Raises ``ConfigurationError`` naming the row that is wrong."""
    table = domain.facts.get(CARRIAGE)
    if table is None:
        return None
    try:
        facts = msgspec.convert(table, CarriageFacts)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"{domain.name}: facts.{CARRIAGE}: {error}") from error
    for name, area in facts.areas.items():
        if problem := _problem(area):
            raise ConfigurationError(f"{domain.name}: facts.{CARRIAGE}.areas.{name}: {problem}")
    return facts


def _problem(area: Area) -> str:
    least = 2 if area.width_m else 3
    if len(area.points) < least:
        return f"points: expected {least} or more, got {len(area.points)}"
    if not area.width_m and (cross := _crossing(area.points)):
        return f"points: expected an outline that does not cross itself, got one that does near {cross}"
    return next((f"hours: expected HH:MM-HH:MM, got {each!r}" for each in area.hours if not _HOURS.match(each)), "")


def _within(hours: str, minute: int) -> bool:
    found = _HOURS.match(hours)
    if found is None:
        return False
    first = int(found[1]) * 60 + int(found[2])
    last = int(found[3]) * 60 + int(found[4])
    return first <= minute < last if first < last else minute >= first or minute < last


def _crossing(points: tuple[Corner, ...]) -> Corner | None:
    """A corner of two sides of the outline that cross; sides that meet in a corner do not."""
    ring = points if points[0] == points[-1] else (*points, points[0])
    sides = list(pairwise(ring))
    for (first, one), (second, other) in combinations(enumerate(sides), 2):
        neighbours = second - first == 1 or (first == 0 and second == len(sides) - 1)
        if not neighbours and _cross(*one, *other):
            return one[0]
    return None


def _cross(a: Corner, b: Corner, c: Corner, d: Corner) -> bool:
    def side(p: Corner, q: Corner, r: Corner) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return side(a, b, c) * side(a, b, d) <= 0 and side(c, d, a) * side(c, d, b) <= 0
