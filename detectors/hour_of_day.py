"""Hour of the day: the value against what this series usually is at this hour of the city's day.

A table of 24 means and spreads for each series, with clipped steps. Silent before two days have been seen.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.base import Detector, Rows, Scores, State

CLIP = 4.0
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


@dataclass(frozen=True)
class HourOfDay(Detector):
    """``score`` = |x - mean of the hour| / spread of the hour, from 0. ``expected`` is that mean.

    ``alpha``: weight of a new value; ``ready_days``: days a series must have been seen; ``ready_rows``: values
    seen in this very hour; ``utc_offset_h``: the city's zone (China has had no summer time since 1991).
    """

    name: ClassVar[str] = "hour_of_day"
    family: ClassVar[str] = "anomaly"
    alpha: float = 0.02
    ready_days: float = 2
    ready_rows: float = 10
    utc_offset_h: float = 8

    def state(self, n: int) -> State:
        return {
            "mean": np.zeros((24, n)),
            "spread": np.zeros((24, n)),
            "values": np.zeros((24, n)),
            "first": np.full(n, np.nan),
        }

    def update(self, rows: Rows, state: State) -> Scores:
        slots = np.arange(rows.slots.start, rows.slots.stop) if isinstance(rows.slots, slice) else rows.slots
        hour = ((rows.t + int(self.utc_offset_h * HOUR_MS)) // HOUR_MS) % 24
        place = (hour, slots)
        mean, spread, values = (state[name][place] for name in ("mean", "spread", "values"))
        first = state["first"][slots]
        begun = np.where(np.isnan(first) & rows.mask, rows.t, first)
        off = rows.x - mean
        usual = np.maximum(1.25 * spread, rows.resolution)  # mean absolute deviation to sd of a normal
        old = rows.t - begun >= self.ready_days * DAY_MS
        ready = rows.mask & old & (values >= self.ready_rows)
        score = np.where(ready, np.abs(off) / usual, np.nan)
        learn = rows.mask & rows.learn
        weight = np.maximum(self.alpha, 1.0 / (values + 1.0))
        bound = CLIP * usual
        taught = np.where(values >= self.ready_rows, np.clip(off, -bound, bound), off)
        writes = (
            ("mean", place, np.where(learn, mean + weight * taught, mean)),
            ("spread", place, np.where(learn, spread + weight * (np.abs(taught) - spread), spread)),
            ("values", place, values + learn),
            ("first", slots, begun),
        )
        return Scores(score, ready, mean, writes)
