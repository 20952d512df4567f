"""Which series could reach the bound of their forest at a look: found by a few comparisons, so that the others, nearly
all, need no tree and not even their features."""

from dataclasses import dataclass
from math import inf, log2

import numpy as np

from detectors.base import FloatArray, SlotArray, State, where_true
from detectors.episodes import ANOMALY, LIMIT, OpenEpisodes
from detectors.forest import COUNTED, Forest, widths
from detectors.in_force import InForce
from detectors.isolation_forest import FEATURES, RATIO, OddCombination
from detectors.series import SeriesTable

#: Comparisons err on the side of looking: the trees' features are counted in another order.
_MARGIN = 1e-9


@dataclass(frozen=True, slots=True)
class _Box:
    """A forest's box in plain numbers: ``high`` and ``width`` of the scores, ``low`` and ``high`` and ``width`` of the
    ratio of the spreads, ``least``: how far out together a row must lie at least."""

    scores: tuple[tuple[float, float], ...]
    ratio: tuple[float, float, float]
    least: float

    def reached(self, scores: list[float], ratio: float) -> bool:
        """Whether a row of these features could be as rare as an alarm must be."""
        # The greater of 0 and NaN is 0: a detector that is not ready has nothing odd to say.
        out = [max(0.0, (score - high) / width) for score, (high, width) in zip(scores, self.scores, strict=True)]
        low, high, width = self.ratio
        out.append(max(0.0, ratio - high, low - ratio) / width)
        return sum(out) - max(out) >= self.least


@dataclass(frozen=True, slots=True)
class _Turn:
    """Series whose turn comes together: all ``slots``, those ``sure`` to be suspects, because their bound is within
    reach of the trees alone, and the ``others`` that have a forest, with what none of their scores goes beyond."""

    slots: SlotArray
    sure: SlotArray
    others: SlotArray
    high: tuple[float, ...]


class Suspects:
    """A row can be as rare as an alarm must be only if it lies outside its forest's box by a known amount, summed over
    the features that count but the worst (``Forest.least_together``). So it does by a third of that in two of them, and
    one of the two is a score. ``any``: whether any forest can reach its bound at all.
    """

    def __init__(self) -> None:
        self.any = False
        self._known: tuple[OddCombination, int] | None = None
        self._turns: tuple[_Turn, ...] = ()
        self._boxes: list[_Box | None] = []

    def heed(self, series: SeriesTable, force: InForce) -> None:
        """To be called before each look: models, pack or series may be others."""
        if self._known is not None and self._known[0] is force.forest and self._known[1] == series.count:
            return
        self._known = force.forest, series.count
        pairs = list(zip(force.forest.forests, force.forest_bounds.tolist(), strict=True))
        self.any = bool(force.forest_speaks.any())
        self._boxes = [_box(forest, bound) if forest else None for forest, bound in pairs]
        turns = max(int(force.forest.turns), 1)
        mine, code = series.turn[: series.count] % turns, series.code[: series.count]
        self._turns = tuple(self._turn(where_true(mine == number), code) for number in range(turns))

    def everyone(self, numbers: tuple[int, ...]) -> SlotArray:
        """The slots whose turn is one of ``numbers``, in order."""
        return np.sort(np.concatenate([self._turns[number].slots for number in numbers]))

    def among(
        self, numbers: tuple[int, ...], series: SeriesTable, episodes: OpenEpisodes, floor: FloatArray, level: State,
        features: State,
    ) -> list[int]:  # fmt: skip
        """The slots of the suspects among those whose turn is one of ``numbers``. ``level``: the memory of the level,
        ``floor``: below which no spread in it is believed."""
        limit, anomaly = episodes.rank[LIMIT], episodes.rank[ANOMALY]
        scores = [features[name] for name in FEATURES[:RATIO]]
        fast, variance, found = level["fast_variance"], level["variance"], []
        for turn in (self._turns[number] for number in numbers):
            found += turn.sure.tolist()
            odd = scores[0].take(turn.others) > turn.high[0]
            for score, high in zip(scores[1:], turn.high[1:], strict=True):
                odd |= score.take(turn.others) > high
            for slot in turn.others[where_true(odd)].tolist():  # a few, for whom plain numbers are faster
                box = self._boxes[series.code[slot]]
                if box is None or limit[slot] or anomaly[slot]:  # what is open there speaks for the series
                    continue
                least = float(floor[slot]) ** 2
                ratio = _log_ratio(max(float(fast[slot]), least), max(float(variance[slot]), least))
                if box.reached([float(score[slot]) for score in scores], ratio):
                    found.append(slot)
        return found

    def _turn(self, slots: SlotArray, code: SlotArray) -> _Turn:
        boxes = [self._boxes[each] for each in code[slots].tolist()]
        sure = np.array([box is not None and box.least <= 0.0 for box in boxes], np.bool_)
        others = np.array([box is not None and 0.0 < box.least < inf for box in boxes], np.bool_)
        known = [box for box in self._boxes if box is not None and 0.0 < box.least < inf]
        high = [
            min((box.scores[place][0] + box.least / (COUNTED - 1) * box.scores[place][1] for box in known), default=inf)
            for place in range(RATIO)
        ]
        return _Turn(slots, slots[sure], slots[others], tuple(high))


def _log_ratio(fast: float, variance: float) -> float:
    """As the features have it; 0, which is within, where there is none yet."""
    if fast > 0.0 and variance > 0.0:
        return log2(fast / variance)
    return -inf if variance > 0.0 else inf if fast > 0.0 else 0.0


def _box(forest: Forest, bound: float) -> _Box:
    low, high = forest.everyday[:, :COUNTED].tolist()
    width = widths(forest.everyday).tolist()
    # Scores are not below 0: below their box they lie by less than this, which is not counted.
    below = sum(max(each, 0.0) / by for each, by in zip(low[:RATIO], width[:RATIO], strict=True))
    least = forest.least_together(bound) - below - _MARGIN
    return _Box(tuple(zip(high[:RATIO], width[:RATIO], strict=True)), (low[RATIO], high[RATIO], width[RATIO]), least)
