"""EWMA level and spread: how far the last few values lie from where this series has lately been. Shifts and drift.

Roberts (1959), with guarded updates (``guarded_learning.py``).
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.base import Detector, Rows, Scores, State, Write, learnt
from detectors.guarded_learning import taught


@dataclass(frozen=True)
class EwmaLevel(Detector):
    """``score`` = |short mean - long mean| / spread, from 0. ``expected`` is the long mean.

    ``alpha``: weight of a new value in the long memory; ``fast_alpha``: in the short one, of mean and spread;
    ``ready_rows``: values seen before it speaks. The spread is floored by the instrument's step. The short mean
    goes on inside episodes, where nothing is learnt: it is what tells that they are over.
    """

    name: ClassVar[str] = "ewma_level"
    family: ClassVar[str] = "anomaly"
    alpha: float = 0.01
    fast_alpha: float = 0.1
    ready_rows: float = 30

    def state(self, n: int) -> State:
        return {name: np.zeros(n) for name in ("mean", "fast_mean", "variance", "fast_variance", "values")}

    def update(self, rows: Rows, state: State) -> Scores:
        where = rows.slots
        mean, variance, fast = state["mean"][where], state["variance"][where], state["fast_variance"][where]
        values, short = state["values"][where], state["fast_mean"][where]
        spread = np.maximum(np.sqrt(variance), rows.resolution)
        off = rows.x - mean
        warm = values >= self.ready_rows
        ready = rows.mask & warm
        pace = np.maximum(self.fast_alpha, 1.0 / (values + 1.0))
        moved = short + pace * (rows.x - short)
        score = np.where(ready, np.abs(moved - mean) / spread, np.nan)
        learn = rows.learn
        guarded = taught(off, spread, rows.forced)
        writes: list[Write] = []
        if warm.all():
            square = guarded * guarded
            new = mean + self.alpha * guarded
            wide = (1.0 - self.alpha) * (variance + self.alpha * square)
        else:  # the plain mean and variance until it speaks
            weight = np.where(warm, self.alpha, 1.0 / (values + 1.0))
            step = np.where(warm, guarded, off)
            square = np.where(values > 0, step * step, 0.0)  # the first value has no mean to be off from
            new = mean + weight * step
            wide = (1.0 - weight) * (variance + weight * square)
            writes.append(("values", where, np.minimum(values + learn, self.ready_rows)))
        writes += [
            ("mean", where, learnt(learn, new, mean)),
            ("fast_mean", where, learnt(rows.mask, moved, short)),
            ("variance", where, learnt(learn, wide, variance)),
            ("fast_variance", where, learnt(learn, fast + self.fast_alpha * (square - fast), fast)),
        ]
        return Scores(score, ready, mean.copy(), tuple(writes))
