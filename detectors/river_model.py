"""The anomaly detectors of river as estimators: taught row by row in order of time, then asked without learning.

river is an optional extra. Like scikit-learn's estimators they travel as the rows that taught them and a seed: taught
again, they are the same ones, and no pickle is needed.
"""

import copy
import importlib
import importlib.metadata
import importlib.util
import inspect
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from detectors.base import FloatArray
from detectors.outlier_model import LEAST_ROWS, MOST_TAUGHT, Plan
from topics.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Kind:
    """``of_one``: it judges one number by the others, so there is one for each feature and the oddest counts;
    ``bounded``: scores end at 1, where what matters is how near; ``changes``: scoring a row changes it."""

    of_one: bool = False
    bounded: bool = False
    changes: bool = False


#: river's public detectors of anomalies, but for the filters, which set bounds for others (calibration does that here),
#: and `PredictiveAnomalyDetection`, which needs a predictor that no plain setting can name.
KINDS = {
    "GaussianScorer": Kind(of_one=True, bounded=True),
    "HalfSpaceTrees": Kind(bounded=True),
    "LocalOutlierFactor": Kind(changes=True),
    "OneClassSVM": Kind(),
    "StandardAbsoluteDeviation": Kind(of_one=True),
}
_PATH = "river.anomaly."
#: A tree has 2^(height + 1) nodes of Python objects.
MOST_HEIGHT = 12
_LEAST_LEFT = 1e-12


class RiverPlan(Plan):
    """``estimator``: path of the class in `river.anomaly`; ``params``: its settings as JSON, keys sorted."""

    __slots__ = ()

    def made(self, seed: int) -> "Learner":
        """A fresh one, seeded where it draws lots. Raises ``ConfigurationError``."""
        name = self.estimator.removeprefix(_PATH)
        if not self.estimator.startswith(_PATH) or name not in KINDS:
            expected = ", ".join(_PATH + each for each in KINDS)
            raise ConfigurationError(f"estimator: expected one of {expected}, got {self.estimator!r}")
        require_river()
        # Imported here alone: it takes seconds, and is an extra.
        detector = getattr(importlib.import_module("river.anomaly"), name)
        known, params = set(inspect.signature(detector).parameters), json.loads(self.params)
        if not isinstance(params, dict) or set(params) - known:
            raise ConfigurationError(f"{self.estimator}: expected settings among {sorted(known)}, got {self.params}")
        height = params.get("height", 1)
        if not (isinstance(height, int) and 1 <= height <= MOST_HEIGHT):
            raise ConfigurationError(f"{self.estimator}: expected height from 1 to {MOST_HEIGHT}, got {height!r}")
        return Learner(detector, ({"seed": seed} if "seed" in known else {}) | params, KINDS[name])


class Learner:
    """One of river's detectors as scikit-learn has them: ``fit`` and ``score_samples`` over rows of scaled features."""

    def __init__(self, detector: Any, params: dict[str, Any], kind: Kind) -> None:
        self._made: Callable[[], Any] = lambda: detector(**params)
        self._kind = kind
        self._models: list[Any] = []

    def fit(self, rows: FloatArray) -> "Learner":
        """Learn (m, features) rows, the oldest first. Raises ``ValueError`` for settings that river takes but cannot
        work with: it checks none itself, so that any error may come of them."""
        try:
            self._models = [self._made() for _ in range(rows.shape[1] if self._kind.of_one else 1)]
            for row in _dicts(rows):
                if self._kind.of_one:
                    for place, model in enumerate(self._models):
                        model.learn_one(*_apart(row, place))
                else:
                    self._models[0].learn_one(row)
        except Exception as error:  # whatever river raises means the same: these settings do not work
            raise ValueError(f"cannot learn: {error!r}") from error
        return self

    def score_samples(self, rows: FloatArray) -> FloatArray:
        """The lower the odder, as scikit-learn has it; each row by itself, and nothing is learnt."""
        odd = np.array([self._oddness(row) for row in _dicts(rows)], np.float64)
        # Half-space trees and distribution functions end at 1: the share that is left resolves them there.
        result: FloatArray = np.log10(np.maximum(1.0 - odd, _LEAST_LEFT)) if self._kind.bounded else -odd
        return result

    def _oddness(self, row: dict[str, float]) -> float:
        """NaN where it has nothing to say: a row that it cannot work with must not stop a worker."""
        try:
            if self._kind.of_one:
                return max(float(model.score_one(*_apart(row, place))) for place, model in enumerate(self._models))
            model = copy.deepcopy(self._models[0]) if self._kind.changes else self._models[0]
            return float(model.score_one(row))
        except (ArithmeticError, LookupError, ValueError):
            return np.nan


def _dicts(rows: FloatArray) -> Iterator[dict[str, float]]:
    """Rows as river takes them, between 0 and 1 as half-space trees want them."""
    names = [f"f{place}" for place in range(rows.shape[1])]
    for row in (0.5 + rows / (2.0 * MOST_TAUGHT)).tolist():
        yield dict(zip(names, row, strict=True))


def _apart(row: dict[str, float], place: int) -> tuple[dict[str, float], float]:
    """The other features, and the one at a place."""
    name = f"f{place}"
    return {key: value for key, value in row.items() if key != name}, row[name]


@lru_cache(maxsize=64)
def check_plan(estimator: str, params: str, most_rows: int) -> None:
    """Learn a few made-up rows. Raises ``ConfigurationError`` where river's detector cannot work with its settings, or
    would not have begun to score after ``most_rows``."""
    learner = RiverPlan(estimator, params).made(0)
    rows = np.random.default_rng(0).standard_normal((LEAST_ROWS, 5))
    try:
        learner.fit(rows).score_samples(rows[:2])
    except Exception as error:  # as in ``fit``: river checks no settings itself
        raise ConfigurationError(f"{estimator}: cannot work with settings {params}: {error!r}") from error
    given = json.loads(params)
    for name in ("window_size", "grace_period"):  # before so many it says nothing
        window = given.get(name)
        if isinstance(window, int | float) and window > most_rows:
            raise ConfigurationError(f"{estimator}: expected {name} <= most_rows ({most_rows}), got {window}")


def require_river() -> None:
    """Raises ``ConfigurationError`` where it is not installed."""
    if not river_version():
        raise ConfigurationError(
            "expected the library river, which is not installed; it comes with the extra `river`: "
            "pip install 'citybrain[river]'"
        )


def river_version() -> str:
    """Of river, without loading it; empty where it is not installed."""
    try:
        return importlib.metadata.version("river")
    except importlib.metadata.PackageNotFoundError:
        return ""
