"""How rare a score is against the series' own past: an online conformal p-value that needs no other sensor.

For a series that stands alone, in a notebook or a benchmark. A city's sensors pool their scores by class instead
(``calibration.py``): the rarest a lone past of n scores can say is 1 in n + 1.
"""

import numpy as np
from numpy.typing import NDArray

from detectors.base import FloatArray

#: 2^-4 to 2^12 with 128 steps to the octave: finer than the pooled tables, because one series' scores lie close.
STEPS = 2048
_SHIFT = 45
_FIRST = (1023 - 4) << 7
#: Steps to a block: what lies higher is counted block by block, then step by step within one.
_BLOCK = 64


class OwnPast:
    """Counts of past scores for each of ``lines`` histories, at 128 steps to the octave; 8 kB a line.

    >>> past = OwnPast(1)
    >>> for score in [1.0, 2.0, 4.0]: past.add(np.array([score]))
    >>> past.rarity(np.array([8.0])) == -np.log10(1 / 4)  # rarer than all three
    array([ True])
    >>> past.rarity(np.array([2.0])) == -np.log10(3 / 4)  # two of three were as high
    array([ True])
    """

    def __init__(self, lines: int) -> None:
        self._line = np.arange(lines)
        self._counts: NDArray[np.int32] = np.zeros((lines, STEPS // _BLOCK, _BLOCK), np.int32)
        self._blocks: NDArray[np.int32] = np.zeros((lines, STEPS // _BLOCK), np.int32)
        self._total = np.zeros(lines)

    def rarity(self, score: FloatArray) -> FloatArray:
        """-log10 of (past scores at least as high + 1) / (past scores + 1), shape (lines,); NaN for a NaN score."""
        block, within = np.divmod(_step_of(score), _BLOCK)
        places = np.arange(_BLOCK)
        higher = (self._blocks * (np.arange(STEPS // _BLOCK) > block[:, None])).sum(axis=1)
        higher += (self._counts[self._line, block] * (places >= within[:, None])).sum(axis=1)
        rarity: FloatArray = -np.log10((higher + 1.0) / (self._total + 1.0))
        return np.where(np.isnan(score), np.nan, rarity)

    def add(self, score: FloatArray) -> None:
        """Remember the scores that are not NaN, shape (lines,)."""
        known = np.flatnonzero(~np.isnan(score))
        block, within = np.divmod(_step_of(score[known]), _BLOCK)
        self._counts[known, block, within] += 1
        self._blocks[known, block] += 1
        self._total[known] += 1.0


def _step_of(score: FloatArray) -> NDArray[np.intp]:
    bits = np.fmin(np.fmax(score, 1e-9), 1e9).view(np.int64)
    return np.minimum(np.maximum((bits >> _SHIFT) - _FIRST, 0), STEPS - 1)
