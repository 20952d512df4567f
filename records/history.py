"""The history: what was measured, asked by series and event time. Plots, evidence and backtests read it.

The one implementation that keeps anything is ``streams/history.py`` (Parquet and DuckDB);
``ListHistory`` below serves tests and shows what the protocol means.
"""

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from topics.raw_frame import RawFrame
from topics.reading import Reading


class Point(NamedTuple):
    """One value of a series: event time in ms UTC, the value in the series' unit (None = no value
    came), and the HJ 212 data flag.
    """

    time: int
    value: float | None
    flag: str


class History(Protocol):
    """Read access to what was measured."""

    def range(self, series: str, start_ms: int, end_ms: int) -> list[Point]:
        """The points with ``start_ms <= time < end_ms`` in the order of time, each record once.

        An unknown series or an empty span gives an empty list. Where a device sent two readings for
        one time, both are there, in the order they arrived in.
        """

    def frames(self, device: str, start_ms: int, end_ms: int, most: int) -> list[RawFrame]:
        """The frames whose values a device (MN) says to be of ``start_ms <= time < end_ms``, as they came and in the
        order they came in, at most so many.
        """


class ListHistory:
    """A history in memory."""

    def __init__(self, readings: Iterable[Reading] = (), frames: Iterable[RawFrame] = ()) -> None:
        self._points: dict[str, list[Point]] = {}
        self._frames = list(frames)
        for reading in readings:
            self.add(reading)

    def add(self, reading: Reading) -> None:
        """Keep one more reading."""
        points = self._points.setdefault(reading.series, [])
        points.append(Point(reading.time, reading.value, reading.flag))
        points.sort(key=lambda point: point.time)

    def range(self, series: str, start_ms: int, end_ms: int) -> list[Point]:
        return [point for point in self._points.get(series, []) if start_ms <= point.time < end_ms]

    def frames(self, device: str, start_ms: int, end_ms: int, most: int) -> list[RawFrame]:
        found = [each for each in self._frames if each.device == device and start_ms <= each.time < end_ms]
        return sorted(found, key=lambda each: each.received)[:most]
