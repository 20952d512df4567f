"""Without a threshold: how well the scores order the rows."""

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import average_precision_score, roc_auc_score

from detectors.base import FloatArray
from detectors.scoring.segments import as_labels


def auroc(labels: ArrayLike, score: ArrayLike) -> float:
    """Chance that an anomalous row scores higher than a normal one, ties counted half; 0.5 for a constant score.

    ``score``: higher is worse, NaN (the detector said nothing) is the lowest. NaN where only one kind of row is there.
    """
    worse = comparable(score)
    truth = as_labels(labels, len(worse), "auroc")
    return float(roc_auc_score(truth, worse)) if 0 < truth.sum() < len(truth) else float("nan")


def average_precision(labels: ArrayLike, score: ArrayLike) -> float:
    """Sum over thresholds of recall step times precision; the share of anomalous rows for a constant score.

    ``score`` as for ``auroc``. NaN where nothing is labelled.
    """
    worse = comparable(score)
    truth = as_labels(labels, len(worse), "average_precision")
    return float(average_precision_score(truth, worse)) if truth.any() else float("nan")


def comparable(score: ArrayLike) -> FloatArray:
    """Finite scores in the same order, NaN lowest: what cannot be compared must not drop out of the count.

    >>> comparable([2.0, np.nan, np.inf]).tolist()
    [1.0, 0.0, 2.0]
    """
    given = np.asarray(score, np.float64)
    if given.ndim != 1:
        raise ValueError(f"score: expected one number for each row, shape (n,), got shape {given.shape}")
    lowest = np.where(np.isnan(given), -np.inf, given)
    ranks: FloatArray = np.unique(lowest, return_inverse=True)[1].astype(np.float64)
    return ranks
