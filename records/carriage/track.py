"""A carrier's track as it is kept: points in the order of time, thinned out where they say nothing new. Pure."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from records.carriage.distance import distance_m
from topics.positions import Position

HOUR_MS = 3_600_000

#: A point is kept so long (ms) after the one before if it has moved so far (m), and anyway after the longest time.
EVERY_MS, MOVED_M, LONGEST_MS = 20_000, 20.0, 300_000

#: Time (ms UTC), latitude, longitude, km/h, degrees.
Point = tuple[int, float, float, float | None, float | None]


def point_of(position: Position) -> Point:
    """What of a position is kept."""
    return position.time, position.lat, position.lon, position.speed_kmh, position.heading_deg


def merged(known: Iterable[Sequence[float | None]], more: Iterable[Point]) -> list[Point]:
    """Both in the order of time, one for each moment, thinned out; first and last always stand."""
    by_time: dict[int, Point] = {}
    for each in (*known, *more):
        time, lat, lon, speed, heading = each
        by_time.setdefault(int(time or 0), (int(time or 0), float(lat or 0), float(lon or 0), speed, heading))
    rows = [by_time[time] for time in sorted(by_time)]
    kept: list[Point] = []
    for place, row in enumerate(rows):
        if not kept or place == len(rows) - 1 or _says_more(kept[-1], row):
            kept.append(row)
    return kept


def believed(points: Iterable[Point], fastest_kmh: float, least_m: float, agree: int) -> list[Point]:
    """The points without those that no vehicle could have reached from the ones before, as the watch believes them:
    a new place counts once so many points in a row agree on it.
    """
    kept: list[Point] = []
    odd: list[Point] = []
    for row in points:
        if not kept or _reached(kept[-1], row, fastest_kmh, least_m):
            kept.append(row)
            odd = []
            continue
        if odd and not _reached(odd[-1], row, fastest_kmh, least_m):
            odd = []
        odd.append(row)
        if len(odd) >= agree:
            kept += odd
            odd = []
    return kept


def hours(positions: Iterable[Position]) -> dict[int, list[Point]]:
    """Points by the hour they lie in (its first millisecond)."""
    rows = sorted(point_of(each) for each in positions if each.located)
    return {hour: list(group) for hour, group in groupby(rows, key=lambda row: row[0] - row[0] % HOUR_MS)}


def _says_more(last: Point, now: Point) -> bool:
    apart = now[0] - last[0]
    if apart >= LONGEST_MS:
        return True
    return apart >= EVERY_MS and distance_m((last[1], last[2]), (now[1], now[2])) >= MOVED_M


def _reached(last: Point, now: Point, fastest_kmh: float, least_m: float) -> bool:
    away = distance_m((last[1], last[2]), (now[1], now[2]))
    return away < least_m or away / max(1, now[0] - last[0]) * 3600.0 <= fastest_kmh
