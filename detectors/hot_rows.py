"""The few rows of a tick that need a closer look: the others can turn nothing, whatever else is known of them."""

from collections.abc import Mapping

import numpy as np

from detectors.base import BoolArray, FloatArray, IntArray, Rows, Scores, SlotArray, where_true
from detectors.calibration import FUSED, rarity_of
from detectors.episodes import ANOMALY, LIMIT, OpenEpisodes
from detectors.in_force import InForce

#: Rows within so many usual spreads of everything are never an alarm, however light the tails of their class.
LEAST_SCORE = 3.0
#: The scores that count spreads; that of a new extreme counts extremes.
_IN_SPREADS = [place for place, name in enumerate(FUSED) if name != "new_extreme"]


class HotRows:
    """``places`` are their positions in the tick; all other arrays have one entry for each of them.

    ``slots``, ``t``, ``x``, ``mask``, ``code``, ``offset``, ``stamp`` of the row; ``scores`` of the rules by name;
    ``fused`` (detectors of ``FUSED``, rows) statistical ones, NaN where one does not run; ``rarity`` fused -log10 p (0
    for those within the usual, and where a limit speaks for the series), ``known`` whether their class is calibrated.
    Copies, so that they stay when the memories change.
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
        self.places = places = where_true(hot)
        if not len(places):
            return
        self.scores = {name: scores[name].score[places] for name in ("limit", "range", "stuck")}
        self.slots, self.offset, self.stamp = slots[places], offset[places], stamp[places]
        self.t, self.x, self.mask, self.code = rows.t[places], rows.x[places], rows.mask[places], rows.code[places]
        self.fused: FloatArray = np.full((len(FUSED), len(places)), np.nan)
        for line, name in enumerate(FUSED):
            if name in force.fused:
                self.fused[line] = scores[name].score[places]
        contrib = scores["limit"].contrib
        assert contrib is not None  # the limit detector always names the limit
        self._limit_number = contrib[places]
        self._expected = {name: scores[name].expected[places] for name in ("limit", "hour_of_day", "ewma_level")}
        self._by_hour = scores["hour_of_day"].ready[places]

    def __len__(self) -> int:
        return len(self.places)

    def weigh(self, force: InForce, of_class: SlotArray, episodes: OpenEpisodes) -> None:
        """Find out how rare the rows are, but for those for which a limit speaks."""
        asked = np.fmax.reduce(self.fused[_IN_SPREADS], axis=0) >= LEAST_SCORE
        asked &= self.mask
        asked &= (episodes.rank[LIMIT][self.slots] == 0) | (episodes.rank[ANOMALY][self.slots] > 0)
        self.rarity: FloatArray = np.zeros(len(self.places))
        self.known: BoolArray = force.table.known[of_class]
        odd = where_true(asked)
        if len(odd):
            self.rarity[odd] = rarity_of(
                self.fused[:, odd], force.runs_fused[:, self.code[odd]], of_class[odd], force.table
            )

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
