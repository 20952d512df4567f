"""Hour of the day: the value against what this series usually is at this hour of the city's day.

A table of 24 means and spreads for each series, with guarded steps. Silent before two days have been seen.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from detectors.base import Detector, FloatArray, Rows, Scores, State, Write, learnt
from detectors.guarded_learning import taught

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
#: Mean absolute deviation to standard deviation of a normal.
TO_SPREAD = 1.25


@dataclass(frozen=True)
class HourOfDay(Detector):
    """``score`` = |x - mean of the hour| / spread of the hour, from 0. ``expected`` is that mean.

    ``day_share``: how much of the table one day's hour replaces; ``ready_days``: days a series must have been
    seen; ``ready_rows``: values seen in this very hour; ``utc_offset_h``: the city's zone (China has had no
    summer time since 1991). ``follow_share``: where a shift has lasted so long that it is the new normal, how much of
    the distance one value moves the *whole* day by: its level has changed, not one hour, and a table that learnt hour
    by hour would call it odd for a week.
    """

    name: ClassVar[str] = "hour_of_day"
    family: ClassVar[str] = "anomaly"
    day_share: float = 0.2
    ready_days: float = 2
    ready_rows: float = 10
    utc_offset_h: float = 8
    follow_share: float = 0.1

    def state(self, n: int) -> State:
        table = {name: np.zeros((24, n)) for name in ("mean", "spread", "values")}
        return {**table, "first": np.full(n, np.inf)}

    def update(self, rows: Rows, state: State) -> Scores:
        line, where = self._place(rows)
        mean, spread, values = (_at(state[name], line, where) for name in ("mean", "spread", "values"))
        first = state["first"][where]
        per_hour = np.maximum(HOUR_MS / rows.interval_ms, 1.0)
        off = rows.x - mean
        usual = np.maximum(TO_SPREAD * spread, rows.resolution)
        # Where an hour has few values (hourly means), two days' worth of them must do.
        least = np.minimum(self.ready_rows, 2.0 * per_hour)
        known = values >= least
        ready = rows.mask & known & (rows.t - first >= self.ready_days * DAY_MS)
        score = np.where(ready, np.abs(off) / usual, np.nan)
        guarded = taught(off, usual, rows.forced)
        # The plain mean of the first hour's worth of values, from then on a slow one.
        most = np.ceil(np.maximum(least, per_hour))
        full = values >= most
        if full.all():
            weight, step, width = self.day_share / per_hour, guarded, np.abs(guarded)
        else:
            weight = np.where(full, self.day_share / per_hour, 1.0 / (values + 1.0))
            step = np.where(known, guarded, off)
            width = np.where(values > 0, np.abs(step), 0.0)  # the first value has no mean to be off from
        new = mean + weight * step
        wide = spread + weight * (width - spread)
        index: Any = (line, where)
        writes: list[Write] = [
            ("mean", index, learnt(rows.learn, new, mean)),
            ("spread", index, learnt(rows.learn, wide, spread)),
        ]
        if rows.forced is not None:
            writes.append(self._whole_day(rows, off, state))
        if not full.all():
            writes.append(("values", index, np.where(full, values, values + rows.learn)))
        if not np.isfinite(first).all():
            writes.append(("first", where, np.where(rows.mask & ~np.isfinite(first), rows.t, first)))
        return Scores(score, ready, mean.copy(), tuple(writes))

    def _whole_day(self, rows: Rows, off: FloatArray, state: State) -> Write:
        assert rows.forced is not None
        slots = rows.part(np.flatnonzero(rows.forced)).slots
        return "mean", (slice(None), slots), state["mean"][:, slots] + self.follow_share * off[rows.forced]

    def _place(self, rows: Rows) -> tuple[Any, Any]:
        """Line and place in the table: one line where all rows lie within one hour, as they nearly always do."""
        shift = int(self.utc_offset_h * HOUR_MS)
        if (rows.first_t + shift) // HOUR_MS == (rows.last_t + shift) // HOUR_MS:
            return ((rows.first_t + shift) // HOUR_MS) % 24, rows.slots
        slots = np.arange(rows.slots.start, rows.slots.stop) if isinstance(rows.slots, slice) else rows.slots
        return ((rows.t + shift) // HOUR_MS) % 24, slots


def _at(table: FloatArray, line: Any, where: Any) -> FloatArray:
    found: FloatArray = table[line][where] if isinstance(line, int) else table[line, where]
    return found
