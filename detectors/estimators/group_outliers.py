"""The group detectors over the vectors of a group, as estimators."""

from abc import abstractmethod
from typing import ClassVar

import numpy as np

from detectors.base import FloatArray
from detectors.estimators.outliers import TimeOrderedOutliers, checked_share
from detectors.groups.base import GroupDetector
from detectors.groups.hotelling import Hotelling
from detectors.groups.var_residual import VarResidual
from detectors.groups.watch import FITTED_SHARE, Watch, fit_group, look


class GroupOutliers(TimeOrderedOutliers):
    """A row of ``X`` is a vector of channels. Two thirds of the rows teach the model, the last third its limits; scores
    are parts over their limits. ``false_alarms``: share of the last third that lies beyond ``offset_``."""

    least_rows: ClassVar[int] = 10
    false_alarms: float

    @abstractmethod
    def _detector(self) -> GroupDetector:
        """The detector with this estimator's settings."""

    def _learn(self, rows: FloatArray) -> None:
        checked_share(self.false_alarms)
        self.group_ = fit_group(self._detector(), rows, least=self.least_rows)
        odd, self.watch_ = self._played(rows, self.group_.fresh())
        held_out = np.nan_to_num(odd[int(FITTED_SHARE * len(rows)) :])
        self.offset_ = -float(np.quantile(held_out, 1.0 - self.false_alarms))

    def _oddness(self, rows: FloatArray) -> FloatArray:
        return self._played(rows, self.watch_)[0]

    def _played(self, rows: FloatArray, watch: Watch) -> tuple[FloatArray, Watch]:
        odd = np.empty(len(rows))
        for place, row in enumerate(rows):
            verdict, watch = look(self.group_, watch, row)
            odd[place] = verdict.score
        return odd, watch


class VarResidualOutliers(GroupOutliers):
    """``VarResidual``, with its settings: what the group did beyond what its last vector led to expect."""

    def __init__(
        self,
        *,
        false_alarms: float = 0.01,
        ridge: float = 10.0,
        window: float = 5,
        smooth: float = 0.3,
        follow: float = 0.02,
        most: float = 3.0,
    ) -> None:
        self.false_alarms = false_alarms
        self.ridge = ridge
        self.window = window
        self.smooth = smooth
        self.follow = follow
        self.most = most

    def _detector(self) -> GroupDetector:
        return VarResidual(self.ridge, self.window, self.smooth, self.follow, self.most)


class HotellingOutliers(GroupOutliers):
    """``Hotelling``, with its settings: T² along the usual directions, Q across them."""

    def __init__(
        self,
        *,
        false_alarms: float = 0.01,
        share: float = 0.9,
        smooth: float = 0.2,
        follow: float = 0.01,
        most: float = 4.0,
    ) -> None:
        self.false_alarms = false_alarms
        self.share = share
        self.smooth = smooth
        self.follow = follow
        self.most = most

    def _detector(self) -> GroupDetector:
        return Hotelling(self.share, self.smooth, self.follow, self.most)
