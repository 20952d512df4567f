"""A value that stays the same for hours while the plant runs (inspection guide of 2012, section 7: a fixed value)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from detectors.base import SlotArray
from detectors.integrity.base import Measure, Rule
from detectors.integrity.outlet import HOUR_MS, Known, Outlet, Track
from topics.finding import Text

#: Hours without valid values after which the same value again may be another measurement.
HOLE_H = 4


@dataclass(frozen=True)
class ConstantValue(Rule):
    """The longest run of identical values, half of its time there and valid, in multiples of what is usual here (at
    least ``usual_h`` hours).

    Analysers that measure in batches repeat their value for two hours, which is usual for them. What is not above
    the detection limit and what comes from a plant at rest says nothing.
    """

    name = "constant_value"
    title = Text(zh="数据恒定", en="constant value")
    threshold: float = 5.0
    usual_h: float = 1.0

    def measure(self, outlet: Outlet) -> Iterator[Measure]:
        for quantity, known, track in outlet.of_role("pollutant", "flow", "oxygen"):
            floor = max(known.detection_limit or 0.0, known.span[0])
            good = track.valid & outlet.running(track) & (track.value > floor + 1.01 * known.resolution)
            rows = np.flatnonzero(good)
            if len(rows) < 2:
                continue
            since = outlet.place(outlet.start_ms, track.step_ms)
            begin, end = same_runs(track, rows)
            dense = np.cumsum(good)[end] - np.cumsum(good)[begin] >= 0.5 * (end - begin)
            hours = np.where(dense, (end - begin) * track.step_ms / HOUR_MS, 0.0)
            usual = max(self.usual_h, _usual_longest(end, hours, since, 24 * track.per_hour))
            now = end >= since
            if not now.any():
                continue
            worst = int(np.argmax(np.where(now, hours, 0.0)))
            value = float(track.value[begin[worst]])
            yield Measure(
                quantity,
                float(hours[worst] / usual),
                (track.series,),
                outlet.time(int(begin[worst]), track.step_ms),
                outlet.time(int(end[worst]) + 1, track.step_ms),
                {"hours": float(hours[worst]), "usual_hours": usual, "value": value},
                value=value,
            )

    def say(self, measure: Measure, known: Known) -> Text:
        hours, usual = measure.statistics["hours"], measure.statistics["usual_hours"]
        value = f"{measure.statistics['value']:g} {known.unit}"
        return Text(
            zh=f"连续 {hours:.1f} 小时恒为 {value}，该点位通常不超过 {usual:.1f} 小时",
            en=f"exactly {value} for {hours:.1f} h, where up to {usual:.1f} h is usual",
        )


def same_runs(track: Track, rows: SlotArray) -> tuple[SlotArray, SlotArray]:
    """First and last row of each run of equal values among ``rows``; a hole of more than ``HOLE_H`` ends a run."""
    value = track.value[rows]
    breaks = (np.abs(np.diff(value)) > 1e-9) | (np.diff(rows) > HOLE_H * track.per_hour)
    heads = np.concatenate(([0], np.flatnonzero(breaks) + 1))
    tails = np.concatenate((heads[1:] - 1, [len(rows) - 1]))
    return rows[heads], rows[tails]


def _usual_longest(
    end: SlotArray, hours: "np.ndarray[tuple[int], np.dtype[np.float64]]", since: int, day: int
) -> float:
    """The median over the days before of each day's longest run; 0.0 without such days."""
    days = [hours[(end >= first) & (end < first + day)] for first in range(since % day, since, day)]
    found = [float(each.max()) for each in days if len(each)]
    return float(np.median(found)) if found else 0.0
