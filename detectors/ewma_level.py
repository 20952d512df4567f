"""EWMA level and spread: how far the last few values lie from where this series has lately been. Shifts and drift.

Roberts (1959), with guarded updates (``guarded_learning.py``).
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.base import Detector, Rows, Scores, State, Write, where_true
from detectors.guarded_learning import NEAR_CLIP, odd_rows
from detectors.writes import mended


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
        where, x = rows.slots, rows.clean
        mean, variance, fast = state["mean"][where], state["variance"][where], state["fast_variance"][where]
        values, short = state["values"][where], state["fast_mean"][where]
        spread = np.sqrt(variance)
        np.maximum(spread, rows.resolution, out=spread)
        off = x - mean
        cold = where_true(values < self.ready_rows)
        moved = x - short
        moved *= max(self.fast_alpha, 1.0 / (self.ready_rows + 1.0))
        moved += short
        square = off * off
        odd, guarded = odd_rows(off, spread, rows.forced, where_true(square >= NEAR_CLIP * NEAR_CLIP * variance))
        square[odd] = guarded * guarded
        new = self.alpha * off
        new[odd] = self.alpha * guarded
        new += mean
        wide = self.alpha * square
        wide += variance
        wide *= 1.0 - self.alpha
        writes: list[Write] = []
        if len(cold):  # the plain mean and variance until it speaks
            count, before, distance = values[cold], mean[cold], off[cold]
            weight = 1.0 / (count + 1.0)
            moved[cold] = (x[cold] - short[cold]) * np.maximum(self.fast_alpha, weight) + short[cold]
            square[cold] = np.where(count > 0, distance * distance, 0.0)  # the first value has no mean to be off from
            new[cold] = weight * distance + before
            wide[cold] = (1.0 - weight) * (variance[cold] + weight * square[cold])
            writes.append(("values", rows.at(cold), np.minimum(count + rows.learn[cold], self.ready_rows)))
        score = moved - mean
        np.abs(score, out=score)
        score /= spread
        ready = rows.mask
        if len(cold):
            ready = ready.copy()
            ready[cold], score[cold] = False, np.nan
        square -= fast
        square *= self.fast_alpha
        square += fast
        writes += [
            ("mean", where, mended(new, rows.untaught, mean)),
            ("fast_mean", where, mended(moved, rows.unusable, short)),
            ("variance", where, mended(wide, rows.untaught, variance)),
            ("fast_variance", where, mended(square, rows.untaught, fast)),
        ]
        return Scores(score, ready, mean, tuple(writes))
