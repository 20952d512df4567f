"""From scores to findings: which rows open, change or close an episode. Python sees those rows alone."""

import numpy as np

from detectors.base import FloatArray
from detectors.calibration import FUSED, step_of
from detectors.episodes import ANOMALY, FREEZING, LIMIT, RANGE, STUCK, TRACKS, Habit, OpenEpisodes, Ranks, episode_of
from detectors.hot_rows import HotRows
from detectors.in_force import InForce
from detectors.limit_wording import limit_text
from detectors.series import SeriesTable
from detectors.teller import Facts, Moment, Teller
from detectors.wording import anomaly_text, back_text, new_normal_text, range_text, stuck_text
from topics.finding import Finding, Phase

HABITS = {
    LIMIT: Habit(),  # the limit's own deadband says when it is over
    RANGE: Habit(3, 600_000.0),
    STUCK: Habit(),
    ANOMALY: Habit(5, 1_800_000.0),
}


class RowEpisodes:
    """Holds nothing of its own: works on the partition's series, open episodes and teller."""

    def __init__(self, series: SeriesTable, episodes: OpenEpisodes, teller: Teller, force: InForce) -> None:
        self.series = series
        self.episodes = episodes
        self.teller = teller
        self.force = force

    def judge(self, hot: HotRows) -> list[Finding]:
        """Findings of these rows."""
        if not len(hot):
            return []
        found: list[Finding] = []
        t = hot.t.astype(np.float64)
        for track, habit in HABITS.items():
            if track == ANOMALY:  # the last, because it says nothing where a limit does
                hot.weigh(self.force, self.series.rarity_class[hot.slots], self.episodes)
            if not (self.episodes.count[track] or self._speaks(track, hot)):
                continue
            rank = self._ranks(track, hot)
            turns = self.episodes.advance(track, hot.slots, t, rank, habit)
            found += [self._open(track, hot, place, int(rank[place])) for place in turns.opening.tolist()]
            found += [self._change(track, hot, place, int(rank[place])) for place in turns.changing.tolist()]
            found += [self._close(track, hot, place) for place in turns.closing.tolist()]
        return found

    def new_normal(self, slot: int, by: str, reason: str, offset: int, stamp: int) -> list[Finding]:
        """A person has said so: what the series shows is learnt from its next row on, and each finding that held the
        learning up says who said it and why. The findings close by themselves once it has been learnt."""
        time = float(self.series.last_t[slot])
        if not self.episodes.release(slot, time):
            return []
        spec, moment = self.series.specs[slot], Moment(int(time), offset, stamp)
        text = new_normal_text(spec, by, reason)
        facts: Facts = {"new_normal_by": by, "new_normal_reason": reason}
        open_ones = [self.episodes.by_place[track, slot] for track in FREEZING if self.episodes.rank[track, slot]]
        return [self.teller.tell(episode, "update", moment, text, spec.unit, facts) for episode in open_ones]

    def _speaks(self, track: int, hot: HotRows) -> bool:
        """Whether any row may open an episode of this track: most ticks have none."""
        if track == ANOMALY:
            return bool((hot.rarity >= self.force.bounds[hot.code]).any())
        least = 1.0 if track == STUCK else 1e-9
        return bool((hot.scores[TRACKS[track]] >= least).any())

    def _ranks(self, track: int, hot: HotRows) -> Ranks:
        force, mask = self.force, hot.mask
        lowest = force.severities.lowest[0]
        if track == RANGE:
            outside = hot.scores["range"] > 0
            return np.where(outside, lowest, np.where(mask, 0, -1)).astype(np.int8)
        if track == LIMIT:
            rank = hot.scores["limit"]
        elif track == STUCK:
            stuck = (hot.scores["stuck"] >= 1.0) & force.tables.runs["stuck"][hot.code]
            rank = np.where(stuck, float(lowest), 0.0)
        else:
            rank = self._anomaly_ranks(hot)
        return np.where(mask, rank, -1.0).astype(np.int8)

    def _anomaly_ranks(self, hot: HotRows) -> FloatArray:
        """Bands of ten times rarer each. It only worsens until it is over; a limit already speaks for its series."""
        bound = self.force.bounds[hot.code]
        now = self.episodes.rank[ANOMALY, hot.slots]
        odd = self.force.severities.banded(hot.rarity - bound, hot.known)
        rank = np.where(hot.rarity >= bound, np.maximum(odd, now), np.where(hot.rarity < 0.5 * bound, 0.0, -1.0))
        silenced: FloatArray = np.where((now == 0) & (self.episodes.rank[LIMIT, hot.slots] > 0), 0.0, rank)
        return silenced

    def _open(self, track: int, hot: HotRows, place: int, rank: int) -> Finding:
        slot, time = int(hot.slots[place]), int(hot.t[place])
        opened = time
        if track == LIMIT:  # where the breach began that has now lasted long enough
            opened = int(self.force.chain.state["limit"]["since"][hot.limit_number(place), slot])
        offset = int(hot.offset[place])
        severity = self.force.severities.code(rank)
        episode = episode_of(TRACKS[track], self.series.specs[slot], opened, rank, severity, offset)
        self.episodes.begin(track, slot, episode, float(time))
        return self._tell(track, hot, place, "open")

    def _change(self, track: int, hot: HotRows, place: int, rank: int) -> Finding:
        self.episodes.change(track, int(hot.slots[place]), rank, self.force.severities.code(rank))
        return self._tell(track, hot, place, "update")

    def _close(self, track: int, hot: HotRows, place: int) -> Finding:
        slot, moment = int(hot.slots[place]), self._moment(track, hot, place)
        episode = self.episodes.end(track, slot, float(moment.time), HABITS[track].quiet_ms)
        spec = self.series.specs[slot]
        text = back_text(spec, self.force.amount(self.series, slot, moment.value))
        return self.teller.tell(episode, "close", moment, text, spec.unit)

    def _moment(self, track: int, hot: HotRows, place: int) -> Moment:
        expected: float | None = None
        score: float | None = None
        p: float | None = None
        if track == LIMIT:
            expected = hot.limit_value(place)
        elif track == STUCK:
            score = hot.at("stuck", place)
        elif track == ANOMALY:
            expected = hot.usual_value(place)
            score, p = float(hot.rarity[place]), 10.0 ** -float(hot.rarity[place])
        time, value = int(hot.t[place]), float(hot.x[place])
        return Moment(time, int(hot.offset[place]), int(hot.stamp[place]), value, expected, score, p)

    def _tell(self, track: int, hot: HotRows, place: int, phase: Phase) -> Finding:
        slot, moment = int(hot.slots[place]), self._moment(track, hot, place)
        spec, episode = self.series.specs[slot], self.episodes.by_place[track, slot]
        value = self.force.amount(self.series, slot, moment.value)
        expected = self.force.amount(self.series, slot, moment.expected)
        facts: Facts = {}
        if track == LIMIT:
            limit = self.force.tables.kinds[int(self.series.code[slot])].limits[hot.limit_number(place)]
            text = limit_text(spec, limit, value, expected, episode.opened)
            facts = {"limit_level": limit.level, "side": limit.side, "standard": limit.standard}
            facts |= {"edition": limit.edition, "source": limit.source, "confirmed": int(limit.confirmed)}
        elif track == RANGE:
            tables, code = self.force.tables, self.series.code[slot]
            low, high = (self.force.amount(self.series, slot, float(each[code])) for each in (tables.low, tables.high))
            text = range_text(spec, value, (low, high), episode.opened)
        elif track == STUCK:
            text = stuck_text(spec, value, moment.score or 0.0, episode.opened)
        else:
            rarity, known = float(hot.rarity[place]), bool(hot.known[place])
            parts = self._parts(hot, place)
            interval = float(self.force.tables.interval_ms[self.series.code[slot]])
            by = max(parts, key=parts.__getitem__, default="")
            text = anomaly_text(spec, value, expected, episode.opened, rarity, known, interval, by)
            facts = {f"rarity.{name}": round(each, 2) for name, each in parts.items()}
        return self.teller.tell(episode, phase, moment, text, spec.unit, facts)

    def _parts(self, hot: HotRows, place: int) -> dict[str, float]:
        """-log10 p of a hot row by each statistical detector that runs on it and is ready."""
        slot, table = int(hot.slots[place]), self.force.table
        code, of_class = self.series.code[slot], self.series.rarity_class[slot]
        scores = hot.fused[:, place]
        rarities = [float(table.parts[of_class, at, step]) for at, step in enumerate(step_of(scores))]
        return {
            name: rarity
            for name, score, rarity in zip(FUSED, scores.tolist(), rarities, strict=True)
            if score == score and self.force.tables.runs[name][code]
        }
