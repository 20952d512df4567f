"""Readings and marks as files: CSV for people, Parquet for programs. Pure."""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import pyarrow as pa
import pyarrow.parquet as pq

from records.history import Point
from topics.city_zone import CITY_ZONE


@lru_cache(maxsize=8192)  # the series of a pack have their minutes in common
def clock(time_ms: int) -> str:
    """Event time as the city reads it, to the millisecond where it has any."""
    moment = dt.datetime.fromtimestamp(time_ms / 1000, CITY_ZONE)
    return moment.strftime("%Y-%m-%d %H:%M:%S") + (f".{time_ms % 1000:03d}" if time_ms % 1000 else "")


def readings_csv(series: Mapping[str, Sequence[Point]]) -> bytes:
    """series, time (ms UTC), the same in the city's zone, value (empty = none came), data flag."""
    rows = ((name, point.time, clock(point.time), point.value, point.flag) for name in series for point in series[name])
    return _csv(("series", "time_ms_utc", "time_city", "value", "flag"), rows)


def readings_parquet(series: Mapping[str, Sequence[Point]]) -> bytes:
    """The same without the second time."""
    table = pa.table(
        {
            "series": pa.array([name for name in series for _ in series[name]], pa.string()),
            "time": pa.array([point.time for name in series for point in series[name]], pa.int64()),
            "value": pa.array([point.value for name in series for point in series[name]], pa.float64()),
            "flag": pa.array([point.flag for name in series for point in series[name]], pa.string()),
        }
    )
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd")
    return out.getvalue()


def marks_csv(series: Mapping[str, Sequence[Point]]) -> bytes:
    """Each stretch of readings under one data flag other than N (HJ 212-2017, table 8)."""
    rows = []
    for name, points in series.items():
        begun = 0
        for place in range(1, len(points) + 1):
            if place < len(points) and points[place].flag == points[begun].flag:
                continue
            if points[begun].flag != "N":
                first, last = points[begun].time, points[place - 1].time
                rows.append((name, points[begun].flag, clock(first), clock(last), place - begun))
            begun = place
    return _csv(("series", "flag", "first_city", "last_city", "readings"), rows)


def _csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return ("\ufeff" + out.getvalue()).encode()  # the mark by which a spreadsheet knows UTF-8
