"""Rate of change: this step against the steps this series usually makes. Spikes, releases, jumps.

The worked example of a row detector: copy it, give it a name, add a line to ``detectors/registry.py``.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.base import Detector, Rows, Scores, State

#: Steps wider than this many usual ones teach no more than this many.
CLIP = 4.0


@dataclass(frozen=True)
class RateOfChange(Detector):
    """``score`` = |step| / mean |step|, from 0; about 1 on healthy data.

    ``alpha``: weight of a new step in the mean; ``ready_rows``: steps seen before it speaks;
    ``most_gap``: a step over more than this many intervals is no step (the series was silent).
    """

    name: ClassVar[str] = "rate_of_change"
    family: ClassVar[str] = "anomaly"
    alpha: float = 0.01
    ready_rows: float = 30
    most_gap: float = 3.0

    def state(self, n: int) -> State:
        return {"previous": np.full(n, np.nan), "mean_step": np.zeros(n), "steps": np.zeros(n)}

    def update(self, rows: Rows, state: State) -> Scores:
        previous, mean, steps = (state[name][rows.slots] for name in ("previous", "mean_step", "steps"))
        step = np.abs(rows.x - previous)
        valid = rows.mask & (step >= 0) & (rows.gap <= self.most_gap * rows.interval_ms)
        usual = np.maximum(mean, rows.resolution)
        ready = valid & (steps >= self.ready_rows)
        score = np.where(ready, step / usual, np.nan)
        learn = valid & rows.learn
        weight = np.maximum(self.alpha, 1.0 / (steps + 1.0))
        taught = np.where(steps >= self.ready_rows, np.minimum(step, CLIP * usual), step)
        writes = (
            ("previous", rows.slots, np.where(rows.mask, rows.x, previous)),
            ("mean_step", rows.slots, np.where(learn, mean + weight * (taught - mean), mean)),
            ("steps", rows.slots, steps + learn),
        )
        return Scores(score, ready, previous, writes)
