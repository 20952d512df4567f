"""The wind at a point and moment: the newest reading of direction at the nearest station that has one."""

from typing import Literal

import msgspec

from alerts.city import City
from alerts.responder.reference import CardTerms, metres
from records.history import History, Point
from topics.finding import Text

#: So many stations are asked, the nearest first.
MOST_STATIONS = 4
#: HJ 212's flag of a valid value; a reading without one is taken as it is.
VALID = ("", "N")


class Wind(msgspec.Struct, frozen=True):
    """``from_deg``: where it comes from, degrees from north; ``speed_ms`` ``None`` where only the direction is known.
    ``time`` is the reading's, ms UTC.
    """

    from_deg: float
    speed_ms: float | None
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
        direction = _last(history, f"{site}/{device}/{terms.wind_direction}/Rtd", terms, time_ms)
        if direction is None or direction.value is None:
            continue
        speed = _last(history, f"{site}/{device}/{terms.wind_speed}/Rtd", terms, time_ms) if terms.wind_speed else None
        return Wind(
            direction.value % 360, speed.value if speed else None, direction.time, site, city.site_title(site), away
        )
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


def _last(history: History, series: str, terms: CardTerms, time_ms: int) -> Point | None:
    points = history.range(series, time_ms - int(1000 * terms.wind_age_s), time_ms + 1)
    valid = [point for point in points if point.value is not None and point.flag in VALID]
    return valid[-1] if valid else None
