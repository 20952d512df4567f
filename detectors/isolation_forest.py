"""The isolation forest at work: odd combinations of what the row detectors say, seen every few minutes of city time."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from detectors.base import BoolArray, Detector, FloatArray, Rows, Scores, SlotArray, State
from detectors.calibration import FUSED
from detectors.forest import Forest, Walk

#: The features of a series: three scores, how the short spread stands to the long one (log2), and where in its
#: span its mean lies. The first three are pooled within a sensor class by construction.
FEATURES = ("rate_of_change", "hour_of_day", "ewma_level", "spread_ratio", "position")
#: What is remembered of a series between two looks, and the columns of samples: the features, and the scores that
#: are calibrated with them and that forests do not see.
MEMORY = (*FEATURES, *(name for name in FUSED if name not in FEATURES))
#: The features before it are scores, from 0.
RATIO = FEATURES.index("spread_ratio")
_LEVEL, _POSITION = FEATURES.index("ewma_level"), FEATURES.index("position")
_NAN = np.float64(np.nan)
_NONE: SlotArray = np.zeros(0, np.intp)


@dataclass(frozen=True)
class OddCombination(Detector):
    """``score`` = -log10 p of the series' features by its class's forest, 0 for everyday ones; all rows in one batch.

    ``minute_s``: how often it looks, in city time; ``turns``: looks in which each series has its turn once, so that
    each look sees a like share of them; ``calm_looks``: looks at a series below half the bound that end an episode;
    ``quiet_s``: time after an episode in which no new one opens. ``forests`` by code, ``None`` = no model.
    Its memory are the features themselves, brought up to date by the kernel (of the spreads the plain ratio).
    """

    name: ClassVar[str] = "isolation_forest"
    family: ClassVar[str] = "model"
    minute_s: float = 60.0
    turns: float = 5
    calm_looks: float = 3
    quiet_s: float = 3600.0
    forests: tuple[Forest | None, ...] = field(default=(), repr=False)
    _boxes: FloatArray = field(init=False, repr=False, compare=False)
    _bare: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _walks: tuple[Walk | None, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # The boxes of all models as one table by code, so that one comparison serves all rows; where there is
        # no model nothing lies outside.
        boxes = np.empty((2, len(FEATURES), len(self.forests)))
        boxes[0], boxes[1] = -np.inf, np.inf
        for code, forest in enumerate(self.forests):
            if forest is not None:
                boxes[:, :, code] = forest.everyday
                boxes[:, RATIO, code] = np.exp2(forest.everyday[:, RATIO])  # the memory holds the ratio itself
        object.__setattr__(self, "_boxes", boxes)
        walks = {id(each): Walk(each) for each in self.forests if each is not None}
        object.__setattr__(self, "_bare", tuple(code for code, each in enumerate(self.forests) if each is None))
        object.__setattr__(self, "_walks", tuple(walks.get(id(each)) for each in self.forests))

    @property
    def every_ms(self) -> float:
        """City time between two looks at a series."""
        return self.minute_s * self.turns * 1000.0

    def due(self, before: int, now: int) -> tuple[int, ...]:
        """Which turns, numbers below ``turns``, are due in a look at ``now``, the last one having been at ``before``
        (ms UTC): after a pause all of them."""
        minute, turns = int(self.minute_s * 1000), max(int(self.turns), 1)
        last = now // minute
        return tuple([(last - late) % turns for late in range(min(last - before // minute, turns))])

    def state(self, n: int) -> State:
        return {name: np.full(n, np.nan) for name in MEMORY}

    @staticmethod
    def features(rows: Rows, state: State) -> FloatArray:
        """(m, features); NaN where a detector is not ready."""
        return _features([state[name][rows.slots] for name in FEATURES])

    @staticmethod
    def sampled(rows: Rows, state: State) -> FloatArray:
        """(m, columns of ``MEMORY``): what models are fitted from."""
        rest = np.column_stack([state[name][rows.slots] for name in MEMORY[len(FEATURES) :]])
        return np.concatenate([OddCombination.features(rows, state), rest], axis=1)

    def update(self, rows: Rows, state: State) -> Scores:
        memory = [state[name][rows.slots] for name in FEATURES]
        score = np.zeros(len(rows.x))
        silent = np.isnan(memory[_LEVEL])
        silent |= np.isnan(memory[_POSITION])
        silent |= ~rows.mask
        if not self.forests:
            silent[:] = True
        for code in self._bare:
            silent |= rows.code == code
        # Nearly all rows are everyday ones: the others alone are scored.
        odd = np.flatnonzero(self._outside(memory, rows) > silent) if self.forests else _NONE
        if len(odd):
            codes, features = rows.code[odd], _features([each[odd] for each in memory])
            features[np.isnan(features)] = 0.0  # a detector that is not ready has nothing odd to say
            for code in {int(each) for each in codes}:
                walk, mine = self._walks[code], codes == code
                assert walk is not None  # nothing lies outside where there is none
                score[odd[mine]] = walk.rarities(features[mine])
        if silent.any():
            score[silent] = np.nan
        return Scores(score, ~silent, np.broadcast_to(_NAN, score.shape))

    def _outside(self, memory: list[FloatArray], rows: Rows) -> BoolArray:
        """Which rows have a feature outside the box of their code's model."""
        outside = np.zeros(len(rows.code), np.bool_)
        for place, each in enumerate(memory):
            low, high = self._boxes[:, place, rows.code[0] if rows.alike else rows.code]
            outside |= each < low
            outside |= each > high
        return outside


def _features(memory: list[FloatArray]) -> FloatArray:
    """What forests see, from what is remembered: (m, features)."""
    features = np.array(memory).T
    features[:, RATIO] = np.log2(features[:, RATIO])
    return features
