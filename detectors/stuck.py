"""Stuck value: the same value far longer than this series has ever legally repeated it. A dead probe.

Coarsely quantised instruments repeat by nature, so the run is held against the longest run learnt.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.base import Detector, Rows, Scores, State


@dataclass(frozen=True)
class Stuck(Detector):
    """``score`` = run of equal values / allowed run; 1 and more is stuck.

    Allowed are ``factor`` times the longest run learnt, and never fewer than ``least_rows``.
    ``fade``: share of the learnt longest run that is forgotten with each finished run.
    """

    name: ClassVar[str] = "stuck"
    family: ClassVar[str] = "quality"
    least_rows: float = 60
    factor: float = 4.0
    fade: float = 0.001
    ready_rows: float = 120

    def state(self, n: int) -> State:
        return {"value": np.full(n, np.nan), "run": np.zeros(n), "longest": np.zeros(n), "rows": np.zeros(n)}

    def update(self, rows: Rows, state: State) -> Scores:
        value, run, longest, seen = (state[name][rows.slots] for name in ("value", "run", "longest", "rows"))
        same = rows.x == value
        ended = rows.mask & ~same & rows.learn
        longest_now = np.where(ended, np.maximum(run, longest * (1.0 - self.fade)), longest)
        run_now = np.where(rows.mask, np.where(same, run + 1.0, 1.0), run)
        allowed = np.maximum(self.least_rows, self.factor * longest)
        ready = rows.mask & (seen >= self.ready_rows)
        writes = (
            ("value", rows.slots, np.where(rows.mask, rows.x, value)),
            ("run", rows.slots, run_now),
            ("longest", rows.slots, longest_now),
            ("rows", rows.slots, seen + rows.mask),
        )
        return Scores(np.where(ready, run_now / allowed, np.nan), ready, value, writes)
