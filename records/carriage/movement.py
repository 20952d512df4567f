"""How a carrier moves: off its declared route, at rest where it should not be, without a waybill. Pure."""

from records.carriage.distance import distance_m
from records.carriage.surroundings import Surroundings, arrived, carries, classes_of
from records.carriage.way import Fact, Turn, Way, ends, held, holds
from topics.positions import Position


def on_route(way: Way, now: Position, by: Surroundings, turns: list[Turn]) -> None:
    """How far it is from its declared route, if it has one."""
    if by.course is None:
        return
    away = by.course.distance_m(now.lat, now.lon)
    known = held(way, "deviation")
    bound = by.terms.corridor_m * (by.terms.back_share if known is not None else 1.0)
    if away <= bound:
        way.off_since = None
        turns += ends(way, "deviation", "", now.time)
        return
    if way.off_since is None:
        way.off_since, way.off_at, way.off_most_m = now.time, (now.lat, now.lon), 0.0
    way.off_most_m = max(way.off_most_m, away)
    opened = way.off_since + round(by.terms.off_route_s * 1000)
    if now.time > opened or known is not None:
        fact = Fact("deviation", "", opened, way.off_since, *way.off_at, way.trip, round(way.off_most_m, 1))
        turns += holds(way, fact, now.time)


def at_rest(way: Way, now: Position, by: Surroundings, turns: list[Turn]) -> None:
    """Whether it stands, where it may not, for too long. Creeping within the radius is a stop that goes on."""
    terms, here = by.terms, (now.lat, now.lon)
    slow = now.speed_kmh is None or now.speed_kmh <= terms.stop_kmh
    known = held(way, "stop")
    if way.rest_since is not None and distance_m(way.rest_at, here) > terms.stop_radius_m:
        way.rest_since = None
    if not slow and known is None:
        way.rest_since = None
    elif way.rest_since is None and slow:
        way.rest_since, way.rest_at = now.time, here
    if way.rest_since is None or now.kind == "ship" or _may_rest(now, by):
        turns += ends(way, "stop", "", now.time)
        return
    opened = way.rest_since + round(terms.stop_s * 1000)
    if known is not None and known.since != way.rest_since:
        turns += ends(way, "stop", "", now.time)  # it has come to rest elsewhere already
    if now.time < opened:
        return
    stood = round((now.time - way.rest_since) / 1000, 1)
    fact = Fact("stop", "", opened, way.rest_since, *way.rest_at, way.trip, stood)
    wary = [name for name, area in by.ground.areas.items() if area.forbids(classes_of(now, by))]
    near = by.ground.nearest(*way.rest_at, wary, terms.near_m)
    if near is not None:
        fact.near, fact.near_m = near[0], round(near[1], 1)
    turns += holds(way, fact, now.time)


def _may_rest(now: Position, by: Surroundings) -> bool:
    """With nothing aboard, where vehicles may park, or at the end of its route."""
    if not carries(now, by.waybill) or arrived(now, by):
        return True
    parked = by.ground.inside(now.lat, now.lon)
    return any(by.ground.areas[name].rule == "parking" for name in parked)


def under_waybill(way: Way, now: Position, by: Surroundings, turns: list[Turn]) -> None:
    """Whether it carries goods that no waybill known is for."""
    wanted = bool(now.trip or now.containers or now.lots)
    if by.waybill is not None or not wanted:
        way.unknown_since = None
        turns += ends(way, "no-waybill", "", now.time)
        return
    if way.unknown_since is None:
        way.unknown_since = now.time
    opened = way.unknown_since + round(by.terms.no_waybill_s * 1000)
    if now.time >= opened:
        fact = Fact("no-waybill", "", opened, way.unknown_since, now.lat, now.lon, now.trip)
        turns += holds(way, fact, now.time)
