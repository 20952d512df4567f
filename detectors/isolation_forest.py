"""The isolation forest at work: odd combinations of what the row detectors say, seen once in a minute of city time."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from detectors.base import Detector, FloatArray, Rows, Scores, State
from detectors.forest import Forest

#: The features of a series: three scores, how the short spread stands to the long one (log2), and where in its
#: span its mean lies. The first three are pooled within a sensor class by construction.
FEATURES = ("rate_of_change", "hour_of_day", "ewma_level", "spread_ratio", "position")
#: From this feature on all must be known.
LEVEL = 2


@dataclass(frozen=True)
class OddCombination(Detector):
    """``score`` = -log10 p of the series' features by its class's forest, 0 for everyday ones; all rows in one batch.

    ``minute_s``: how often it looks, in city time; ``calm_looks``: looks below half the bound that end an
    episode; ``quiet_s``: time after an episode in which no new one opens. ``forests`` by code, ``None`` = no model.
    Its memory are the features themselves, brought up to date by the kernel.
    """

    name: ClassVar[str] = "isolation_forest"
    family: ClassVar[str] = "model"
    minute_s: float = 60.0
    calm_looks: float = 3
    quiet_s: float = 3600.0
    forests: tuple[Forest | None, ...] = field(default=(), repr=False)

    def state(self, n: int) -> State:
        return {name: np.full(n, np.nan) for name in FEATURES}

    @staticmethod
    def features(rows: Rows, state: State) -> FloatArray:
        """(m, features); NaN where a detector is not ready."""
        return np.column_stack([state[name][rows.slots] for name in FEATURES])

    def update(self, rows: Rows, state: State) -> Scores:
        features = self.features(rows, state)
        ready = rows.mask & ~np.isnan(features[:, LEVEL:]).any(axis=1)
        features = np.nan_to_num(features)  # a detector that is not ready has nothing odd to say
        score = np.full(len(rows.x), np.nan)
        for code in np.unique(rows.code[ready]).tolist():
            forest = self.forests[code] if code < len(self.forests) else None
            if forest is not None:
                mine = np.flatnonzero(ready & (rows.code == code))
                score[mine] = forest.rarities(features[mine])
        return Scores(score, ~np.isnan(score), np.full(len(rows.x), np.nan))
