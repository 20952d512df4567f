"""Healthy feature rows by class, bounded: what calibration tables and forests are fitted from."""

import numpy as np
from numpy.typing import NDArray

from detectors.base import FloatArray
from detectors.groups.gathered import GroupSamples

#: Rows kept for a class; when full every second one goes and from then on only every second one is taken.
MOST_ROWS = 300_000


class Samples:
    """Feature rows in the order in which they came, thinned evenly where they are too many; ``groups``: the vectors of
    the pack's groups of channels."""

    def __init__(self, most_rows: int = MOST_ROWS) -> None:
        self.most_rows = most_rows
        self.groups = GroupSamples()
        self._rows: dict[str, list[FloatArray]] = {}
        self._count: dict[str, int] = {}
        self._stride: dict[str, int] = {}
        self._seen: dict[str, int] = {}

    def add(self, classes: NDArray[np.str_], rows: FloatArray) -> None:
        """Take a look's rows; ``classes[i]`` is the class of ``rows[i]``."""
        for name in np.unique(classes).tolist():
            mine = rows[classes == name]
            stride, seen = self._stride.setdefault(name, 1), self._seen.get(name, 0)
            taken = mine[(np.arange(len(mine)) + seen) % stride == 0]
            self._seen[name] = seen + len(mine)
            self._rows.setdefault(name, []).append(taken)
            self._count[name] = self._count.get(name, 0) + len(taken)
            if self._count[name] > self.most_rows:
                self._thin(name)

    def _thin(self, name: str) -> None:
        thinned = np.concatenate(self._rows[name])[::2]
        self._rows[name], self._count[name] = [thinned], len(thinned)
        self._stride[name] *= 2

    def rows(self) -> dict[str, FloatArray]:
        """All rows by class, oldest first."""
        return {name: np.concatenate(parts) for name, parts in sorted(self._rows.items()) if parts}

    def forget(self, share: float) -> None:
        """Drop the oldest share of each class, so that the next model follows what has changed since."""
        for name, rows in self.rows().items():
            kept = rows[int(share * len(rows)) :]
            self._rows[name], self._count[name] = [kept], len(kept)
