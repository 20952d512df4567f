"""Series that keep sending too late, or twice: the instrument or its link is at fault, which is a finding of its own.

Asked about rows that are late or double, and at ticks where such a finding is open; never about the others.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from detectors.base import Columns, Rows, SlotArray, State
from detectors.episodes import DUPLICATE, LATE, TRACKS, Habit, OpenEpisodes, episode_of
from detectors.in_force import InForce
from detectors.row_rate import RowRate
from detectors.series import SeriesTable
from detectors.teller import Facts, Moment, Teller
from detectors.wording import duplicate_text, keeps_time_text, often_late_text, once_each_text
from topics.finding import Finding, Text

#: A finding closes once the rate has fallen below this share of what opens it.
CLOSES_AT = 0.5
#: Event time after a finding in which no new one of its kind opens.
QUIET = Habit(1, 3_600_000.0)


@dataclass(frozen=True, slots=True)
class _Row:
    """A row that is late or double: city time when it came, how far its own lies behind, ms."""

    slot: int
    now: int
    behind: float
    offset: int
    stamp: int
    value: float
    #: What came first for its time.
    first: float = float("nan")


class Punctuality:
    """Works on the partition's series and open episodes; holds the fading counts by slot, for both tracks."""

    def __init__(self, series: SeriesTable, episodes: OpenEpisodes, teller: Teller, force: InForce) -> None:
        self.series = series
        self.episodes = episodes
        self.teller = teller
        self.force = force
        self.state: dict[int, State] = {track: self._detector(track).state(0) for track in (LATE, DUPLICATE)}

    def grow(self, room: int) -> None:
        """Room for so many slots."""
        for track, state in self.state.items():
            more = self._detector(track).state(room - len(state["count"]))
            self.state[track] = {name: np.concatenate([value, more[name]]) for name, value in state.items()}

    def oldest(self, now: int) -> float:
        """Event time (ms UTC) before which a row of a live series may be late at city time ``now``."""
        return now - 1000.0 * self.force.late.after_s if now else -np.inf

    def came_late(self, columns: Columns, places: Iterable[int], now: int) -> list[Finding]:
        """These rows (positions in ``columns``) may be late: older than ``oldest``, or than what their series sent."""
        found = []
        for place in places:
            slot, time = int(columns.slot[place]), int(columns.time_ms[place])
            code = self.series.code[slot]
            if columns.backfill[place] or not self.force.tables.live[code]:
                continue
            arrived = max(now, int(max(self.series.last_t[slot], time)))
            found += self._heard(LATE, self._row(columns, place, slot, arrived, float(arrived - time)))
        return found

    def came_again(self, columns: Columns, place: int, now: int) -> list[Finding]:
        """This row has the time of its series' last."""
        slot = int(columns.slot[place])
        first = float(self.force.chain.state["stuck"]["value"][slot])
        arrived = max(now, int(columns.time_ms[place]))
        return self._heard(DUPLICATE, self._row(columns, place, slot, arrived, 0.0, first))

    def at_tick(self, now: int, offset: int, stamp: int) -> list[Finding]:
        """Findings that are over."""
        found = []
        awake = self.series.awake(offset)
        for track in (LATE, DUPLICATE):
            slots = np.flatnonzero(self.episodes.rank[track]) if self.episodes.count[track] else ()
            for slot in sorted((int(each) for each in slots), key=lambda slot: self.series.specs[slot].series):
                if awake is None or awake[slot]:
                    row = _Row(slot, now, float("nan"), offset, stamp, float("nan"))
                    found += self._turned(track, row, self._score(track, row, False))
        return found

    def _row(
        self, columns: Columns, place: int, slot: int, arrived: int, behind: float, first: float = float("nan")
    ) -> _Row:
        value = float(columns.value[place]) if columns.usable[place] else float("nan")
        offset, stamp = int(columns.offset[place]), int(columns.stamp[place])
        return _Row(slot, arrived, behind, offset, stamp, value, first)

    def _heard(self, track: int, row: _Row) -> list[Finding]:
        if not self.force.tables.runs[TRACKS[track]][self.series.code[row.slot]]:
            return []
        return self._turned(track, row, self._score(track, row, True))

    def _score(self, track: int, row: _Row, counts: bool) -> float:
        slots: SlotArray = np.array([row.slot])
        code, yes = self.series.code[slots], np.array([True])
        interval = self.force.tables.interval_ms[code]
        t, gap = np.array([row.now], np.int64), np.array([row.behind])
        rows = Rows(slots, gap, t, yes, yes if counts else ~yes, gap, code, gap, interval, row.now, row.now)
        detector = self._detector(track)
        scores = detector.update(rows, self.state[track])
        if counts:
            detector.commit(scores, self.state[track])
        return float(scores.score[0])

    def _turned(self, track: int, row: _Row, score: float) -> list[Finding]:
        """The finding at which an episode opens or closes, if it does."""
        slot, now = row.slot, self.episodes.rank[track, row.slot]
        rank, severity = self.force.severities.lowest
        if now:
            if score >= CLOSES_AT:
                return []
            episode = self.episodes.end(track, slot, float(row.now), QUIET.quiet_ms)
            back = keeps_time_text if track == LATE else once_each_text
            return [self.teller.tell(episode, "close", self._moment(row), back(self.series.specs[slot]), "")]
        if score < 1.0 or row.now < self.episodes.quiet_until[track, slot]:
            return []
        episode = episode_of(TRACKS[track], self.series.specs[slot], row.now, rank, severity, row.offset)
        self.episodes.begin(track, slot, episode, float(row.now))
        text, facts = self._said(track, row, score)
        return [self.teller.tell(episode, "open", self._moment(row, score), text, self.series.specs[slot].unit, facts)]

    def _said(self, track: int, row: _Row, score: float) -> tuple[Text, Facts]:
        spec, detector = self.series.specs[row.slot], self._detector(track)
        share = min(detector.share * score, 1.0)
        if track == LATE:
            text = often_late_text(spec, row.behind / 60_000.0, share, row.now)
            return text, {"late_share": round(share, 3), "behind_s": round(row.behind / 1000.0)}
        differs = not np.isnan(row.value) and not np.isnan(row.first) and row.value != row.first
        amounts = tuple(self.force.amount(self.series, row.slot, each) for each in (row.first, row.value))
        text = duplicate_text(spec, share, (amounts[0], amounts[1]) if differs else None, row.now)
        return text, {"again_share": round(share, 3), "differs": int(differs)}

    def _moment(self, row: _Row, score: float | None = None) -> Moment:
        return Moment(row.now, row.offset, row.stamp, row.value, row.first, score)

    def _detector(self, track: int) -> RowRate:
        return self.force.late if track == LATE else self.force.duplicate

    def export(self, slots: SlotArray) -> dict[str, State]:
        """The counts of these slots."""
        return {
            TRACKS[track]: {name: value[slots] for name, value in state.items()} for track, state in self.state.items()
        }

    def load(self, slots: SlotArray, exported: dict[str, State]) -> None:
        """Take over counts; a snapshot from before there were any has none."""
        for track, state in self.state.items():
            for name, value in exported.get(TRACKS[track], {}).items():
                state[name][slots] = value
