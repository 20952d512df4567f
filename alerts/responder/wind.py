"""The wind at a point and moment: the newest reading of direction at the nearest station that has one.

A direction is where the wind comes from, in degrees clockwise from true north, as HJ 212's a01008 and weather stations
have it; what lies downwind is on the other side.
"""

import math
from typing import Literal

import msgspec

from alerts.city import City
from alerts.responder.reference import CardTerms, metres
from records.history import History
from topics.finding import Text

#: So many stations are asked, the nearest first.
MOST_STATIONS = 4
#: HJ 212's flag of a valid value; a reading without one is taken as it is.
VALID = ("", "N")
#: A speed goes with a direction that was told at most so long before or after it (ms).
TOGETHER_MS = 600_000

#: The eight points from which a wind is named, clockwise from north.
POINTS = (
    Text("北", "North"), Text("东北", "North-east"), Text("东", "East"), Text("东南", "South-east"),
    Text("南", "South"), Text("西南", "South-west"), Text("西", "West"), Text("西北", "North-west"),
)  # fmt: skip


class Wind(msgspec.Struct, frozen=True):
    """``from_deg``: where it comes from, degrees from north, in [0, 360), and ``point`` in words; ``speed_ms`` ``None``
    where only the direction is known. ``calm``: so little that a vane says nothing, and nothing is said of downwind.
    ``time`` is the reading's, ms UTC.
    """

    from_deg: float
    point: Text
    speed_ms: float | None
    calm: bool
    time: int
    site: str
    title: Text
    away_m: float


#: Why nothing is known: no quantity or no station says it, or none has said it lately.
Unknown = Literal["no-station", "no-reading"]


def wind_at(city: City, history: History, terms: CardTerms, point: tuple[float, float], time_ms: int) -> Wind | Unknown:
    """The wind to reckon with at a point (latitude, longitude) and city time (ms UTC)."""
    stations = _stations(city, terms, point)
    if not stations:
        return "no-station"
    for away, site, device in stations[:MOST_STATIONS]:
        since = time_ms - int(1000 * terms.wind_age_s)
        told = _valid(history, f"{site}/{device}/{terms.wind_direction}", since, time_ms, 360.0)
        if not told:
            continue
        time, degrees = told[-1]
        speed = _speed(history, f"{site}/{device}/{terms.wind_speed}", time, time_ms) if terms.wind_speed else None
        calm = speed is not None and speed < terms.calm_below_ms
        title = city.site_title(site)
        return Wind(degrees % 360, POINTS[round(degrees / 45) % 8], speed, calm, time, site, title, away)
    return "no-reading"


def _stations(city: City, terms: CardTerms, point: tuple[float, float]) -> list[tuple[float, str, str]]:
    """Devices that measure the direction, with how far away (m) and at which site, the nearest first."""
    found = []
    for device in city.registry.devices() if terms.wind_direction else ():
        site = city.registry.site(device.site)
        if site is None or device.retired or terms.wind_direction not in device.quantities:
            continue
        east, north = metres((site.lat, site.lon), point)
        away = (east * east + north * north) ** 0.5
        if away <= 1000 * terms.wind_within_km:
            found.append((round(away), site.id, device.id))
    return sorted(found)


def _speed(history: History, kind: str, time_ms: int, until_ms: int) -> float | None:
    """The speed told nearest to the moment of a direction; none of after the moment asked for."""
    told = _valid(history, kind, time_ms - TOGETHER_MS, min(until_ms, time_ms + TOGETHER_MS), math.inf)
    return min(told, key=lambda each: abs(each[0] - time_ms))[1] if told else None


def _valid(history: History, kind: str, since_ms: int, until_ms: int, most: float) -> list[tuple[int, float]]:
    """Live readings of since to until, both included, that are from 0 to ``most`` and not marked as wrong."""
    points = history.range(f"{kind}/Rtd", since_ms, until_ms + 1)
    return [
        (point.time, point.value)
        for point in points
        if point.value is not None and 0 <= point.value <= most and point.flag in VALID
    ]
