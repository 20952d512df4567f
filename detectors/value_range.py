"""Range: a value that the instrument cannot measure is a fault of the instrument, not a fact of the world."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from detectors.base import Detector, FloatArray, Rows, Scores, State


@dataclass(frozen=True)
class ValueRange(Detector):
    """``score`` 1 where the value lies outside the quantity's span, else 0. ``low`` and ``high`` by code."""

    name: ClassVar[str] = "range"
    family: ClassVar[str] = "quality"
    low: FloatArray = field(repr=False)
    high: FloatArray = field(repr=False)

    def state(self, n: int) -> State:
        return {}

    def update(self, rows: Rows, state: State) -> Scores:
        score, ready, expected = np.zeros(len(rows.x)), rows.mask, rows.x
        bad = rows.unusable
        if len(bad):  # usable values lie within the span
            x, low, high = rows.x[bad], self.low[rows.code[bad]], self.high[rows.code[bad]]
            ready, expected = ready.copy(), expected.copy()
            score[bad] = (x < low) | (x > high)
            ready[bad] = ~np.isnan(x)
            expected[bad] = np.where(x > high, high, low)
        return Scores(score, ready, expected)
