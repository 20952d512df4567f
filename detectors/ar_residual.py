"""AR whitening: what is left of a value when the one before has told what it can. Jumps in slow, remembering signals.

An autoregression of order one (Yule 1927) for each series. Its coefficient is learnt from the first rows, drawn towards
one that all share, and then stays: one fitted for ever would learn disturbances too, and cost three times as much.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.base import BoolArray, Detector, FloatArray, Rows, Scores, SlotArray, State, Write, where_true
from detectors.guarded_learning import NEAR_CLIP, odd_rows
from detectors.writes import either, kept, mended

#: Mean absolute deviation to standard deviation of a normal.
TO_SPREAD = 1.25


@dataclass(frozen=True)
class ArResidual(Detector):
    """``score`` = |residual| / its usual size, from 0. ``expected`` is what the value before foretells.

    ``learn_rows``: rows from which the coefficient is learnt, and before which it does not speak; ``shared``: the
    coefficient of all, which weighs as much as ``shared_rows`` rows; ``alpha``: weight of a new value in mean and
    residual size; ``most_gap``: over more than this many intervals the value before tells nothing.
    """

    name: ClassVar[str] = "ar_residual"
    family: ClassVar[str] = "anomaly"
    learn_rows: float = 300
    shared: float = 0.7
    shared_rows: float = 50
    alpha: float = 0.01
    most_gap: float = 3.0

    def state(self, n: int) -> State:
        zeros = {name: np.zeros(n) for name in ("mean", "size", "phi", "squares", "products", "rows")}
        return {**zeros, "previous": np.full(n, np.nan)}

    def update(self, rows: Rows, state: State) -> Scores:
        left = self.whitened(rows, state)
        return Scores(left.score, left.ready, left.expected, left.writes)

    def whitened(self, rows: Rows, state: State) -> "Whitened":
        """What is left of the rows, and what is learnt from it."""
        where, x = rows.slots, rows.clean
        mean, size, phi = state["mean"][where], state["size"][where], state["phi"][where]
        previous, count = state["previous"][where], state["rows"][where]
        before = previous - mean
        before[rows.apart(self.most_gap)] = np.nan
        cold = where_true(count < self.learn_rows)
        if len(cold):
            phi = phi.copy()
            phi[cold] = self._coefficient(rows, state, cold)
        off = x - mean
        foretold = phi * before
        residual = off - foretold
        foretold += mean
        usual = TO_SPREAD * size
        np.maximum(usual, rows.resolution, out=usual)
        ready = residual == residual  # not NaN
        untaught = either(where_true(~ready), rows.untaught)
        wide = np.abs(residual)
        score = wide / usual
        odd, guarded = odd_rows(residual, usual, rows.forced, where_true(score > NEAR_CLIP))
        # A mean that follows the residuals follows the level, but not what is odd.
        moved = self.alpha * residual
        moved[odd], wide[odd] = self.alpha * guarded, np.abs(guarded)
        moved /= 1.0 - phi
        moved += mean
        wide -= size
        wide *= self.alpha
        wide += size
        writes = kept("previous", rows, x, previous)
        if len(cold):
            weight = 1.0 / (count[cold] + 1.0)
            moved[cold] = mean[cold] + weight * off[cold]
            wide[cold] = size[cold] + weight * (np.abs(residual[cold]) - size[cold])
            learnt = ready[cold] & rows.learn[cold]
            writes += self._learnt(rows, state, cold, learnt, before[cold], off[cold], phi[cold])
            ready[cold], score[cold] = False, np.nan
        mended(moved, untaught, mean)
        first = cold[rows.learn[cold] & (count[cold] == 0)]
        moved[first] = x[first]
        writes += [("mean", where, moved), ("size", where, mended(wide, untaught, size))]
        return Whitened(residual, usual, score, ready, foretold, tuple(writes))

    def _coefficient(self, rows: Rows, state: State, cold: SlotArray) -> FloatArray:
        """The coefficient by what has been seen so far; it stays once that is enough."""
        slots = rows.at(cold)
        count, squares, products = state["rows"][slots], state["squares"][slots], state["products"][slots]
        own = products / np.maximum(squares, rows.resolution[cold] ** 2)
        drawn: FloatArray = (count * own + self.shared_rows * self.shared) / (count + self.shared_rows)
        return np.clip(drawn, -0.98, 0.98, out=drawn)

    def _learnt(
        self,
        rows: Rows,
        state: State,
        cold: SlotArray,
        learnt: BoolArray,
        before: FloatArray,
        off: FloatArray,
        phi: FloatArray,
    ) -> list[Write]:
        """The coefficient and what it follows from, while it is learnt."""
        slots, learn = rows.at(cold), rows.learn[cold]
        count, squares, products = state["rows"][slots], state["squares"][slots], state["products"][slots]
        known = np.where(learnt | (learn & (count == 0)), count + 1.0, count)
        return [
            ("phi", slots, np.where(learn, phi, state["phi"][slots])),
            ("squares", slots, np.where(learnt, squares + before * before, squares)),
            ("products", slots, np.where(learnt, products + before * off, products)),
            ("rows", slots, np.minimum(known, self.learn_rows)),
        ]


@dataclass(frozen=True, slots=True)
class Whitened:
    """``residual``: what is left of each row; ``usual``: its spread; the others are as of ``Scores``."""

    residual: FloatArray
    usual: FloatArray
    score: FloatArray
    ready: BoolArray
    expected: FloatArray
    writes: tuple[Write, ...]
