"""Severities by order, as a scheme has them: the kernel knows that one is worse, never what it is called."""

import numpy as np

from detectors.base import BoolArray, FloatArray
from topics.scheme import Scheme

#: What is rare is at most the third level: only a limit or the loss of a site is the worst.
MOST_BAND = 3


class Severities:
    """A scheme's levels from the mildest to the worst."""

    def __init__(self, scheme: Scheme) -> None:
        levels = sorted(scheme.levels, key=lambda level: level.rank)
        self._levels = [(level.rank, level.code) for level in levels]
        self._codes = {level.rank: level.code for level in levels}
        self._by_band: FloatArray = np.array([level.rank for level in levels[:MOST_BAND]], np.float64)

    def code(self, rank: int) -> str:
        """What the scheme calls this rank."""
        return self._codes[rank]

    def banded(self, above: FloatArray, known: BoolArray) -> FloatArray:
        """Ranks of what is ``above`` its bound by so many powers of ten; the mildest where the bound is a guess."""
        band = np.clip(np.where(known, above, 0.0), 0.0, len(self._by_band) - 1.0)
        ranks: FloatArray = self._by_band[band.astype(np.intp)]
        return ranks

    @property
    def lowest(self) -> tuple[int, str]:
        """Rank and code of the mildest."""
        return self._levels[0]

    @property
    def highest(self) -> tuple[int, str]:
        """Rank and code of the gravest."""
        return self._levels[-1]

    @property
    def below_highest(self) -> tuple[int, str]:
        """The worst but one; in a scheme of one level that one."""
        return self._levels[-2:][0]
