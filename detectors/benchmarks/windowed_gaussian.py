"""NAB's own yardstick: each value against mean and spread of the last 6,400, as NAB publishes its figures."""

from math import erfc, sqrt

import numpy as np

from detectors.base import FloatArray

WINDOW, STEP = 6_400, 100
#: NAB keeps its results with so many digits, and scores near 1 that are equal in them are equal in its sweep.
DIGITS = 12


def windowed_gaussian(values: FloatArray) -> FloatArray:
    """Score 1 - Q(|x - mean| / sd) of each value, 0 to 1; the window moves on by ``STEP`` values once it is full."""
    scores = np.zeros(len(values))
    first = mean = spread = 0.0
    for row, value in enumerate(values):
        if row:
            scores[row] = 1.0 - 0.5 * erfc(abs(value - mean) / spread / sqrt(2.0))
        if row < WINDOW or (row - WINDOW + 1) % STEP == 0:
            first = max(row + 1 - WINDOW, 0)
            window = values[int(first) : row + 1]
            mean, spread = float(window.mean()), float(window.std()) or 1e-6
    return np.round(scores, DIGITS)
