"""The isolation forest at work: odd combinations of what the row detectors say, seen once in a minute of city time."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from detectors.base import Detector, FloatArray, Rows, Scores, State
from detectors.forest import Forest

#: The features of a series: three scores, how the short spread stands to the long one (log2), and where in its
#: span its mean lies. The first three are pooled within a sensor class by construction.
FEATURES = ("rate_of_change", "hour_of_day", "ewma_level", "spread_ratio", "position")


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
    _boxes: FloatArray = field(init=False, repr=False, compare=False)
    _modelled: NDArray[np.bool_] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # The boxes of all models as one table by code, so that one comparison serves all rows; where there is
        # no model nothing lies outside.
        boxes = np.empty((2, len(self.forests), len(FEATURES)))
        boxes[0], boxes[1] = -np.inf, np.inf
        for code, forest in enumerate(self.forests):
            if forest is not None:
                boxes[:, code] = forest.everyday
        object.__setattr__(self, "_boxes", boxes)
        object.__setattr__(self, "_modelled", np.array([each is not None for each in self.forests], np.bool_))

    def state(self, n: int) -> State:
        return {name: np.full(n, np.nan) for name in FEATURES}

    @staticmethod
    def features(rows: Rows, state: State) -> FloatArray:
        """(m, features); NaN where a detector is not ready."""
        return np.column_stack([state[name][rows.slots] for name in FEATURES])

    def update(self, rows: Rows, state: State) -> Scores:
        known = rows.mask & ~np.isnan(state["ewma_level"][rows.slots]) & ~np.isnan(state["position"][rows.slots])
        features = self.features(rows, state)
        known &= self._modelled[rows.code] if len(self.forests) else False
        score = np.where(known, 0.0, np.nan)
        # Nearly all rows are everyday ones: the others alone are scored.
        low, high = self._boxes[:, rows.code] if len(self.forests) else (features, features)
        odd = np.flatnonzero(known & ((features < low) | (features > high)).any(axis=1))
        for code in np.unique(rows.code[odd]).tolist():
            forest, mine = self.forests[code], odd[rows.code[odd] == code]
            assert forest is not None  # nothing lies outside where there is none
            # A detector that is not ready has nothing odd to say.
            score[mine] = forest.rarities(np.nan_to_num(features[mine]))
        return Scores(score, ~np.isnan(score), np.full(len(rows.x), np.nan))
