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
        if rows.mask.all():  # usable, and so within the span
            return Scores(np.zeros(len(rows.x)), rows.mask, rows.x)
        low, high = self.low[rows.code], self.high[rows.code]
        outside = (rows.x < low) | (rows.x > high)
        return Scores(outside.astype(np.float64), ~np.isnan(rows.x), np.where(rows.x > high, high, low))
