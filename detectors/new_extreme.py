"""New extreme: the value against the highest and lowest this series has lately reached. First-ever levels, spikes.

What is an extreme is learnt from the series itself, so one with heavy tails is not called odd for having them.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.base import Detector, Rows, Scores, State, Write, where_true
from detectors.writes import mended

DAY_MS = 86_400_000


@dataclass(frozen=True)
class NewExtreme(Detector):
    """``score`` = how far the value lies towards, or beyond, the extreme of its side, from 0; 1 is at the extreme.
    ``expected`` is the middle from which both are measured.

    ``fade``: share of the way to the middle that both extremes come back with each value, so that what was reached
    once is not usual for ever; ``alpha``: weight of a new value in the middle; ``growth``: how much further one value
    can push its extreme at most; ``ready_days`` and ``ready_rows``: how long and how many values it must have seen.
    """

    name: ClassVar[str] = "new_extreme"
    family: ClassVar[str] = "anomaly"
    fade: float = 0.00005
    alpha: float = 0.001
    growth: float = 1.2
    ready_days: float = 1
    ready_rows: float = 30

    def state(self, n: int) -> State:
        zeros = {name: np.zeros(n) for name in ("high", "low", "middle", "values")}
        return {**zeros, "first": np.full(n, np.inf)}

    def update(self, rows: Rows, state: State) -> Scores:
        where, x = rows.slots, rows.clean
        high, low, middle = state["high"][where], state["low"][where], state["middle"][where]
        values, first = state["values"][where], state["first"][where]
        off = x - middle
        up, down = high - middle, middle - low
        reach = np.where(off >= 0, up, down)
        np.maximum(reach, rows.resolution, out=reach)
        score = np.abs(off)
        score /= reach
        warm = values >= self.ready_rows
        all_warm = bool(warm.all()) and bool(rows.first_t - first.max() >= self.ready_days * DAY_MS)
        ready = rows.mask
        writes: list[Write] = []
        if not all_warm:
            warm &= rows.t - first >= self.ready_days * DAY_MS
            ready = ready & warm
            score[~ready] = np.nan
            count = np.minimum(values + rows.learn, self.ready_rows)
            seen = np.where(rows.mask & ~np.isfinite(first), rows.t, first)
            writes = [("values", where, count), ("first", where, seen)]
        far = where_true(~(np.abs(off) <= reach))
        up *= 1.0 - self.fade
        down *= 1.0 - self.fade
        if len(far):
            most = np.abs(off[far])
            # Before it speaks it takes what comes; then one value pushes an extreme a little, and a lasting one far.
            held = np.minimum(most, np.maximum(self.growth * reach[far], rows.resolution[far]))
            most = np.where(warm[far], held, most)
            above = off[far] > 0
            up[far] = np.where(above, np.maximum(most, up[far]), up[far])
            down[far] = np.where(~above, np.maximum(most, down[far]), down[far])
        weight = self.alpha if all_warm else np.where(warm, self.alpha, 1.0 / (values + 1.0))
        moved = np.minimum(np.maximum(off, -reach), reach) if all_warm else off
        moved = moved * weight
        moved += middle
        untaught = rows.untaught
        if not all_warm:
            start = values == 0
            up, down = np.where(start, 0.0, up), np.where(start, 0.0, down)
        # Extremes are kept as places, so that a middle that moves does not carry them along.
        up += middle
        np.subtract(middle, down, out=down)
        if not all_warm:
            up, down = np.where(start, x, up), np.where(start, x, down)
        writes += [
            ("high", where, mended(up, untaught, high)),
            ("low", where, mended(down, untaught, low)),
            ("middle", where, mended(moved, untaught, middle)),
        ]
        return Scores(score, ready, middle, tuple(writes))
