"""Stuck value: the same value far longer than this series has ever legally repeated it. A dead probe.

Coarsely quantised instruments repeat by nature, so the run is held against the longest run learnt.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.base import Detector, Rows, Scores, State, where_true
from detectors.writes import either, kept, mended


@dataclass(frozen=True)
class Stuck(Detector):
    """``score`` = run of equal values / allowed run; 1 and more is stuck. ``expected`` is the value before.

    Allowed are ``factor`` times the longest run learnt, and never fewer than ``least_rows``.
    ``fade``: share of the learnt longest run that is forgotten with each finished run; ``ready_runs``: finished
    runs before it speaks, so that what never moves (a gas detector in clean air) is not called stuck.
    """

    name: ClassVar[str] = "stuck"
    family: ClassVar[str] = "quality"
    least_rows: float = 60
    factor: float = 4.0
    fade: float = 0.001
    ready_runs: float = 20

    def state(self, n: int) -> State:
        return {"value": np.full(n, np.nan), "run": np.zeros(n), "longest": np.zeros(n), "runs": np.zeros(n)}

    def update(self, rows: Rows, state: State) -> Scores:
        where, x = rows.slots, rows.clean
        value, run = state["value"][where], state["run"][where]
        longest, runs = state["longest"][where], state["runs"][where]
        same = x == value
        going_on = where_true(same)
        grown = np.ones(len(x))
        grown[going_on] += run[going_on]
        allowed = self.factor * longest
        np.maximum(allowed, self.least_rows, out=allowed)
        score = np.divide(grown, allowed, out=allowed)
        score[rows.unusable] = np.nan
        ended = longest * (1.0 - self.fade)
        np.maximum(ended, run, out=ended)
        writes = [
            *kept("value", rows, x, value),
            ("run", where, mended(grown, rows.unusable, run)),
            ("longest", where, mended(ended, either(going_on, rows.untaught), longest)),
        ]
        ready, cold = rows.mask, where_true(runs < self.ready_runs)
        if len(cold):
            ready = ready.copy()
            ready[cold], score[cold] = False, np.nan
            learnt = rows.learn[cold] & ~same[cold]
            writes.append(("runs", rows.at(cold), np.minimum(runs[cold] + learnt, self.ready_runs)))
        return Scores(score, ready, value, tuple(writes))
