"""The few rows of a tick that need a closer look: the others can turn nothing, whatever else is known of them."""

from collections.abc import Mapping

import numpy as np

from detectors.base import BoolArray, FloatArray, IntArray, Rows, Scores, SlotArray
from detectors.calibration import FUSED, rarity_of
from detectors.episodes import OpenEpisodes
from detectors.in_force import InForce

#: Rows within so many usual spreads of everything are never an alarm, however light the tails of their class.
LEAST_SCORE = 3.0
#: The scores that count spreads; that of a new extreme counts extremes.
_IN_SPREADS = [place for place, name in enumerate(FUSED) if name != "new_extreme"]


class HotRows:
    """``places`` are their positions in the tick; all other arrays have one entry for each of them.

    ``slots``, ``t``, ``x``, ``mask``, ``code``, ``offset``, ``stamp`` of the row; ``fused`` (detectors of ``FUSED``,
    rows) statistical scores; ``rarity`` fused -log10 p (0 for those within the usual), ``known`` whether their class
    is calibrated. Copies, so that they stay when the memories change.
    """

    def __init__(
        self,
        rows: Rows,
        slots: SlotArray,
        scores: Mapping[str, Scores],
        episodes: OpenEpisodes,
        force: InForce,
        offset: IntArray,
        stamp: IntArray,
    ) -> None:
        hot = scores["stuck"].score >= 1.0
        for name, least in zip(FUSED, force.least_scores, strict=True):
            if name in force.fused:
                hot |= scores[name].score >= least
        hot |= scores["limit"].score > 0
        if len(rows.unusable):
            hot[rows.unusable] |= scores["range"].score[rows.unusable] > 0
        if episodes.by_place:
            hot |= episodes.any_open[rows.slots]
        self.places = places = np.flatnonzero(hot)
        if not len(places):
            return
        self.scores = {name: each.score[places] for name, each in scores.items()}
        self.slots, self.offset, self.stamp = slots[places], offset[places], stamp[places]
        self.t, self.x, self.mask, self.code = rows.t[places], rows.x[places], rows.mask[places], rows.code[places]
        self.fused: FloatArray = np.array([self.scores[name] for name in FUSED])
        contrib = scores["limit"].contrib
        assert contrib is not None  # the limit detector always names the limit
        self._limit_number = contrib[places]
        self._expected = {name: scores[name].expected[places] for name in ("limit", "hour_of_day", "ewma_level")}
        self._by_hour = scores["hour_of_day"].ready[places]

    def __len__(self) -> int:
        return len(self.places)

    def weigh(self, force: InForce, of_class: SlotArray) -> None:
        """Find out how rare the rows are."""
        runs = np.array([force.tables.runs[name][self.code] for name in FUSED])
        top = np.fmax.reduce(self.fused[_IN_SPREADS], axis=0)
        rarity = rarity_of(self.fused, runs, of_class, force.table)
        self.rarity: FloatArray = np.where((top >= LEAST_SCORE) & self.mask, rarity, 0.0)
        self.known: BoolArray = force.table.known[of_class]

    def at(self, name: str, place: int) -> float:
        """A detector's score of a hot row."""
        return float(self.scores[name][place])

    def limit_value(self, place: int) -> float:
        """The worst limit in breach."""
        return float(self._expected["limit"][place])

    def usual_value(self, place: int) -> float:
        """The value that would have been healthy: that of the hour, where the series is known so well."""
        return float(self._expected["hour_of_day" if self._by_hour[place] else "ewma_level"][place])

    def limit_number(self, place: int) -> int:
        """Which of its kind's limits a row breaks worst."""
        return int(self._limit_number[place])
