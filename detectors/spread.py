"""Spread chart, both ways: noise that rises (a loose wire, turbulence) or falls (a clogged probe, a damped signal).

An EWMA of the logarithm of squared steps (after Crowder & Hamilton 1992), so that levels and shifts do not matter.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.base import Detector, Rows, Scores, State, Write, where_true
from detectors.guarded_learning import taught
from detectors.writes import either, kept, mended


@dataclass(frozen=True)
class Spread(Detector):
    """``score`` = |short mean - long mean| of log squared steps / how much the short one usually strays, from 0.
    ``expected`` is the value before.

    ``fast_alpha``: weight of a new step in the short mean; ``alpha``: in the long one and in the usual straying;
    ``ready_rows``: steps before it speaks; ``most_gap``: a step over more than this many intervals is no step.
    """

    name: ClassVar[str] = "spread"
    family: ClassVar[str] = "anomaly"
    fast_alpha: float = 0.05
    alpha: float = 0.002
    ready_rows: float = 300
    most_gap: float = 3.0

    def state(self, n: int) -> State:
        zeros = {name: np.zeros(n) for name in ("fast", "slow", "stray", "steps")}
        return {**zeros, "previous": np.full(n, np.nan)}

    def update(self, rows: Rows, state: State) -> Scores:
        where, x = rows.slots, rows.clean
        previous, fast, slow = state["previous"][where], state["fast"][where], state["slow"][where]
        stray, steps = state["stray"][where], state["steps"][where]
        step = x - previous
        step[rows.apart(self.most_gap)] = np.nan
        valid = step == step  # not NaN
        # No step is smaller than the instrument can show: half of one stands for none.
        log = np.log(step * step + 0.25 * rows.resolution**2)
        count = steps + 1.0
        moved = fast + np.maximum(self.fast_alpha, 1.0 / count) * (log - fast)
        off = moved - slow
        usual = np.maximum(1.25 * stray, 0.05)
        warm = steps >= self.ready_rows
        ready = valid & warm
        score = np.where(ready, np.abs(off) / usual, np.nan)
        weight = np.maximum(self.alpha, 1.0 / count)
        guarded = np.where(warm, taught(off, usual, rows.forced), log - slow)
        settled = steps >= 1.0 / self.fast_alpha
        width = np.where(settled, np.abs(np.where(warm, guarded, off)), 0.0)
        silent = where_true(~valid)
        untaught = either(silent, rows.untaught)
        writes: tuple[Write, ...] = (
            *kept("previous", rows, x, previous),
            ("fast", where, mended(moved, silent, fast)),
            ("slow", where, mended(slow + weight * guarded, untaught, slow)),
            ("stray", where, mended(stray + weight * (width - stray), untaught, stray)),
            ("steps", where, mended(np.minimum(count, max(self.ready_rows, 1.0 / self.alpha)), untaught, steps)),
        )
        return Scores(score, ready, previous, writes)
