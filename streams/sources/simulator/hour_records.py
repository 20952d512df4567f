"""The hour records of a logger (HJ 212, CN 2061): made of its live values, some tampered with. Pure."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from streams.sources.simulator.city import Series
from streams.sources.simulator.script_lines import HourRecords, ScriptLine, ms

HOUR_MS = 3_600_000

#: From the end of an hour to its record: loggers send it within the next minutes. No live value has this millisecond.
AFTER_MS = 60_007

#: The live values of a series in [start, end), as they were sent.
Live = Callable[[Series, int, int], Sequence[float]]


@dataclass(frozen=True, slots=True)
class HourRecord:
    """What a logger says of one hour: ``start`` is its beginning, ``sent`` when it says so (both ms UTC)."""

    series: Series
    start: int
    sent: int
    low: float
    mean: float
    high: float

    @property
    def statistics(self) -> dict[str, float]:
        """By the names that HJ 212 has for them."""
        return {"Min": self.low, "Avg": self.mean, "Max": self.high}


class Records:
    """All hour records of a script, to be asked for by spans of city time."""

    def __init__(self, lines: Sequence[ScriptLine], series: Sequence[Series], live: Live) -> None:
        self._live = live
        due = [each for line in lines if isinstance(line, HourRecords) for each in _due(line, series)]
        self._due = sorted(due, key=lambda each: (each[0], each[1].id))
        self._sent = [each[0] for each in self._due]

    def sent_in(self, start_ms: int, end_ms: int) -> list[HourRecord]:
        """Those sent in [start, end); an hour of which nothing was sent has none."""
        due = self._due[bisect_left(self._sent, start_ms) : bisect_left(self._sent, end_ms)]
        return [record for each in due if (record := self._made(*each)) is not None]

    def _made(self, sent: int, series: Series, start: int, mean_by: float) -> HourRecord | None:
        values = np.asarray(self._live(series, start, start + HOUR_MS), np.float64)
        if not values.size:
            return None
        step = series.signal.step
        mean = round(round(float(values.mean()) * mean_by / step) * step, 6)
        return HourRecord(series, start, sent, float(values.min()), mean, float(values.max()))


def _due(line: HourRecords, series: Sequence[Series]) -> Iterator[tuple[int, Series, int, float]]:
    """When each record of a line is sent, of which series and hour, and what its mean is multiplied by."""
    wanted = [
        each for each in series if (each.site, each.quantity, each.statistic) == (line.site, line.quantity, "Rtd")
    ]
    tampered = {ms(each) for each in line.tampered}
    for start in range(ms(line.start), ms(line.end), HOUR_MS):
        for each in wanted:
            yield start + HOUR_MS + AFTER_MS, each, start, line.mean_by if start in tampered else 1.0
