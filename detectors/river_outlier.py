"""Any anomaly detector of river, which learns row by row, over the features that the isolation forest sees.

The fitter teaches it healthy rows in order of time and calibrates it by class on rows that it has not learnt; live it
only scores, at the forest's looks, and learns again at the next fit. Needs the extra `river`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from detectors.outlier_detector import OutlierDetector
from detectors.outlier_model import Plan
from detectors.river_model import RiverPlan, check_plan, require_river
from topics.errors import ConfigurationError


@dataclass(frozen=True)
class RiverOutlier(OutlierDetector):
    """``score`` = -log10 p of the series' features by its class's model, from 0, one row after another.

    ``estimator``: `river.anomaly.` and the name of one of river's detectors; ``params``: its settings, a table in the
    pack; ``most_rows``: healthy rows that teach it, at most; ``calm_looks``: looks at a series below half the bound
    that end an episode; ``quiet_s``: time after an episode in which no new one opens.
    ``models`` by code, ``None`` = no model. Its memory are the features, which the forest keeps.
    """

    name: ClassVar[str] = "river_outlier"
    plan_kind: ClassVar[type[Plan]] = RiverPlan
    estimator: str = "river.anomaly.HalfSpaceTrees"
    #: Few deep trees, as river has them by default, waver so much on healthy rows that hardly any row is rare to them.
    params: str = '{"height": 5, "n_trees": 50, "window_size": 500}'

    @classmethod
    def from_pack(cls, given: Mapping[str, Any]) -> Self:
        made = super().from_pack(given)
        try:
            require_river()
            check_plan(made.estimator, made.params, int(made.most_rows))
        except ConfigurationError as error:
            raise ConfigurationError(f"detectors.{cls.name}: {error}") from error
        return made
