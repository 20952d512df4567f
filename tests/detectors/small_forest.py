"""A forest fitted from made-up features: most rows near 1, so that large ones are odd."""

from functools import cache

import numpy as np

from detectors.base import FloatArray
from detectors.forest import Forest, fit_forest
from detectors.isolation_forest import FEATURES


def features(count: int, seed: int, centre: float = 1.0) -> FloatArray:
    """Healthy feature rows (count, features)."""
    rows: FloatArray = np.abs(np.random.default_rng(seed).normal(centre, 0.5, (count, len(FEATURES))))
    return rows


@cache
def small_forest() -> Forest:
    forest = fit_forest(features(3_000, 1), features(3_000, 2), seed=0)
    assert forest is not None
    return forest
