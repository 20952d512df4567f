"""Any outlier estimator of scikit-learn (or river) as a model that travels as numbers: the rows that taught it and how.

What is loaded is never a fitted object. A pickle runs code, and formats with a list of allowed types (skops was tried)
refuse the estimators built of trees, whose node arrays can make the process read where it must not. A few thousand
rows and a seed give the same estimator again in a moment, with any of them, and there is nothing in it to distrust.
"""

import importlib
import importlib.metadata
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from detectors.base import FloatArray
from detectors.calibration import LEAST_SCORES, step_of, tail_rarity
from topics.errors import ConfigurationError

#: A public class of scikit-learn: no part of the path is private, none belongs to its tests.
_PUBLIC = re.compile(r"sklearn(\.(?!externals|tests|utils)[a-z][a-z0-9_]*)+\.[A-Z][A-Za-z0-9]*")
#: Healthy rows beyond so many of their spreads teach no more than this.
MOST_TAUGHT = 12.0
#: Where the rarest half per cent of healthy scores begins on the tables' grid.
_GRID = 64.0
_LEAST_SPREAD = 1e-9
LEAST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Plan:
    """``estimator``: path of the class; ``params``: its settings as JSON, keys sorted."""

    estimator: str
    params: str

    def made(self, seed: int) -> Any:
        """A fresh estimator, one thread, seeded where it draws lots. Raises ``ConfigurationError``."""
        kind, params = estimator_class(self.estimator), json.loads(self.params)
        known = set(kind().get_params(deep=False)) if isinstance(params, dict) else set()
        if not isinstance(params, dict) or set(params) - known:
            raise ConfigurationError(f"{self.estimator}: expected settings among {sorted(known)}, got {self.params}")
        given = {name: value for name, value in (("random_state", seed), ("n_jobs", 1)) if name in known}
        made = kind(**given | params)
        if not (hasattr(made, "score_samples") or hasattr(made, "decision_function")):
            raise ConfigurationError(
                f"{self.estimator}: expected an estimator that scores rows it was not fitted on"
                f"{' (set novelty = true)' if 'novelty' in known else ''}, got settings {self.params}"
            )
        return made


def plan_of(estimator: object, params: object, kind: type[Plan] = Plan) -> Plan:
    """From a pack's settings; ``kind`` is the library's. Raises ``ConfigurationError`` where the class is none that may
    be fitted, or has no such settings; values are numbers, words and truths."""
    if not isinstance(params, Mapping) or not all(isinstance(each, str | int | float) for each in params.values()):
        raise ConfigurationError(f"params: expected a table of numbers, words and truths, got {params!r}")
    plan = kind(str(estimator), json.dumps(dict(params), sort_keys=True))
    plan.made(0)
    return plan


def estimator_class(path: str) -> Any:
    """The class at a path such as ``sklearn.svm.OneClassSVM``. Raises ``ConfigurationError`` for anything but a public
    outlier estimator of scikit-learn: a path comes from a pack or a topic, and importing runs code."""
    wrong = f"estimator: expected the path of one of scikit-learn's outlier estimators, got {path!r}"
    if not _PUBLIC.fullmatch(path):
        raise ConfigurationError(wrong)
    # Imported here alone: a process that never uses one would wait a second for it.
    from sklearn.base import BaseEstimator, OutlierMixin

    module, _, name = path.rpartition(".")
    try:
        kind = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(wrong) from error
    if not (isinstance(kind, type) and issubclass(kind, OutlierMixin) and issubclass(kind, BaseEstimator)):
        raise ConfigurationError(wrong)
    return kind


@dataclass(frozen=True, slots=True)
class OutlierModel:
    """``rows`` (n, features) healthy ones, scaled; ``scale`` (2, features): centre and spread of each feature;
    ``level`` (2,): the middle of healthy oddness, and the distance to its rarest half per cent; ``rarity`` turns
    oddness into -log10 p by held-out healthy rows; ``seed`` (1,).
    """

    plan: Plan
    rows: FloatArray
    scale: FloatArray
    level: FloatArray
    rarity: FloatArray
    seed: FloatArray

    ARRAYS = ("rows", "scale", "level", "rarity", "seed")

    def arrays(self) -> dict[str, FloatArray]:
        """All arrays by name."""
        return {name: getattr(self, name) for name in self.ARRAYS}

    def fitted(self) -> "Scorer":
        """For use: fits the estimator. Raises ``ValueError`` where the model is broken."""
        features = self.scale.shape[-1]
        fits = self.rows.ndim == 2 and self.rows.shape[1:] == (features,) and self.scale.shape == (2, features)
        numbers = all(np.isfinite(each).all() for each in self.arrays().values())
        if not (fits and numbers and self.level.shape == (2,) and self.rarity.ndim == 1 and self.seed.shape == (1,)):
            raise ValueError(f"outliers: expected rows of {features} features and their scale, got {self.rows.shape}")
        try:
            estimator = _fit(self.plan, self.rows, int(self.seed[0]))
        except (ConfigurationError, ValueError, TypeError) as error:
            raise ValueError(f"outliers: {self.plan.estimator} cannot be fitted: {error}") from error
        return Scorer(self, estimator)


class Scorer:
    """A model in use."""

    def __init__(self, model: OutlierModel, estimator: Any) -> None:
        self.model = model
        self._estimator = estimator

    def rarities(self, rows: FloatArray) -> FloatArray:
        """-log10 p of each of (m, features) rows on healthy data, all in one batch."""
        model = self.model
        odd = oddness(self._estimator, scaled(rows, model.scale))
        found: FloatArray = model.rarity[step_of(_on_grid(odd, model.level))]
        return found


def fit_outliers(plan: Plan, rows: FloatArray, held_out: FloatArray, seed: int, most_rows: int) -> OutlierModel | None:
    """A model from healthy feature rows (evenly thinned to ``most_rows``), calibrated on others; ``None`` where either
    are too few. Raises ``ConfigurationError`` where the estimator refuses its settings."""
    if len(rows) < LEAST_ROWS or len(held_out) < LEAST_SCORES:
        return None
    taught = rows[np.linspace(0, len(rows) - 1, min(most_rows, len(rows))).astype(np.intp)]
    centre = np.median(shaped(taught), axis=0)
    scale = np.stack([centre, np.maximum(shaped(taught).std(axis=0), _LEAST_SPREAD)])
    known = scaled(taught, scale)
    try:
        estimator = _fit(plan, known, seed)
        odd = oddness(estimator, scaled(held_out, scale))
    except (ValueError, TypeError) as error:
        raise ConfigurationError(f"{plan.estimator}: {error}") from error
    odd = odd[np.isfinite(odd)]  # of some rows an estimator may have nothing to say
    if len(odd) < LEAST_SCORES:
        return None
    middle, far = np.quantile(odd, [0.5, 0.995])
    level = np.array([middle, max(far - middle, _LEAST_SPREAD * max(1.0, abs(middle)))])
    return OutlierModel(plan, known, scale, level, tail_rarity(_on_grid(odd, level)), np.array([float(seed)]))


def shaped(rows: FloatArray) -> FloatArray:
    """Features whose large values do not drown the others: the logarithm of what is beyond 1, with its sign."""
    size = np.abs(rows)
    result: FloatArray = np.copysign(np.where(size > 1.0, 1.0 + np.log(np.maximum(size, 1.0)), size), rows)
    return result


def scaled(rows: FloatArray, scale: FloatArray) -> FloatArray:
    """(rows - centre) / spread of the shaped features, bounded; a feature that is missing is at its centre."""
    z: FloatArray = np.clip((shaped(rows) - scale[0]) / scale[1], -MOST_TAUGHT, MOST_TAUGHT)
    return np.nan_to_num(z)


def oddness(estimator: Any, rows: FloatArray) -> FloatArray:
    """Higher is odder. In single precision: a batch and a row alone may differ in the last bits of a sum."""
    score = estimator.score_samples if hasattr(estimator, "score_samples") else estimator.decision_function
    odd: FloatArray = -np.asarray(score(rows)).astype(np.float32).astype(np.float64)
    return odd


def _on_grid(odd: FloatArray, level: FloatArray) -> FloatArray:
    beyond: FloatArray = _GRID * np.maximum(odd - level[0], 0.0) / level[1]
    return beyond


def _fit(plan: Plan, rows: FloatArray, seed: int) -> Any:
    from threadpoolctl import threadpool_limits

    estimator = plan.made(seed)
    with threadpool_limits(1):  # sums in another order are other sums
        return estimator.fit(rows)


def library_version() -> str:
    """Of scikit-learn, without loading it."""
    return importlib.metadata.version("scikit-learn")
