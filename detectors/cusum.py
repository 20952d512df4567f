"""Two-sided CUSUM (Page 1954) of whitened, standardised residuals: small shifts that last, too small for one value."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.ar_residual import ArResidual
from detectors.base import Rows, Scores, State, where_true
from detectors.writes import mended


@dataclass(frozen=True)
class Cusum(ArResidual):
    """``score`` = the larger of the two sums, in spreads of the residual, from 0. ``expected`` as the residual's.

    ``slack``: what each residual must exceed to add to its sum, half the shift that is to be found; ``clip``: the most
    that one residual adds, so that a spike is no shift; ``most``: where the sums stop, so that they fall again when
    the shift is over. ``learn_rows``, ``shared``, ``shared_rows``, ``alpha`` and ``most_gap`` are the whitening's.
    """

    name: ClassVar[str] = "cusum"
    slack: float = 0.5
    clip: float = 4.0
    most: float = 60.0

    def state(self, n: int) -> State:
        return {**super().state(n), "above": np.zeros(n), "below": np.zeros(n)}

    def update(self, rows: Rows, state: State) -> Scores:
        left, where = self.whitened(rows, state), rows.slots
        above, below = state["above"][where], state["below"][where]
        z = left.residual / left.usual
        np.clip(z, -self.clip, self.clip, out=z)
        up, down = above + z, below - z
        for each in (up, down):
            each -= self.slack
            np.clip(each, 0.0, self.most, out=each)
        score = np.maximum(up, down)
        silent = where_true(~left.ready)
        score[silent] = np.nan
        mended(up, silent, above)
        mended(down, silent, below)
        return Scores(score, left.ready, left.expected, (*left.writes, ("above", where, up), ("below", where, down)))
