"""Any outlier estimator of scikit-learn over the features that the isolation forest sees, at the same looks.

Fitted in the background by the fitter, calibrated by class, scored in batches once in a minute of city time.
"""

from dataclasses import dataclass
from typing import ClassVar

from detectors.outlier_detector import OutlierDetector
from detectors.outlier_model import Plan


@dataclass(frozen=True)
class SklearnOutlier(OutlierDetector):
    """``score`` = -log10 p of the series' features by its class's model, from 0; all rows of a look in one batch.

    ``estimator``: path of a public outlier estimator of scikit-learn that scores rows it was not fitted on; ``params``:
    its settings, a table in the pack; ``most_rows``: healthy rows that teach it, at most; ``calm_looks``: looks at a
    series below half the bound that end an episode; ``quiet_s``: time after an episode in which no new one opens.
    ``models`` by code, ``None`` = no model. Its memory are the features, which the forest keeps.
    """

    name: ClassVar[str] = "sklearn_outlier"
    plan_kind: ClassVar[type[Plan]] = Plan
    estimator: str = "sklearn.neighbors.LocalOutlierFactor"
    params: str = '{"n_neighbors": 35, "novelty": true}'
