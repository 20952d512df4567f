"""Any outlier estimator of scikit-learn over the features that the isolation forest sees, at the same looks.

Fitted in the background by the fitter, calibrated by class, scored in batches once in a minute of city time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from detectors.base import Detector, Rows, Scores, State
from detectors.isolation_forest import FEATURES, OddCombination
from detectors.outlier_model import Plan, Scorer, plan_of

_LEVEL, _POSITION = FEATURES.index("ewma_level"), FEATURES.index("position")
DEFAULT_ESTIMATOR = "sklearn.neighbors.LocalOutlierFactor"
_DEFAULT_PARAMS = '{"n_neighbors": 35, "novelty": true}'


@dataclass(frozen=True)
class SklearnOutlier(Detector):
    """``score`` = -log10 p of the series' features by its class's model, from 0; all rows of a look in one batch.

    ``estimator``: path of a public outlier estimator of scikit-learn that scores rows it was not fitted on; ``params``:
    its settings, a table in the pack; ``most_rows``: healthy rows that teach it, at most; ``calm_looks``: looks at a
    series below half the bound that end an episode; ``quiet_s``: time after an episode in which no new one opens.
    ``models`` by code, ``None`` = no model. Its memory are the features, which the forest keeps.
    """

    name: ClassVar[str] = "sklearn_outlier"
    family: ClassVar[str] = "model"
    estimator: str = DEFAULT_ESTIMATOR
    params: str = _DEFAULT_PARAMS
    most_rows: float = 2_000
    calm_looks: float = 3
    quiet_s: float = 3600.0
    models: tuple[Scorer | None, ...] = field(default=(), repr=False)

    @property
    def plan(self) -> Plan:
        """What is fitted."""
        return Plan(self.estimator, self.params)

    def state(self, n: int) -> State:
        return {name: np.full(n, np.nan) for name in FEATURES}

    def update(self, rows: Rows, state: State) -> Scores:
        features = OddCombination.features(rows, state)
        speaks = rows.mask & ~np.isnan(features[:, _LEVEL]) & ~np.isnan(features[:, _POSITION])
        score = np.full(len(rows.x), np.nan)
        for code, model in enumerate(self.models):
            mine = np.flatnonzero(speaks & (rows.code == code)) if model is not None else ()
            if model is not None and len(mine):
                score[mine] = model.rarities(features[mine])
        ready = ~np.isnan(score)
        return Scores(score, ready, np.full(len(score), np.nan))


def settings_from(given: Mapping[str, Any]) -> tuple[dict[str, Any], Plan]:
    """The plain settings of a pack's table, and what is fitted. Raises ``ConfigurationError``."""
    plain = {name: value for name, value in given.items() if name not in ("estimator", "params")}
    if len(plain) == len(given):
        return plain, Plan(DEFAULT_ESTIMATOR, _DEFAULT_PARAMS)
    return plain, plan_of(given.get("estimator", DEFAULT_ESTIMATOR), given.get("params", {}))
