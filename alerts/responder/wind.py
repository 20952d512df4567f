"""The wind at a point and moment: the mean of the last minutes told by the nearest station that has any.

A direction is where the wind comes from, in degrees clockwise from true north, as HJ 212's a01008 and weather stations
have it; what lies downwind is on the other side.
"""

import math
from typing import Literal

import msgspec

from alerts.city import City
from alerts.responder.reference import CardTerms, metres
from records.history import History
from records.wind_mean import Told, wind_mean
from topics.finding import Text

#: So many stations are asked, the nearest first.
MOST_STATIONS = 4
#: HJ 212's flag of a valid value; a reading without one is taken as it is.
VALID = ("", "N")
#: A speed goes with a direction that was told at most so long before or after it (ms).
TOGETHER_MS = 600_000
MINUTE_MS = 60_000

#: The eight points from which a wind is named, clockwise from north.
POINTS = (
    Text("北", "North"), Text("东北", "North-east"), Text("东", "East"), Text("东南", "South-east"),
    Text("南", "South"), Text("西南", "South-west"), Text("西", "West"), Text("西北", "North-west"),
)  # fmt: skip


class Wind(msgspec.Struct, frozen=True):
    """``from_deg``: where it comes from, degrees from north, in [0, 360), and ``point`` in words; ``speed_ms`` ``None``
    where only the direction is known. ``calm``: so little that a vane says nothing; ``variable``: from so many sides
    that the mean says nothing. ``time`` is the newest reading's, ms UTC. It is the mean of the ``of_minutes`` up to
    there, in ``minutes`` of which something was told, with the ``spread_deg`` of ``records/wind_mean.py``;
    ``mean_source`` says by which rule, and ``mean_confirmed`` whether that was checked.
    """

    from_deg: float
    point: Text
    speed_ms: float | None
    calm: bool
    time: int
    site: str
    title: Text
    away_m: float
    minutes: int
    of_minutes: int
    spread_deg: float | None
    variable: bool
    mean_source: str
    mean_confirmed: bool

    @property
    def downwind_from(self) -> float | None:
        """The direction by which it is said what lies downwind; ``None`` where a calm or variable wind says nothing."""
        return None if self.calm or self.variable else self.from_deg


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
        newest = max(told)
        last = {time: degrees for time, degrees in told.items() if time > newest - 1000 * terms.wind_mean_s}
        speeds = _speeds(history, f"{site}/{device}/{terms.wind_speed}", min(last), time_ms) if terms.wind_speed else {}
        mean = wind_mean([Told(degrees, _nearest(speeds, time)) for time, degrees in last.items()])
        return Wind(
            mean.from_deg,
            POINTS[round(mean.from_deg / 45) % 8],
            mean.speed_ms,
            mean.speed_ms is not None and mean.speed_ms < terms.calm_below_ms,
            newest,
            site,
            city.site_title(site),
            away,
            len({(newest - time) // MINUTE_MS for time in last}),
            max(1, round(1000 * terms.wind_mean_s / MINUTE_MS)),
            mean.spread_deg,
            mean.spread_deg is not None and mean.spread_deg > terms.wind_variable_deg,
            terms.wind_mean_source or terms.source,
            terms.wind_mean_confirmed,
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


def _speeds(history: History, kind: str, first_ms: int, until_ms: int) -> dict[int, float]:
    """The speeds that may go with directions from ``first_ms`` on; none of after the moment asked for."""
    return _valid(history, kind, first_ms - TOGETHER_MS, until_ms, math.inf)


def _nearest(speeds: dict[int, float], time_ms: int) -> float | None:
    """The speed told nearest to the moment of a direction, if that is near enough."""
    if time_ms in speeds:
        return speeds[time_ms]
    told = min(speeds, key=lambda time: abs(time - time_ms), default=None)
    return speeds[told] if told is not None and abs(told - time_ms) <= TOGETHER_MS else None


def _valid(history: History, kind: str, since_ms: int, until_ms: int, most: float) -> dict[int, float]:
    """Live readings of since to until, both included, by time, that are from 0 to ``most`` and not marked as wrong; of
    two of one time the one that came last.
    """
    points = history.range(f"{kind}/Rtd", since_ms, until_ms + 1)
    return {
        point.time: point.value
        for point in points
        if point.value is not None and 0 <= point.value <= most and point.flag in VALID
    }
