"""Rate of change: this step against the steps this series usually makes. Spikes, releases, jumps.

The worked example of a row detector: copy it, give it a name, add a line to ``detectors/registry.py``.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.base import Detector, Rows, Scores, State, where_true
from detectors.guarded_learning import CLIP
from detectors.writes import either, kept, mended


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
        where, x = rows.slots, rows.clean
        previous, mean, steps = state["previous"][where], state["mean_step"][where], state["steps"][where]
        step = x - previous
        np.abs(step, out=step)
        step[rows.apart(self.most_gap)] = np.nan
        usual = np.maximum(mean, rows.resolution)
        score = step / usual  # NaN: cannot say
        ready = step >= 0
        untaught = either(where_true(~ready), rows.untaught)
        usual *= CLIP
        new = np.minimum(step, usual, out=usual)
        new -= mean
        new *= self.alpha
        new += mean
        writes = kept("previous", rows, x, previous)
        cold = where_true(steps < self.ready_rows)
        if len(cold):  # the plain mean until it speaks
            count, before = steps[cold], mean[cold]
            new[cold] = 1.0 / (count + 1.0) * (step[cold] - before) + before
            learnt = ready[cold] & rows.learn[cold]
            writes.append(("steps", rows.at(cold), np.minimum(count + learnt, self.ready_rows)))
            ready[cold], score[cold] = False, np.nan
        writes.append(("mean_step", where, mended(new, untaught, mean)))
        return Scores(score, ready, previous, tuple(writes))
