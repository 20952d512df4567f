"""Cool-down: for a while after a row has been told, only a worse one is news. One alert for one episode."""

import numpy as np

from detectors.base import FloatArray


class CoolDown:
    """``rows``: how many rows of a series it lasts; ``series``: how many series. Two numbers are kept for each.

    >>> cool = CoolDown(1, rows=2)
    >>> [float(cool.news(np.array([score]))[0]) for score in [1.0, 3.0, 2.0, 2.0, 2.0, 5.0]]
    [1.0, 3.0, 0.0, 0.0, 2.0, 5.0]
    """

    def __init__(self, series: int, rows: int) -> None:
        if rows < 0:
            raise ValueError(f"cool_down: expected at least 0 rows, got {rows}")
        self.rows = rows
        self._told = np.full(series, -np.inf)
        self._age = np.zeros(series)

    def news(self, score: FloatArray) -> FloatArray:
        """The scores of the next row of each series, 0 where they are no news; a NaN score is none."""
        self._age += 1.0
        new = (score > self._told) | ((self._age > self.rows) & ~np.isnan(score))
        self._told = np.where(new, score, self._told)
        self._age[new] = 0.0
        return np.where(new, score, 0.0)
