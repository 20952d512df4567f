"""Rate of change: this step against the steps this series usually makes. Spikes, releases, jumps.

The worked example of a row detector: copy it, give it a name, add a line to ``detectors/registry.py``.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.base import Detector, Rows, Scores, State, Write, learnt
from detectors.guarded_learning import CLIP


@dataclass(frozen=True)
class RateOfChange(Detector):
    """``score`` = |step| / mean |step|, from 0; about 1 on healthy data. ``expected`` is the value before.

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
        where = rows.slots
        previous, mean, steps = state["previous"][where], state["mean_step"][where], state["steps"][where]
        step = np.abs(rows.x - previous)
        valid = rows.mask & (rows.gap <= self.most_gap * rows.interval_ms) & (step >= 0)
        warm = steps >= self.ready_rows
        usual = np.maximum(mean, rows.resolution)
        ready = valid & warm
        score = np.where(ready, step / usual, np.nan)
        learn = valid & rows.learn
        writes: list[Write] = [("previous", where, learnt(rows.mask, rows.x, previous))]
        if warm.all():
            new = mean + self.alpha * (np.minimum(step, CLIP * usual) - mean)
        else:  # the plain mean until it speaks
            weight = np.where(warm, self.alpha, 1.0 / (steps + 1.0))
            new = mean + weight * (np.where(warm, np.minimum(step, CLIP * usual), step) - mean)
            writes.append(("steps", where, np.minimum(steps + learn, self.ready_rows)))
        writes.append(("mean_step", where, learnt(learn, new, mean)))
        return Scores(score, ready, previous.copy(), tuple(writes))
