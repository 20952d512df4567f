"""The readings around an alarm, with the limits that were in force on its day, as the story page draws them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from alerts.city import City
from alerts.views import finite, text_view
from records.history import History, Point
from topics.city_zone import CITY_ZONE
from topics.reading import SeriesId, parse_series
from topics.sources import source_text

#: How much is shown before the alarm opened and after it returned: as long as it lasted, within these.
SHORTEST_MARGIN_MS = 15 * 60 * 1000
LONGEST_MARGIN_MS = 24 * 3600 * 1000
MOST_POINTS = 2000
MOST_SERIES = 8


def plot(alarm: Mapping[str, Any], subjects: Sequence[str], history: History, city: City) -> dict[str, Any]:
    """The object of ``GET /api/alarms/{id}/readings``; ``alarm`` is a view of the interface."""
    end = alarm["returned"] or alarm["closed"] or max(city.time, alarm["updated"])
    margin = min(max(SHORTEST_MARGIN_MS, end - alarm["opened"]), LONGEST_MARGIN_MS)
    return {
        "opened": alarm["opened"],
        "closed": alarm["returned"] or alarm["closed"],
        "series": [
            _series(series, alarm, history.range(str(series), alarm["opened"] - margin, end + margin), city)
            for series in _series_of(alarm, subjects, city)[:MOST_SERIES]
        ],
    }


def _series_of(alarm: Mapping[str, Any], subjects: Sequence[str], city: City) -> list[SeriesId]:
    """The series the findings are about; where they are about a group or a yard, what the site measures of it."""
    named = [parsed for each in subjects if (parsed := _parsed(each)) is not None]
    if named:
        return named
    return [
        SeriesId(alarm["site"], device.id, alarm["quantity"], statistic)
        for device in city.registry.devices(alarm["site"])
        if alarm["quantity"] in device.quantities
        for statistic in device.quantities[alarm["quantity"]].statistics or ("Rtd",)
    ]


def _parsed(subject: str) -> SeriesId | None:
    try:
        return parse_series(subject)
    except ValueError:
        return None


def _series(series: SeriesId, alarm: Mapping[str, Any], points: list[Point], city: City) -> dict[str, Any]:
    quantity = city.quantity(alarm["domain"], series.quantity)
    device = city.registry.device(series.device)
    meta = device.quantities.get(series.quantity) if device is not None else None
    title = meta.title if meta is not None and meta.title is not None else None
    unit = (meta.unit if meta is not None else "") or (quantity.unit if quantity is not None else "")
    day = dt.datetime.fromtimestamp(alarm["opened"] / 1000, CITY_ZONE).date()
    return {
        "id": str(series),
        "title": text_view(title or city.quantity_title(alarm["domain"], series.quantity)),
        "unit": unit,
        "points": [[point.time, finite(point.value), point.flag] for point in thinned(points)],
        "limits": [
            {
                "level": limit.level,
                "side": limit.side,
                "value": limit.value,
                "severity": limit.severity,
                "standard": limit.standard,
                "standard_text": text_view(source_text(limit.standard)),
                "source": limit.source,
                "source_text": text_view(source_text(limit.source)),
                "confirmed": limit.confirmed,
            }
            for limit in (quantity.limits if quantity is not None else ())
            if limit.statistic == series.statistic and limit.in_force(day)
        ],
    }


def thinned(points: list[Point]) -> list[Point]:
    """At most ``MOST_POINTS``: of each run of neighbours the lowest and the highest stay, so no peak is lost."""
    if len(points) <= MOST_POINTS:
        return points
    run = -(-2 * len(points) // MOST_POINTS)
    kept: list[Point] = []
    for start in range(0, len(points), run):
        part = points[start : start + run]
        valued = [point for point in part if finite(point.value) is not None] or part[:1]
        ends = {valued.index(edge) for edge in (min(valued, key=_value), max(valued, key=_value))}
        kept += [valued[place] for place in sorted(ends)]
    return kept


def _value(point: Point) -> float:
    return point.value if point.value is not None else 0.0
