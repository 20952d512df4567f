"""Areas where goods may not go: in and out with the time of the crossing, roads passed between two positions. Pure."""

from records.carriage.ground import Ground
from records.carriage.surroundings import Surroundings, classes_of
from records.carriage.way import Fact, Turn, Way, ends, held, holds
from topics.city_zone import DAY_MS, ZONE_MS
from topics.positions import Position


def in_areas(way: Way, last: Position | None, now: Position, by: Surroundings, turns: list[Turn]) -> None:
    """Which forbidden areas it is in, has left, or has gone through since its last position."""
    ground, terms = by.ground, by.terms
    inside = ground.inside(now.lat, now.lon, way.inside, terms.margin_m)
    minute = _minute(now.time)
    before = set(way.inside)
    if last is not None and now.time - last.time > terms.silence_s * 1000:
        last = None  # nobody knows which way it went meanwhile
    for name in sorted(before - inside):
        _left(way, name, last, now, by, turns)
    for name in sorted(inside):
        area = ground.areas[name]
        if name not in way.inside:
            way.inside[name] = _entered(name, last, now, ground)
        opened = way.inside[name] + round(area.least_s * 1000)
        if not (area.forbids(classes_of(now, by)) and area.at_hour(minute)):
            turns += ends(way, "forbidden-area", name, now.time)
        elif now.time >= opened:
            if not area.at_hour(_minute(opened)):
                opened = now.time  # it was inside before the hour began
            fact = Fact("forbidden-area", name, opened, way.inside[name], now.lat, now.lon, way.trip)
            fact.value = round((now.time - way.inside[name]) / 1000, 1)
            turns += holds(way, fact, now.time)
    if last is not None:
        _passed(way, last, now, by, inside | before, minute, turns)


def _entered(name: str, last: Position | None, now: Position, ground: Ground) -> int:
    """When it came in, on the straight way from its last position."""
    if last is None:
        return now.time
    crossing = ground.through(name, (last.lat, last.lon), (now.lat, now.lon))
    return last.time + round((now.time - last.time) * crossing[0]) if crossing else now.time


def _left(way: Way, name: str, last: Position | None, now: Position, by: Surroundings, turns: list[Turn]) -> None:
    since = way.inside.pop(name)
    crossing = by.ground.through(name, (last.lat, last.lon), (now.lat, now.lon)) if last is not None else None
    at = last.time + round((now.time - last.time) * crossing[1]) if last is not None and crossing else now.time
    known = held(way, "forbidden-area", name)
    if known is not None:
        known.value = round((at - since) / 1000, 1)
        turns += ends(way, "forbidden-area", name, at)


def _passed(
    way: Way, last: Position, now: Position, by: Surroundings, known: set[str], minute: int, turns: list[Turn]
) -> None:
    """Roads and tunnels it went along between two positions, where a receiver has no fix anyway."""
    first, then = (last.lat, last.lon), (now.lat, now.lon)
    for name in by.ground.crossed(first, then):
        area = by.ground.areas[name]
        if not area.width_m or name in known or not area.forbids(classes_of(now, by)):
            continue
        crossing = by.ground.through(name, first, then)
        if crossing is None or crossing[2] < max(by.terms.margin_m, 2 * area.width_m) or not area.at_hour(minute):
            continue  # to cross a road is not to go along it
        span = now.time - last.time
        begun, ended = last.time + round(span * crossing[0]), last.time + round(span * crossing[1])
        if ended - begun < area.least_s * 1000:
            continue
        opened = begun + round(area.least_s * 1000)
        fact = Fact("forbidden-area", name, opened, begun, now.lat, now.lon, way.trip, round((ended - begun) / 1000, 1))
        turns += [Turn(fact, opened), Turn(fact, ended, True)]


def _minute(time_ms: int) -> int:
    """The minute of the city's day."""
    return (time_ms + ZONE_MS) % DAY_MS // 60_000
