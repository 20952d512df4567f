"""From a site's rows, the registry and the pack to the outlets that the rules look at. Pure."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from detectors.integrity.outlet import HOUR_MS, MINUTE_MS, Hours, Known, Outlet, Track
from detectors.integrity.pack_facts import IntegrityFacts
from detectors.rules.limits import CITY
from records.registry import Registry, SeriesMeta
from records.series_unit import series_unit
from streams.integrity.day_rows import SeriesRows
from topics.domain import Domain, Limit, Quantity
from topics.finding import Text
from topics.reading import SeriesId, parse_series

BOUNDS = ("Min", "Avg", "Max", "Cou")

#: Live statistics; that at reference oxygen is what limits of stacks are on.
LIVE = ("Rtd", "ZsRtd")

SHORT_MEANS = {"Avg": "Rtd", "ZsAvg": "ZsRtd"}

#: Roles that one device measures for all devices of its site.
SHARED = ("production-power", "treatment-power")


def outlets_of(
    site: str,
    rows: Iterable[SeriesRows],
    domain: Domain,
    facts: IntegrityFacts,
    registry: Registry,
    span: tuple[int, int, int],
) -> list[Outlet]:
    """The site's devices that measure a pollutant, in the order of their ids. ``span``: what is seen from, what is
    judged from, and the end (ms UTC, whole hours). Power meters of the site count for each of its outlets.
    """
    back, start, end = span
    tracks: dict[str, dict[tuple[str, str], Track]] = {}
    hours: dict[str, dict[str, Hours]] = {}
    for each in rows:
        parts = parse_series(each.series)
        if parts.quantity not in facts.quantities:
            continue
        if parts.statistic in LIVE and each.period_ms == 0:
            tracks.setdefault(parts.device, {})[parts.quantity, parts.statistic] = track_of(each, back, end)
        elif parts.statistic in SHORT_MEANS and 0 < each.period_ms < HOUR_MS:
            # Where a logger sends no live values its short means stand for them.
            key = parts.quantity, SHORT_MEANS[parts.statistic]
            tracks.setdefault(parts.device, {}).setdefault(key, track_of(each, back, end, each.period_ms))
        elif parts.statistic in BOUNDS and each.period_ms == HOUR_MS:
            found = hours.setdefault(parts.device, {}).setdefault(parts.quantity, Hours({}, {}))
            _put_hours(found, each, parts.statistic, back, end)
    power = {
        key: track
        for of_device in tracks.values()
        for key, track in of_device.items()
        if facts.quantities[key[0]].role in SHARED
    }
    made = []
    for device in sorted(tracks):
        mine = power | tracks[device]
        known = {
            quantity: _known(domain, facts, registry, SeriesId(site, device, quantity, "Rtd"), mine, start)
            for quantity in sorted({quantity for quantity, _ in mine} | hours.get(device, {}).keys())
        }
        if any(each.role == "pollutant" for each in known.values()):
            made.append(Outlet(site, device, back, start, end, mine, hours.get(device, {}), known))
    return made


def linked(outlets: Iterable[Outlet], links: Mapping[str, str]) -> list[Outlet]:
    """The outlets, each with the one that the pack says lies below it."""
    every = list(outlets)
    by_device = {each.device: each for each in every}
    return [replace(each, below=by_device.get(links.get(each.device, ""))) for each in every]


def track_of(rows: SeriesRows, back: int, end: int, period: int = 0) -> Track:
    """A series on its own grid: its usual step in whole minutes; of two readings in one step the later one counts."""
    step = MINUTE_MS
    if len(rows.time) > 2:
        usual = float(np.median(np.diff(rows.time)))
        # Only steps that divide an hour, so that hours have whole numbers of rows.
        step = max(each for each in (1, 2, 3, 5, 10, 15, 20, 30, 60) if each == 1 or each * MINUTE_MS <= usual)
        step *= MINUTE_MS
    count = (end - back) // step
    place = (rows.time - period - back) // step
    inside = (place >= 0) & (place < count)
    value, flag = np.full(count, np.nan), np.full(count, "", "U1")
    value[place[inside]] = rows.value[inside]
    flag[place[inside]] = rows.flag[inside]
    return Track(rows.series, value, flag, step)


def _put_hours(found: Hours, rows: SeriesRows, statistic: str, back: int, end: int) -> None:
    count = (end - back) // HOUR_MS
    place = (rows.time - back) // HOUR_MS - 1  # the time of a period value is its end
    inside = (place >= 0) & (place < count)
    value = np.full(count, np.nan)
    value[place[inside]] = np.where(rows.flag[inside] == "N", rows.value[inside], np.nan)
    found.series[statistic], found.values[statistic] = rows.series, value


def _known(
    domain: Domain,
    facts: IntegrityFacts,
    registry: Registry,
    series: SeriesId,
    tracks: Mapping[tuple[str, str], Track],
    start_ms: int,
) -> Known:
    quantity, fact = domain.quantities[series.quantity], facts.quantities[series.quantity]
    record = registry.knows(str(series))
    meta = None if isinstance(record, str) else record.meta
    judged = "ZsRtd" if (series.quantity, "ZsRtd") in tracks else "Rtd"
    sensor_class = (meta.sensor_class if meta else None) or quantity.sensor_class
    limit = lowest_limit(quantity, judged, sensor_class, dt.datetime.fromtimestamp(start_ms / 1000, CITY).date())
    title = (meta.title if meta else None) or quantity.title
    if not isinstance(record, str):
        title = Text(f"{record.site.title.zh} {title.zh}", f"{record.site.title.en} {title.en}")
    return Known(
        fact.role,
        series_unit(quantity, meta or SeriesMeta())[0],
        title,
        quantity.span,
        quantity.resolution,
        fact.detection_limit,
        limit.value if limit else None,
        judged,
    )


def lowest_limit(quantity: Quantity, statistic: str, sensor_class: str, day: dt.date) -> Limit | None:
    """The lowest high limit in force on a live statistic, as the limit rules would choose it."""
    held = [
        each
        for each in quantity.limits
        if each.side == "high"
        and each.statistic == statistic
        and each.sensor_class in ("", sensor_class)
        and each.in_force(day)
    ]
    return min(held, key=lambda each: each.value, default=None)
