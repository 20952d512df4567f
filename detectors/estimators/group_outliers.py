"""The group detectors over the vectors of a group, as estimators."""

from dataclasses import dataclass
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
    kind: ClassVar[type[GroupDetector]]
    false_alarms: float

    def _detector(self) -> GroupDetector:
        """The detector with this estimator's settings, which bear its names."""
        return self.kind(**{name: getattr(self, name) for name in self.kind.BOUNDS})

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


@dataclass(eq=False, repr=False, kw_only=True)
class VarResidualOutliers(GroupOutliers):
    """``VarResidual``, with its settings: what the group did beyond what its last vector led to expect."""

    kind = VarResidual
    false_alarms: float = 0.01
    ridge: float = VarResidual.ridge
    window: float = VarResidual.window
    smooth: float = VarResidual.smooth
    follow: float = VarResidual.follow
    most: float = VarResidual.most


@dataclass(eq=False, repr=False, kw_only=True)
class HotellingOutliers(GroupOutliers):
    """``Hotelling``, with its settings: T² along the usual directions, Q across them."""

    kind = Hotelling
    false_alarms: float = 0.01
    share: float = Hotelling.share
    smooth: float = Hotelling.smooth
    follow: float = Hotelling.follow
    most: float = Hotelling.most
