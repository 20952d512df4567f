"""What all our estimators have in common: scikit-learn's sign (low is odd), its offset, its labels +1 and -1."""

from abc import abstractmethod
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, OutlierMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from detectors.base import FloatArray

Labels: TypeAlias = NDArray[np.int64]

_IN_ORDER = "rows are moments in order of time: what came before a row belongs to what is said of it"
#: The checks of scikit-learn that no detector over time can pass, with the reason, as `check_estimator` and
#: `parametrize_with_checks` want them in ``expected_failed_checks``.
EXPECTED_FAILURES: dict[str, str] = {
    "check_methods_sample_order_invariance": _IN_ORDER,
    "check_methods_subset_invariance": _IN_ORDER,
}


class TimeOrderedOutliers(OutlierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Rows of ``X`` are moments in order of time, equally far apart; NaN is a value that did not come.

    ``fit`` learns from rows taken as mostly healthy. What is asked afterwards is taken to follow them, and nothing is
    learnt from it for the next question: equal questions get equal answers.

    Attributes: ``offset_`` the score below which a row is an outlier; ``n_features_in_``.
    """

    #: Rows that ``fit`` wants at least.
    least_rows: ClassVar[int] = 2
    offset_: float

    def fit(self, X: ArrayLike, y: object = None) -> "TimeOrderedOutliers":
        """Learn from the rows (n, d). Raises ``ValueError`` where they are too few, infinite or no numbers."""
        rows = self._validated(X, reset=True)
        self._learn(rows)
        return self

    def score_samples(self, X: ArrayLike) -> FloatArray:
        """Of each row (n,): at most 0, lower is odder; 0 for rows without a value."""
        check_is_fitted(self)
        odd = self._oddness(self._validated(X, reset=False))
        scores: FloatArray = 0.0 - np.nan_to_num(odd)
        return scores

    def decision_function(self, X: ArrayLike) -> FloatArray:
        """``score_samples`` less ``offset_``: below 0 is an outlier."""
        return self.score_samples(X) - self.offset_

    def predict(self, X: ArrayLike) -> Labels:
        """-1 for outliers, +1 for the others."""
        return np.where(self.decision_function(X) < 0.0, -1, 1)

    @abstractmethod
    def _learn(self, rows: FloatArray) -> None:
        """Set what ends in an underscore, ``offset_`` among it."""

    @abstractmethod
    def _oddness(self, rows: FloatArray) -> FloatArray:
        """(n,) from 0, higher is odder, NaN where nothing can be said; changes nothing."""

    def _validated(self, given: ArrayLike, reset: bool) -> FloatArray:
        least = self.least_rows if reset else 1
        rows: FloatArray = validate_data(
            self, given, reset=reset, dtype=np.float64, ensure_all_finite="allow-nan", ensure_min_samples=least
        )
        return rows

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def checked_share(false_alarms: float) -> None:
    """Raises ``ValueError`` where it is no share."""
    if not 0.0 < false_alarms < 1.0:
        raise ValueError(f"false_alarms: expected a share between 0 and 1, got {false_alarms!r}")
