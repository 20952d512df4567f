"""EWMA level and spread: how far the last few values lie from where this series has lately been. Shifts and drift.

Roberts (1959), with guarded updates (``guarded_learning.py``).
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.base import Detector, Rows, Scores, State, Write, mended
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
        where, x = rows.slots, rows.clean
        mean, variance, fast = state["mean"][where], state["variance"][where], state["fast_variance"][where]
        values, short = state["values"][where], state["fast_mean"][where]
        spread = np.sqrt(variance)
        np.maximum(spread, rows.resolution, out=spread)
        off = x - mean
        warm = values >= self.ready_rows
        all_warm = bool(warm.all())
        moved = x - short
        if all_warm and self.fast_alpha * (self.ready_rows + 1.0) >= 1.0:
            moved *= self.fast_alpha
        else:
            moved *= np.maximum(self.fast_alpha, 1.0 / (values + 1.0))
        moved += short
        score = moved - mean
        np.abs(score, out=score)
        score /= spread
        ready = rows.mask
        if not all_warm:
            ready = ready & warm
            score[~ready] = np.nan
        guarded = taught(off, spread, rows.forced)
        writes: list[Write] = []
        if all_warm:
            square = guarded * guarded
            new = self.alpha * guarded
            wide = self.alpha * square
            wide += variance
            wide *= 1.0 - self.alpha
        else:  # the plain mean and variance until it speaks
            weight = np.where(warm, self.alpha, 1.0 / (values + 1.0))
            step = np.where(warm, guarded, off)
            square = np.where(values > 0, step * step, 0.0)  # the first value has no mean to be off from
            new = weight * step
            wide = (1.0 - weight) * (variance + weight * square)
            writes.append(("values", where, np.minimum(values + rows.learn, self.ready_rows)))
        new += mean
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
