"""The seam of group detection: one vector of channels in, one score with its contributions out. Pure.

A detector is a frozen dataclass of settings. What it has learnt is a *model*, a dict of plain arrays, fitted off the
path and never changed; what it remembers is its *memory*, another such dict. Both save, load and travel as they are.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

import numpy as np

from detectors.base import FloatArray

#: Plain float64 arrays by name: a fitted model, or a detector's memory.
Arrays: TypeAlias = dict[str, FloatArray]


@dataclass(frozen=True, slots=True)
class Vector:
    """What a detector says of one vector of d channels.

    ``parts``: a score for each of the detector's ``PARTS``, from 0, higher is worse, NaN where it cannot say;
    ``contrib`` (parts, d): how much less odd each part would be if that channel were as the others make likely, never
    below 0, 0 for a channel that is missing;
    ``expected`` (d,): the values thought healthy, NaN where there are none; ``memory``: what it remembers from now on.
    """

    parts: FloatArray
    contrib: FloatArray
    expected: FloatArray
    memory: Arrays


class GroupDetector(ABC):
    """One member of the table. ``PARTS`` names its scores; each is calibrated on its own. ``BOUNDS``: of each setting
    the least and the greatest value with which it works. ``LEAST_CHANNELS``: fewer say nothing of each other."""

    name: ClassVar[str]
    version: ClassVar[int] = 1
    PARTS: ClassVar[tuple[str, ...]]
    BOUNDS: ClassVar[dict[str, tuple[float, float]]]
    LEAST_CHANNELS: ClassVar[int] = 2

    @abstractmethod
    def fit(self, rows: FloatArray) -> Arrays:
        """The model of healthy rows, shape (n, d), oldest first; NaN is a value that did not come."""

    @abstractmethod
    def shapes(self, d: int) -> dict[str, tuple[int, ...]]:
        """The arrays of a model of d channels and their shapes: what comes from elsewhere is held against them."""

    @abstractmethod
    def memory(self, model: Arrays) -> Arrays:
        """Fresh memory for a group of this model."""

    @abstractmethod
    def update(self, x: FloatArray, joined: bool, learn: bool, model: Arrays, memory: Arrays) -> Vector:
        """Score a vector of shape (d,), then say what is remembered; writes neither ``x`` nor ``memory``.

        ``joined``: false where so much time has passed since the vector before that it says nothing of this one;
        ``learn``: false where nothing may be learnt, because an episode is open.
        """

    @abstractmethod
    def rows_a_score(self) -> FloatArray:
        """Over how many rows each of ``PARTS`` reaches back: so many neighbours say the same thing twice."""

    def checked(self, model: Arrays, d: int) -> Arrays:
        """The model itself. Raises ``ValueError`` if it is not one of d channels of this detector."""
        shapes, got = self.shapes(d), {name: array.shape for name, array in model.items()}
        if got != shapes:
            raise ValueError(f"{self.name}: expected arrays {shapes} for {d} channels, got {got}")
        if not all(np.isfinite(array).all() for array in model.values()):
            raise ValueError(f"{self.name}: expected finite numbers in a model, got others")
        return model

    def nothing(self, x: FloatArray, memory: Arrays) -> Vector:
        """It cannot say."""
        parts = len(self.PARTS)
        return Vector(np.full(parts, np.nan), np.zeros((parts, len(x))), np.full(len(x), np.nan), memory)


def finite(x: FloatArray) -> FloatArray:
    """Infinite values are no values."""
    sound: FloatArray = np.where(np.isfinite(x), x, np.nan)
    return sound
