"""The univariate default over the rows of some series, as an estimator."""

import copy

import numpy as np

from detectors.base import FloatArray
from detectors.estimators.outliers import TimeOrderedOutliers, checked_share
from detectors.univariate import UnivariateDetector

#: 2026-01-01 00:00 in the city: the hour of day counts from the first row.
_START_MS = 1_767_196_800_000


class SeriesOutliers(TimeOrderedOutliers):
    """Columns of ``X`` are series that do not know of each other; a row is as odd as the oddest of its values.

    ``interval_s``: time from row to row; ``start_hour``: hour of the day at the first row; ``false_alarms``: share of
    the rows it was fitted on, each scored before it was learnt, that lie beyond ``offset_``; ``floor`` as
    ``UnivariateDetector`` has it.

    >>> x = np.random.default_rng(1).normal(20, 0.1, (500, 1))
    >>> x[450] += 3
    >>> int(SeriesOutliers(600).fit(x[:400]).score_samples(x[400:]).argmin())
    50
    """

    def __init__(
        self, interval_s: float = 60.0, *, start_hour: float = 0.0, false_alarms: float = 0.01, floor: float = 1.0
    ) -> None:
        self.interval_s = interval_s
        self.start_hour = start_hour
        self.false_alarms = false_alarms
        self.floor = floor

    def _learn(self, rows: FloatArray) -> None:
        checked_share(self.false_alarms)
        if not self.interval_s > 0.0:
            raise ValueError(f"interval_s: expected seconds above 0, got {self.interval_s!r}")
        detector = UnivariateDetector(self.interval_s * 1000.0, floor=self.floor)
        odd = _oddest(detector, rows, self._times(0, len(rows)))
        self.detector_ = detector
        self.rows_ = len(rows)
        self.offset_ = -float(np.quantile(np.nan_to_num(odd), 1.0 - self.false_alarms))

    def _oddness(self, rows: FloatArray) -> FloatArray:
        return _oddest(copy.deepcopy(self.detector_), rows, self._times(self.rows_, len(rows)))

    def _times(self, first: int, count: int) -> FloatArray:
        start = _START_MS + self.start_hour * 3_600_000.0
        times: FloatArray = start + (first + np.arange(count)) * self.interval_s * 1000.0
        return times


def _oddest(detector: UnivariateDetector, rows: FloatArray, times: FloatArray) -> FloatArray:
    oddest: FloatArray = np.fmax.reduce(detector.update(rows, times).rarity, axis=1)
    return oddest
