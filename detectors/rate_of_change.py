"""Rate of change: this step against the steps this series usually makes. Spikes, releases, jumps.

The worked example of a row detector: copy it, give it a name, add a line to ``detectors/registry.py``.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.base import Detector, Rows, Scores, State, Write, mended
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
        where, x = rows.slots, rows.clean
        previous, mean, steps = state["previous"][where], state["mean_step"][where], state["steps"][where]
        step = x - previous
        np.abs(step, out=step)
        step[rows.gap > self.most_gap * rows.interval_ms] = np.nan
        valid = step >= 0  # NaN where there is no step
        warm = steps >= self.ready_rows
        usual = np.maximum(mean, rows.resolution)
        score = step / usual  # NaN: cannot say
        usual *= CLIP
        writes: list[Write] = [("previous", where, mended(x.copy(), rows.unusable, previous))]
        if warm.all():
            ready = valid
            new = np.minimum(step, usual, out=step)
            new -= mean
            new *= self.alpha
        else:  # the plain mean until it speaks
            ready = valid & warm
            score[~ready] = np.nan
            weight = np.where(warm, self.alpha, 1.0 / (steps + 1.0))
            new = weight * (np.where(warm, np.minimum(step, usual), step) - mean)
            writes.append(("steps", where, np.minimum(steps + (valid & rows.learn), self.ready_rows)))
        new += mean
        untaught = np.flatnonzero(~(valid & rows.learn))  # nothing is learnt inside an episode
        writes.append(("mean_step", where, mended(new, untaught, mean)))
        return Scores(score, ready, previous, tuple(writes))
