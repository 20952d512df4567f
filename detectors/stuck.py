"""Stuck value: the same value far longer than this series has ever legally repeated it. A dead probe.

Coarsely quantised instruments repeat by nature, so the run is held against the longest run learnt.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.base import Detector, Rows, Scores, State, learnt


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
        where = rows.slots
        value, run = state["value"][where], state["run"][where]
        longest, runs = state["longest"][where], state["runs"][where]
        same = rows.x == value
        grown = np.where(same, run + 1.0, 1.0)
        ready = rows.mask & (runs >= self.ready_runs)
        allowed = np.maximum(self.least_rows, self.factor * longest)
        score = np.where(ready, grown / allowed, np.nan)
        ended = rows.learn & ~same
        writes = [
            ("value", where, learnt(rows.mask, rows.x, value)),
            ("run", where, learnt(rows.mask, grown, run)),
            ("longest", where, learnt(ended, np.maximum(run, longest * (1.0 - self.fade)), longest)),
        ]
        if not (runs >= self.ready_runs).all():
            writes.append(("runs", where, np.minimum(runs + ended, self.ready_runs)))
        return Scores(score, ready, value.copy(), tuple(writes))
