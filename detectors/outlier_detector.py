"""What detectors have in common that ask a library's estimator: the features of the isolation forest, at its looks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np

from detectors.base import Detector, Rows, Scores, State
from detectors.isolation_forest import FEATURES, OddCombination
from detectors.outlier_model import Plan, Scorer, plan_of
from detectors.settings_of import made
from topics.errors import ConfigurationError

_LEVEL, _POSITION = FEATURES.index("ewma_level"), FEATURES.index("position")


@dataclass(frozen=True)
class OutlierDetector(Detector):
    """``score`` = -log10 p of the series' features by its class's model, from 0; all rows of a look in one batch.

    ``plan_kind``: which library is asked. The members tell what each setting means there.
    """

    family: ClassVar[str] = "model"
    plan_kind: ClassVar[type[Plan]]
    estimator: str = ""
    params: str = "{}"
    most_rows: float = 2_000
    calm_looks: float = 3
    quiet_s: float = 3600.0
    models: tuple[Scorer | None, ...] = field(default=(), repr=False)

    @property
    def plan(self) -> Plan:
        """What is fitted."""
        return self.plan_kind(self.estimator, self.params)

    @classmethod
    def from_pack(cls, given: Mapping[str, Any]) -> Self:
        """As a pack's table ``[detectors.<name>]`` sets it, without models. Raises ``ConfigurationError``."""
        plain = {name: value for name, value in given.items() if name not in ("estimator", "params")}
        default = cls()
        plan = default.plan
        if len(plain) != len(given):
            try:
                # Another estimator does not get the settings of the one that would have been.
                plan = plan_of(given.get("estimator", default.estimator), given.get("params", {}), cls.plan_kind)
            except ConfigurationError as error:
                raise ConfigurationError(f"detectors.{cls.name}: {error}") from error
        return made(cls, cls.name, plain, estimator=plan.estimator, params=plan.params, models=())

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
