"""When models look: once in a minute of city time, at the series whose turn it is, in one batch."""

import dataclasses
from collections.abc import Mapping
from functools import partial

import numpy as np

from detectors.base import FloatArray, Rows, Scores, SeriesSpec, SlotArray, Slots, State, where_true
from detectors.calibration import FUSED
from detectors.episodes import FOREST, TRACKS, Habit, OpenEpisodes
from detectors.forest_suspects import Suspects
from detectors.in_force import InForce
from detectors.look_episodes import LookEpisodes
from detectors.registry import OUTLIERS
from detectors.samples import Samples
from detectors.series import SeriesTable
from detectors.slot_facts import SlotFacts
from detectors.teller import Moment, Teller
from detectors.wording import model_text, outlier_text
from topics.finding import Finding, Text

_NAN = np.float64(np.nan)


class ForestWatch:
    """``features`` is the forest's memory: what the row detectors last said of each series.

    With ``samples``, the features of healthy series are kept there, to fit models from.
    """

    def __init__(
        self,
        series: SeriesTable,
        episodes: OpenEpisodes,
        teller: Teller,
        force: InForce,
        facts: SlotFacts,
        samples: Samples | None,
    ) -> None:
        self.series = series
        self.episodes = episodes
        self.force = force
        self.facts = facts
        self.samples = samples
        parts = (series, episodes, teller, force)
        self._forest = LookEpisodes(FOREST, model_text, *parts)
        self._outliers = {
            name: LookEpisodes(TRACKS.index(name), partial(self._outlier_text, name), *parts) for name in OUTLIERS
        }
        self.features: State = force.forest.state(0)
        self._suspects = Suspects()
        self.last_look = 0

    def grow(self, room: int) -> None:
        """Room for so many slots."""
        more = self.force.forest.state(room - len(self.features[FUSED[0]]))
        self.features = {name: np.concatenate([value, more[name]]) for name, value in self.features.items()}

    def keep(self, rows: Rows, scores: Mapping[str, Scores]) -> None:
        """Remember what the row detectors have just said."""
        for name in self.force.fused:
            self.features[name][rows.slots] = scores[name].score

    def at_tick(self, now: int, offset: int, stamp: int) -> list[Finding]:
        """Look, if a minute has begun since the last look."""
        minute, before = int(self.force.forest.minute_s * 1000), self.last_look
        if now // minute <= before // minute:
            return []
        self.last_look = now
        self._suspects.heed(self.series, self.force)
        # Rows of a sample are not to be suspects, and an estimator of another library may find any row odd.
        outliers = self.force.outliers_speak or any(self.episodes.count[each.track] for each in self._outliers.values())
        everyone = outliers or self.samples is not None
        if not (everyone or self._suspects.any or self.episodes.count[FOREST]) or not self.series.count:
            return []
        numbers = self.force.forest.due(before, now)
        slots = self._suspects.everyone(numbers) if everyone else self._suspected(numbers)
        return self._look(slots, before, now, offset, stamp) if len(slots) else []

    def _look(self, slots: SlotArray, before: int, now: int, offset: int, stamp: int) -> list[Finding]:
        force = self.force
        fresh = self.series.last_t[slots] >= min(before, now - force.forest.every_ms)
        fresh &= self.features["ewma_level"][slots] >= 0.0  # NaN where it is not ready
        awake = self.series.awake(offset)
        if awake is not None:
            fresh &= awake[slots]
        slots = slots[fresh]
        m = len(slots)
        if not m:
            return []
        where: Slots = slice(0, m) if m == self.series.count else slots
        code = self.series.code[where]
        self._measure(where)
        mask = force.tables.runs["isolation_forest"][code]
        nothing, t = np.broadcast_to(_NAN, (m,)), np.broadcast_to(np.int64(now), (m,))
        rows = Rows(where, nothing, t, mask, mask, nothing, code, nothing, nothing, now, now)
        if self.samples is not None:
            self._sample(where, force.forest.sampled(rows, self.features))
        moment, found = Moment(now, offset, stamp), []
        if force.forests:
            rarity = force.forest.update(rows, self.features).score
            habit = Habit(int(force.forest.calm_looks), force.forest.quiet_s * 1000.0)
            found += self._forest.judge(where, rarity, force.forest_bounds, habit, moment)
        for name, outlier in force.outliers.items():
            judge = self._outliers[name]
            if outlier.models or self.episodes.count[judge.track]:
                runs = force.tables.runs[name][code]
                rarity = outlier.update(dataclasses.replace(rows, mask=runs), self.features).score
                habit = Habit(int(outlier.calm_looks), outlier.quiet_s * 1000.0)
                found += judge.judge(where, rarity, force.forest_bounds, habit, moment)
        return found

    def _suspected(self, numbers: tuple[int, ...]) -> SlotArray:
        """The slots of series whose turn it is that could open, change or close an episode of the forest."""
        level = self.force.chain.state["ewma_level"]
        suspects = self._suspects.among(
            numbers, self.series, self.episodes, self.facts.resolution, level, self.features
        )
        if self.episodes.count[FOREST]:
            sick = where_true(self.episodes.rank[FOREST, : self.series.count] > 0)
            turn = (self.series.turn[sick] % int(self.force.forest.turns)).tolist()
            suspects += [slot for slot, number in zip(sick.tolist(), turn, strict=True) if number in numbers]
        return np.array(sorted(set(suspects)), np.intp)

    def _outlier_text(
        self, name: str, spec: SeriesSpec, value: str, opened: int, rarity: float, look_ms: float
    ) -> Text:
        estimator = self.force.outliers[name].estimator.rpartition(".")[2]
        return outlier_text(spec, value, opened, rarity, look_ms, estimator)

    def _measure(self, where: Slots) -> None:
        """Bring the features that need no row of their own up to date."""
        facts, level = self.facts, self.force.chain.state["ewma_level"]
        floor = facts.resolution[where] ** 2
        ratio = np.maximum(level["fast_variance"][where], floor)
        ratio /= np.maximum(level["variance"][where], floor)
        self.features["spread_ratio"][where] = ratio
        low, high = facts.low[where], facts.high[where]
        position = level["mean"][where] - low
        position /= high - low
        self.features["position"][where] = position

    def _sample(self, where: Slots, features: FloatArray) -> None:
        assert self.samples is not None
        slots = np.arange(self.series.count)[where]
        code, tables = self.series.code[slots], self.force.tables
        healthy = ~self.episodes.any_open[slots]
        for name in self.force.fused:
            healthy &= ~(np.isnan(self.features[name][slots]) & tables.runs[name][code])
        kept = np.flatnonzero(healthy)
        classes = np.array([kind.sensor_class for kind in tables.kinds])
        self.samples.add(classes[code[kept]], features[kept])
