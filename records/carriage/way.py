"""What is remembered of a carrier's way and what holds of it. Plain data and how it changes. Pure."""

from typing import Literal

import msgspec

from topics.positions import Position

Rule = Literal["forbidden-area", "deviation", "stop", "jump", "no-waybill"]
Point = tuple[float, float]


class Fact(msgspec.Struct):
    """What holds of a carrier. ``opened`` is when it became so, ``since`` when what led to it began (ms UTC).

    ``value`` is in the rule's own unit: seconds in the area, metres off the route (the most so far), seconds of
    standing, km/h of a jump. ``near`` and ``near_m``: the nearest area a stop should keep away from.
    """

    rule: Rule
    about: str
    opened: int
    since: int
    lat: float
    lon: float
    trip: str = ""
    value: float = 0.0
    near: str = ""
    near_m: float | None = None


class Turn(msgspec.Struct):
    """A fact that holds at ``time``, or has ``ended`` then."""

    fact: Fact
    time: int
    ended: bool = False


class Way(msgspec.Struct):
    """What is remembered of one carrier between two positions."""

    last: Position | None = None
    odd: list[Position] = []
    inside: dict[str, int] = {}
    off_since: int | None = None
    off_at: Point = (0.0, 0.0)
    off_most_m: float = 0.0
    rest_since: int | None = None
    rest_at: Point = (0.0, 0.0)
    unknown_since: int | None = None
    trip: str = ""
    holding: dict[str, Fact] = {}


def holds(way: Way, fact: Fact, time_ms: int) -> list[Turn]:
    """It holds at ``time_ms``: where and when it began stay as they were first seen."""
    known = way.holding.get(key(fact.rule, fact.about))
    if known is not None:
        most = max(known.value, fact.value) if fact.rule == "jump" else fact.value
        known.value, known.near, known.near_m = most, fact.near, fact.near_m
        fact = known
    way.holding[key(fact.rule, fact.about)] = fact
    return [Turn(fact, max(time_ms, fact.opened))]


def ends(way: Way, rule: Rule, about: str, time_ms: int) -> list[Turn]:
    """It holds no longer; nothing if it did not."""
    fact = way.holding.pop(key(rule, about), None)
    return [] if fact is None else [Turn(fact, max(time_ms, fact.opened), True)]


def held(way: Way, rule: Rule, about: str = "") -> Fact | None:
    """The fact as it holds now."""
    return way.holding.get(key(rule, about))


def key(rule: str, about: str) -> str:
    """What a fact is called in ``Way.holding``."""
    return f"{rule} {about}"
