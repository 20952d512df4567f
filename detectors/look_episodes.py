"""From a model's look at some series to findings: which open, change or close an episode of its track."""

from collections.abc import Callable

import numpy as np

from detectors.base import FloatArray, SeriesSpec, Slots
from detectors.episodes import ANOMALY, LIMIT, TRACKS, Habit, OpenEpisodes, episode_of
from detectors.in_force import InForce
from detectors.series import SeriesTable
from detectors.teller import Moment, Teller
from detectors.wording import pattern_back_text
from topics.finding import Finding, Phase, Text

#: What is said: series, value for people, begin (ms UTC), rarity, ms from one look to the next.
Wording = Callable[[SeriesSpec, str, int, float, float], Text]


class LookEpisodes:
    """Works on the partition's series and open episodes. A limit or an anomaly that is open speaks for its series."""

    def __init__(
        self, track: int, wording: Wording, series: SeriesTable, episodes: OpenEpisodes, teller: Teller, force: InForce
    ) -> None:
        self.track = track
        self.wording = wording
        self.series = series
        self.episodes = episodes
        self.teller = teller
        self.force = force

    def judge(
        self, where: Slots, rarity: FloatArray, bounds: FloatArray, habit: Habit, moment: Moment
    ) -> list[Finding]:
        """Findings of a look: ``rarity`` (-log10 p) of the series at ``where``, ``bounds`` by code."""
        hot = rarity >= bounds.min()
        if self.episodes.count[self.track]:
            hot |= self.episodes.rank[self.track, where] > 0
        chosen = np.flatnonzero(hot)
        if not len(chosen):
            return []
        slots = chosen if isinstance(where, slice) else where[chosen]
        rarity, bound = rarity[chosen], bounds[self.series.code[slots]]
        odd = np.flatnonzero((rarity >= bound) | (self.episodes.rank[self.track, slots] > 0))
        if not len(odd):
            return []
        rarity = np.nan_to_num(rarity)
        odd = odd[np.argsort(np.array([self.series.specs[slot].series for slot in slots[odd].tolist()], dtype=np.str_))]
        slots, rarity, above = slots[odd], rarity[odd], (rarity - bound)[odd]
        now = self.episodes.rank[self.track, slots]
        rank = self.force.severities.banded(above, np.ones(len(slots), np.bool_))
        rank = np.where(above >= 0, np.maximum(rank, now), np.where(rarity < 0.5 * bound[odd], 0.0, -1.0))
        spoken_for = (self.episodes.rank[LIMIT, slots] > 0) | (self.episodes.rank[ANOMALY, slots] > 0)
        rank = np.where((now == 0) & spoken_for, 0.0, rank)
        time = np.full(len(slots), float(moment.time))
        turns = self.episodes.advance(self.track, slots, time, rank.astype(np.int8), habit)
        found = []
        for place in turns.opening.tolist():
            found.append(self._open(int(slots[place]), int(rank[place]), float(rarity[place]), moment))
        for place in turns.changing.tolist():
            slot, code = int(slots[place]), self.force.severities.code(int(rank[place]))
            self.episodes.change(self.track, slot, int(rank[place]), code)
            found.append(self._tell(slot, "update", float(rarity[place]), moment))
        for place in turns.closing.tolist():
            found.append(self._close(int(slots[place]), float(rarity[place]), moment, habit))
        return found

    def _open(self, slot: int, rank: int, rarity: float, moment: Moment) -> Finding:
        severity, opened = self.force.severities.code(rank), int(self.series.last_t[slot])
        episode = episode_of(TRACKS[self.track], self.series.specs[slot], opened, rank, severity, moment.offset)
        self.episodes.begin(self.track, slot, episode, float(moment.time))
        return self._tell(slot, "open", rarity, moment)

    def _tell(self, slot: int, phase: Phase, rarity: float, moment: Moment) -> Finding:
        spec, episode, value = self.series.specs[slot], self.episodes.by_place[self.track, slot], self._value(slot)
        told = Moment(moment.time, moment.offset, moment.stamp, value, None, rarity, 10.0**-rarity)
        look_ms = max(float(self.force.tables.interval_ms[self.series.code[slot]]), self.force.forest.every_ms)
        text = self.wording(spec, self.force.amount(self.series, slot, value), episode.opened, rarity, look_ms)
        return self.teller.tell(episode, phase, told, text, spec.unit)

    def _close(self, slot: int, rarity: float, moment: Moment, habit: Habit) -> Finding:
        episode = self.episodes.end(self.track, slot, float(moment.time), habit.quiet_ms)
        spec, value = self.series.specs[slot], self._value(slot)
        told = Moment(moment.time, moment.offset, moment.stamp, value, None, rarity, 10.0**-rarity)
        text = pattern_back_text(spec, self.force.amount(self.series, slot, value))
        return self.teller.tell(episode, "close", told, text, spec.unit)

    def _value(self, slot: int) -> float:
        """The series' last good value, as the rate of change remembers it."""
        return float(self.force.chain.state["rate_of_change"]["previous"][slot])
