"""A carrier's way, folded position by position in the order of event time into what holds of it. Pure.

``step`` takes one position; what begins, goes on or ends because of it comes back as turns. The state holds no shape
and no rule, only what has been seen, so that it can be kept and taken up again.
"""

from records.carriage.areas import in_areas
from records.carriage.distance import distance_m
from records.carriage.movement import at_rest, on_route, under_waybill
from records.carriage.surroundings import Surroundings
from records.carriage.terms import CarriageTerms
from records.carriage.way import Fact, Rule, Turn, Way, ends, holds
from topics.positions import Position


def step(way: Way, now: Position, by: Surroundings) -> list[Turn]:
    """Take the next position in time. The same or an earlier time than the last one changes nothing."""
    last = way.last
    if last is not None and now.time <= last.time:
        return []
    turns: list[Turn] = []
    if last is not None and not _plausible(last, now, by.terms):
        way.odd.append(now)
        if not _agree(way.odd, by.terms):
            fact = Fact("jump", "", now.time, last.time, last.lat, last.lon, way.trip, round(_kmh(last, now), 1))
            return holds(way, fact, now.time)
        _moved_elsewhere(way, now.time, turns)
        last = None
    way.odd = []
    turns += ends(way, "jump", "", now.time)
    trip = by.waybill.id if by.waybill is not None else ""
    if trip != way.trip:
        turns += ends(way, "deviation", "", now.time)
        way.off_since, way.trip = None, trip
    in_areas(way, last, now, by, turns)
    on_route(way, now, by, turns)
    at_rest(way, now, by, turns)
    under_waybill(way, now, by, turns)
    way.last = now
    return turns


def finish(way: Way, time_ms: int) -> list[Turn]:
    """The trip is over: what was said of it ends."""
    turns = [Turn(fact, max(time_ms, fact.opened), True) for _, fact in sorted(way.holding.items())]
    way.holding, way.off_since, way.rest_since, way.unknown_since, way.trip = {}, None, None, None, ""
    return turns


def _plausible(last: Position, now: Position, terms: CarriageTerms) -> bool:
    away = distance_m((last.lat, last.lon), (now.lat, now.lon))
    fastest = terms.jump_ship_kmh if now.kind == "ship" else terms.jump_kmh
    return away < terms.jump_m or _kmh(last, now) <= fastest


def _kmh(last: Position, now: Position) -> float:
    return distance_m((last.lat, last.lon), (now.lat, now.lon)) / (now.time - last.time) * 3600.0


def _agree(odd: list[Position], terms: CarriageTerms) -> bool:
    """Whether the last of them say the same new place; one that does not begins the count anew."""
    if len(odd) > 1 and not _plausible(odd[-2], odd[-1], terms):
        del odd[:-1]
    return len(odd) >= terms.agree


def _moved_elsewhere(way: Way, time_ms: int, turns: list[Turn]) -> None:
    """It is believed to be elsewhere: nothing that was begun at the old place goes on."""
    rules: tuple[Rule, ...] = ("deviation", "stop")
    for rule in rules:
        turns += ends(way, rule, "", time_ms)
    for name in sorted(way.inside):
        turns += ends(way, "forbidden-area", name, time_ms)
    way.inside, way.off_since, way.rest_since = {}, None, None
