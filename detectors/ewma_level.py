"""EWMA level and spread: how far the value lies from where this series has lately been. Shifts and drift.

Roberts (1959); updates are clipped, so that what is odd does not become usual at once.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.base import Detector, Rows, Scores, State

CLIP = 4.0


@dataclass(frozen=True)
class EwmaLevel(Detector):
    """``score`` = |x - mean| / spread, from 0. ``expected`` is the mean.

    ``alpha``: weight of a new value; ``fast_alpha``: of the short memory of spread that feeds the model's
    features; ``ready_rows``: values seen before it speaks. The spread is floored by the instrument's step.
    """

    name: ClassVar[str] = "ewma_level"
    family: ClassVar[str] = "anomaly"
    alpha: float = 0.01
    fast_alpha: float = 0.1
    ready_rows: float = 30

    def state(self, n: int) -> State:
        return {name: np.zeros(n) for name in ("mean", "variance", "fast_variance", "values")}

    def update(self, rows: Rows, state: State) -> Scores:
        mean, variance, fast, values = (
            state[name][rows.slots] for name in ("mean", "variance", "fast_variance", "values")
        )
        floor = rows.resolution * rows.resolution
        spread = np.sqrt(np.maximum(variance, floor))
        off = rows.x - mean
        ready = rows.mask & (values >= self.ready_rows)
        score = np.where(ready, np.abs(off) / spread, np.nan)
        learn = rows.mask & rows.learn
        weight = np.maximum(self.alpha, 1.0 / (values + 1.0))
        bound = CLIP * spread
        taught = np.where(values >= self.ready_rows, np.clip(off, -bound, bound), off)
        square = taught * taught
        writes = (
            ("mean", rows.slots, np.where(learn, mean + weight * taught, mean)),
            ("variance", rows.slots, np.where(learn, (1.0 - weight) * (variance + weight * square), variance)),
            ("fast_variance", rows.slots, np.where(learn, fast + self.fast_alpha * (square - fast), fast)),
            ("values", rows.slots, values + learn),
        )
        return Scores(score, ready, mean, writes)
