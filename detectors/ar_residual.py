"""AR whitening: what is left of a value when the one before has told what it can. Jumps in slow, remembering signals.

An autoregression of order one (Yule 1927) for each series. Its coefficient is learnt from the first rows, drawn towards
one that all share, and then stays: one fitted for ever would learn disturbances too, and cost three times as much.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.base import BoolArray, Detector, FloatArray, Rows, Scores, SlotArray, State, Write, mended
from detectors.guarded_learning import taught

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
        residual, usual, expected, ready, writes = self.whitened(rows, state)
        score = np.abs(residual)
        score /= usual
        score[~ready] = np.nan
        return Scores(score, ready, expected, writes)

    def whitened(
        self, rows: Rows, state: State
    ) -> tuple[FloatArray, FloatArray, FloatArray, BoolArray, tuple[Write, ...]]:
        """Residual, its usual spread, the value foretold, where these can be relied on, and what is learnt."""
        where, x = rows.slots, rows.clean
        mean, size, phi = state["mean"][where], state["size"][where], state["phi"][where]
        previous, count = state["previous"][where], state["rows"][where]
        before = previous - mean
        before[rows.gap > self.most_gap * rows.interval_ms] = np.nan
        off = x - mean
        warm = count >= self.learn_rows
        all_warm = bool(warm.all())
        writes: list[Write] = [("previous", where, mended(x.copy(), rows.unusable, previous))]
        if not all_warm:
            phi = self._coefficient(rows, state)
            writes.append(("phi", where, mended(phi.copy(), np.flatnonzero(~rows.learn), state["phi"][where])))
        foretold = phi * before
        residual = off - foretold
        usual = TO_SPREAD * size
        np.maximum(usual, rows.resolution, out=usual)
        valid = residual == residual  # not NaN
        untaught = np.flatnonzero(~(valid & rows.learn))
        guarded = taught(residual, usual, rows.forced)
        foretold += mean
        if all_warm:
            ready = valid
            # A mean that follows the residuals follows the level, but not what is odd.
            moved = self.alpha * guarded
            moved /= 1.0 - phi
            moved += mean
            wide = np.abs(guarded)
            wide -= size
            wide *= self.alpha
            wide += size
            mended(moved, untaught, mean)
        else:
            ready = valid & warm
            weight = np.where(warm, self.alpha, 1.0 / (count + 1.0))
            step = np.where(warm, guarded, residual)
            moved = mean + np.where(warm, self.alpha * step / (1.0 - phi), weight * off)
            wide = size + weight * (np.abs(step) - size)
            mended(moved, untaught, mean)
            first = np.flatnonzero(rows.learn & (count == 0))
            moved[first] = x[first]
            writes += self._learnt(rows, state, before, off, valid, first)
        writes += [("mean", where, moved), ("size", where, mended(wide, untaught, size))]
        return residual, usual, foretold, ready, tuple(writes)

    def _coefficient(self, rows: Rows, state: State) -> FloatArray:
        """The coefficient by what has been seen so far; it stays once that is enough."""
        where = rows.slots
        count, squares, products = state["rows"][where], state["squares"][where], state["products"][where]
        own = products / np.maximum(squares, rows.resolution**2)
        drawn = (count * own + self.shared_rows * self.shared) / (count + self.shared_rows)
        np.clip(drawn, -0.98, 0.98, out=drawn)
        settled: FloatArray = np.where(count >= self.learn_rows, state["phi"][where], drawn)
        return settled

    def _learnt(
        self, rows: Rows, state: State, before: FloatArray, off: FloatArray, valid: BoolArray, first: SlotArray
    ) -> list[Write]:
        """What the coefficient follows from, while it is learnt."""
        where = rows.slots
        count, squares, products = state["rows"][where], state["squares"][where], state["products"][where]
        kept = np.flatnonzero(~(valid & rows.learn) | (count >= self.learn_rows))
        known = mended(count + 1.0, kept, count)
        known[first] = 1.0
        return [
            ("squares", where, mended(squares + before * before, kept, squares)),
            ("products", where, mended(products + before * off, kept, products)),
            ("rows", where, np.minimum(known, self.learn_rows)),
        ]
