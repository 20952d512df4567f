"""Range: a value that the instrument cannot measure is a fault of the instrument, not a fact of the world."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from detectors.base import Detector, FloatArray, Rows, Scores, State, where_true


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
            x, code = rows.x[bad], rows.code[0] if rows.alike else rows.code[bad]
            outside = where_true(x == x)  # nearly all of them are no value at all
            ready, expected = ready.copy(), expected.copy()
            expected[bad] = self.low[code]
            if len(outside):
                places, x = bad[outside], x[outside]
                low, high = self.low[rows.code[places]], self.high[rows.code[places]]
                score[places] = (x < low) | (x > high)
                ready[places] = True
                expected[places] = np.where(x > high, high, low)
        return Scores(score, ready, expected)
