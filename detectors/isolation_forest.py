"""The isolation forest at work: odd combinations of what the row detectors say, seen once in a minute of city time."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

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

    def state(self, n: int) -> State:
        return {name: np.full(n, np.nan) for name in FEATURES}

    @staticmethod
    def features(rows: Rows, state: State) -> FloatArray:
        """(m, features); NaN where a detector is not ready."""
        return np.column_stack([state[name][rows.slots] for name in FEATURES])

    def update(self, rows: Rows, state: State) -> Scores:
        known = rows.mask & ~np.isnan(state["ewma_level"][rows.slots]) & ~np.isnan(state["position"][rows.slots])
        score = np.full(len(rows.x), np.nan)
        for code in self._codes(rows):
            forest = self.forests[code]
            assert forest is not None  # ``_codes`` gives those that have one
            ready = known & (rows.code == code)
            score[ready] = 0.0
            # Nearly all rows are everyday ones: the others alone are gathered and scored.
            odd = np.zeros(len(rows.x), np.bool_)
            for place, name in enumerate(FEATURES):
                feature = state[name][rows.slots]
                odd |= (feature < forest.everyday[0, place]) | (feature > forest.everyday[1, place])
            mine = np.flatnonzero(odd & ready)
            if len(mine):
                # A detector that is not ready has nothing odd to say.
                score[mine] = forest.rarities(np.nan_to_num(self.features(rows.part(mine), state)))
        return Scores(score, ~np.isnan(score), np.full(len(rows.x), np.nan))

    def _codes(self, rows: Rows) -> list[int]:
        """The codes among the rows that have a model."""
        present = np.bincount(rows.code, minlength=len(self.forests)) if len(rows.code) else np.zeros(0)
        return [code for code, forest in enumerate(self.forests) if forest is not None and present[code]]
