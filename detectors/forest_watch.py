"""When the isolation forest looks: once in a minute of city time, at the series whose turn it is, in one batch."""

from collections.abc import Mapping

import numpy as np

from detectors.base import FloatArray, Rows, Scores, Slots, State
from detectors.calibration import FUSED
from detectors.episodes import ANOMALY, FOREST, LIMIT, Habit, OpenEpisodes, episode_of
from detectors.in_force import InForce
from detectors.samples import Samples
from detectors.series import SeriesTable
from detectors.slot_facts import SlotFacts
from detectors.teller import Moment, Teller
from detectors.wording import model_text, pattern_back_text
from topics.finding import Finding, Phase

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
        self.teller = teller
        self.force = force
        self.facts = facts
        self.samples = samples
        self.features: State = force.forest.state(0)
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
        # A forest that was taught by noise too wild can reach its bound with no row: then it has nothing to look for.
        speaks = bool(self.force.forest_speaks.any()) or self.episodes.count[FOREST] > 0
        if not (speaks or self.samples is not None) or not self.series.count:
            return []
        return self._look(before, now, offset, stamp)

    def _look(self, before: int, now: int, offset: int, stamp: int) -> list[Finding]:
        count, force = self.series.count, self.force
        fresh = self.series.last_t[:count] >= min(before, now - force.forest.every_ms)
        due = force.forest.due(before, now, self.series.turn[:count])
        if due is not None:
            fresh &= due
        fresh &= self.features["ewma_level"][:count] >= 0.0  # NaN where it is not ready
        awake = self.series.awake(offset)
        if awake is not None:
            fresh &= awake
        where: Slots = slice(0, count) if fresh.all() else np.flatnonzero(fresh)
        code = self.series.code[where]
        m = len(code)
        if not m:
            return []
        self._measure(where)
        mask = force.tables.runs["isolation_forest"][code]
        nothing, t = np.broadcast_to(_NAN, (m,)), np.broadcast_to(np.int64(now), (m,))
        rows = Rows(where, nothing, t, mask, mask, nothing, code, nothing, nothing, now, now)
        if self.samples is not None:
            self._sample(where, force.forest.sampled(rows, self.features))
        if not force.forests:
            return []
        return self._judge(where, force.forest.update(rows, self.features).score, Moment(now, offset, stamp))

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

    def _judge(self, where: Slots, rarity: FloatArray, moment: Moment) -> list[Finding]:
        hot = rarity >= self.force.forest_bounds.min()
        if self.episodes.count[FOREST]:
            hot |= self.episodes.rank[FOREST, where] > 0
        chosen = np.flatnonzero(hot)
        if not len(chosen):
            return []
        slots = chosen if isinstance(where, slice) else where[chosen]
        rarity, bound = rarity[chosen], self.force.forest_bounds[self.series.code[slots]]
        odd = np.flatnonzero((rarity >= bound) | (self.episodes.rank[FOREST, slots] > 0))
        if not len(odd):
            return []
        rarity = np.nan_to_num(rarity)
        odd = odd[np.argsort(np.array([self.series.specs[slot].series for slot in slots[odd].tolist()], dtype=np.str_))]
        slots, rarity, above = slots[odd], rarity[odd], (rarity - bound)[odd]
        now = self.episodes.rank[FOREST, slots]
        rank = self.force.severities.banded(above, np.ones(len(slots), np.bool_))
        rank = np.where(above >= 0, np.maximum(rank, now), np.where(rarity < 0.5 * bound[odd], 0.0, -1.0))
        spoken_for = (self.episodes.rank[LIMIT, slots] > 0) | (self.episodes.rank[ANOMALY, slots] > 0)
        rank = np.where((now == 0) & spoken_for, 0.0, rank)
        settings = self.force.forest
        habit = Habit(int(settings.calm_looks), settings.quiet_s * 1000.0)
        turns = self.episodes.advance(
            FOREST, slots, np.full(len(slots), float(moment.time)), rank.astype(np.int8), habit
        )
        found = []
        for place in turns.opening.tolist():
            found.append(self._open(int(slots[place]), int(rank[place]), float(rarity[place]), moment))
        for place in turns.changing.tolist():
            slot, code = int(slots[place]), self.force.severities.code(int(rank[place]))
            self.episodes.change(FOREST, slot, int(rank[place]), code)
            found.append(self._tell(slot, "update", float(rarity[place]), moment))
        for place in turns.closing.tolist():
            found.append(self._close(int(slots[place]), float(rarity[place]), moment, habit))
        return found

    def _open(self, slot: int, rank: int, rarity: float, moment: Moment) -> Finding:
        severity, opened = self.force.severities.code(rank), int(self.series.last_t[slot])
        episode = episode_of("isolation_forest", self.series.specs[slot], opened, rank, severity, moment.offset)
        self.episodes.begin(FOREST, slot, episode, float(moment.time))
        return self._tell(slot, "open", rarity, moment)

    def _tell(self, slot: int, phase: Phase, rarity: float, moment: Moment) -> Finding:
        spec, episode, value = self.series.specs[slot], self.episodes.by_place[FOREST, slot], self._value(slot)
        told = Moment(moment.time, moment.offset, moment.stamp, value, None, rarity, 10.0**-rarity)
        look_ms = max(float(self.force.tables.interval_ms[self.series.code[slot]]), self.force.forest.every_ms)
        text = model_text(spec, self.force.amount(self.series, slot, value), episode.opened, rarity, look_ms)
        return self.teller.tell(episode, phase, told, text, spec.unit)

    def _close(self, slot: int, rarity: float, moment: Moment, habit: Habit) -> Finding:
        episode = self.episodes.end(FOREST, slot, float(moment.time), habit.quiet_ms)
        spec, value = self.series.specs[slot], self._value(slot)
        told = Moment(moment.time, moment.offset, moment.stamp, value, None, rarity, 10.0**-rarity)
        text = pattern_back_text(spec, self.force.amount(self.series, slot, value))
        return self.teller.tell(episode, "close", told, text, spec.unit)

    def _value(self, slot: int) -> float:
        """The series' last good value, as the rate of change remembers it."""
        return float(self.force.chain.state["rate_of_change"]["previous"][slot])
