"""From the scores of one tick of rows to findings: which episodes open, get worse, or close. Flags for all, code for few."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from detectors.base import BoolArray, FloatArray, Rows, Scores, SlotArray
from detectors.calibration import FUSED, RarityTable, fuse, step_of
from detectors.open_episodes import TRACKS, Episode, Moment, OpenEpisodes, Teller, episode_of
from detectors.pack_tables import Kind
from detectors.series import SeriesTable
from detectors.severities import Severities
from detectors.wording import amount, anomaly_text, limit_text, range_text, stuck_text
from topics.finding import Finding, Text

LIMIT, RANGE, STUCK, MISSING, ANOMALY, FOREST = range(len(TRACKS))

#: Rows within three usual spreads of everything are never an alarm, however light the tails of their class.
LEAST_SCORE = 3.0

#: Rows below half the bound that end an anomaly; rows inside the span that end a range fault.
CALM_ROWS = {LIMIT: 1, RANGE: 3, STUCK: 1, ANOMALY: 5}
#: Event time after an episode in which no new one of the track opens on the series.
QUIET_MS = {LIMIT: 0.0, RANGE: 600_000.0, STUCK: 0.0, ANOMALY: 1_800_000.0}

#: Bands of severity for what is rare: each is ten times rarer than the one before.
MOST_BAND = 3


class RowEpisodes:
    """Holds nothing of its own: works on the partition's series, open episodes and teller."""

    def __init__(self, series: SeriesTable, episodes: OpenEpisodes, teller: Teller, severities: Severities) -> None:
        self.series = series
        self.episodes = episodes
        self.teller = teller
        self.severities = severities

    def judge(
        self,
        rows: Rows,
        slots: SlotArray,
        scores: Mapping[str, Scores],
        table: RarityTable,
        bounds: FloatArray,
        runs: Mapping[str, BoolArray],
        kinds: list[Kind],
        began: Callable[[int, int], float],
        offset: Any,
        stamp: Any,
    ) -> list[Finding]:
        """Findings of these rows. ``bounds`` is the rarity at which each code may open an anomaly; ``began``
        (limit number, slot) gives when a breach began; ``offset`` and ``stamp`` are the rows' own."""
        found: list[Finding] = []
        limit = scores["limit"]
        outside = (scores["range"].score > 0) & runs["range"][rows.code]
        stuck = (scores["stuck"].score >= 1.0) & runs["stuck"][rows.code]
        broken = (limit.score > 0) & runs["limit"][rows.code]
        rarity, known = self._rarities(rows, slots, scores, table, runs)
        odd = rarity >= bounds[rows.code]
        calm = ~(rarity >= 0.5 * bounds[rows.code])
        heard = rows.mask | outside
        wants = ((LIMIT, broken, ~broken), (RANGE, outside, ~outside), (STUCK, stuck, ~stuck), (ANOMALY, odd, calm))
        for track, want, ease in wants:
            is_open = self.episodes.open[track, slots]
            attention = heard & ((want & ~is_open) | is_open)
            for place in np.flatnonzero(attention).tolist():
                slot = int(slots[place])
                kind = kinds[int(rows.code[place])]
                moment = Moment(int(rows.t[place]), int(offset[place]), int(stamp[place]), float(rows.x[place]))
                if track == LIMIT:
                    k = int(limit.contrib[place]) if limit.contrib is not None else -1
                    rank = int(limit.score[place])
                    since = int(began(k, slot)) if k >= 0 else 0
                    found += self._limit(slot, kind, k, rank, since, moment, bool(want[place]))
                elif track == ANOMALY:
                    usual = float(scores["hour_of_day"].expected[place])
                    if not scores["hour_of_day"].ready[place]:
                        usual = float(scores["ewma_level"].expected[place])
                    found += self._anomaly(
                        slot, kind, moment, usual, float(rarity[place]), float(bounds[rows.code[place]]),
                        bool(known[place]), bool(want[place]), bool(ease[place]),
                    )  # fmt: skip
                else:
                    found += self._quality(track, slot, kind, moment, bool(want[place]))
        return found

    def _rarities(
        self,
        rows: Rows,
        slots: SlotArray,
        scores: Mapping[str, Scores],
        table: RarityTable,
        runs: Mapping[str, BoolArray],
    ) -> tuple[FloatArray, BoolArray]:
        """Fused rarity of each row (0 for those within the usual), and whether its class is calibrated."""
        rarity, known = np.zeros(len(rows.x)), np.zeros(len(rows.x), np.bool_)
        top = np.fmax(np.fmax(scores[FUSED[0]].score, scores[FUSED[1]].score), scores[FUSED[2]].score)
        chosen = np.flatnonzero((top >= LEAST_SCORE) & rows.mask)
        if not len(chosen):
            return rarity, known
        of_class = self.series.rarity_class[slots[chosen]]
        values = np.stack([scores[name].score[chosen] for name in FUSED])
        ready = np.stack([scores[name].ready[chosen] & runs[name][rows.code[chosen]] for name in FUSED])
        parts = np.stack([table.parts[of_class, place, step_of(values[place])] for place in range(len(FUSED))])
        mean = fuse(parts, ready)
        rarity[chosen] = np.where(np.isnan(mean), 0.0, table.fused[of_class, step_of(mean)])
        known[chosen] = table.known[of_class]
        return rarity, known

    def _limit(self, slot: int, kind: Kind, k: int, rank: int, since: int, moment: Moment, want: bool) -> list[Finding]:
        spec, episode = self.series.specs[slot], self.episodes.by_place.get((LIMIT, slot))
        if not want:
            return self._close(LIMIT, slot, moment, self._back_text(spec, kind, moment)) if episode else []
        limit = kind.limits[k]
        if episode is not None and episode.rank == rank:
            return []
        phase = "open" if episode is None else "update"
        if episode is None:
            episode = episode_of("limit", spec, since, rank, limit.severity, moment.offset)
            self.episodes.begin(LIMIT, slot, episode)
        episode.rank, episode.severity = rank, limit.severity
        decimals = kind.facts.decimals if kind.facts else 2
        text = limit_text(
            spec,
            limit,
            amount(moment.value or 0.0, decimals, spec.unit),
            amount(limit.value, decimals, spec.unit),
            since,
        )
        facts = {
            "limit_level": limit.level,
            "standard": limit.standard,
            "source": limit.source,
            "confirmed": int(limit.confirmed),
        }
        told = Moment(moment.time, moment.offset, moment.stamp, moment.value, limit.value, float(rank))
        return [self.teller.tell(episode, phase, told, text, spec.unit, facts)]

    def _quality(self, track: int, slot: int, kind: Kind, moment: Moment, want: bool) -> list[Finding]:
        spec, episode = self.series.specs[slot], self.episodes.by_place.get((track, slot))
        if want and episode is None:
            if moment.time < self.episodes.quiet_until[track, slot]:
                return []
            rank, severity = self.severities.lowest
            episode = episode_of(TRACKS[track], spec, moment.time, rank, severity, moment.offset)
            self.episodes.begin(track, slot, episode)
            decimals = kind.facts.decimals if kind.facts else 2
            words = range_text if track == RANGE else stuck_text
            text = words(spec, amount(moment.value or 0.0, decimals, spec.unit), moment.time)
            return [self.teller.tell(episode, "open", moment, text, spec.unit)]
        if episode is None:
            return []
        episode.calm_rows = 0 if want else episode.calm_rows + 1
        if episode.calm_rows < CALM_ROWS[track]:
            return []
        return self._close(track, slot, moment, self._back_text(spec, kind, moment))

    def _anomaly(
        self, slot: int, kind: Kind, moment: Moment, usual: float, rarity: float, bound: float, known: bool, want: bool,
        ease: bool,
    ) -> list[Finding]:  # fmt: skip
        spec, episode = self.series.specs[slot], self.episodes.by_place.get((ANOMALY, slot))
        decimals = kind.facts.decimals if kind.facts else 2
        band = min(1 + int(rarity - bound), MOST_BAND) if known else 1
        rank, severity = self.severities.at(band)
        told = Moment(moment.time, moment.offset, moment.stamp, moment.value, usual, rarity, 10.0**-rarity)
        value, expected = amount(moment.value or 0.0, decimals, spec.unit), amount(usual, decimals, spec.unit)
        if episode is None:
            # A limit already speaks for this disturbance; and after an episode the series is left in peace a while.
            if not want or self.episodes.open[LIMIT, slot] or moment.time < self.episodes.quiet_until[ANOMALY, slot]:
                return []
            episode = episode_of("anomaly", spec, moment.time, rank, severity, moment.offset)
            self.episodes.begin(ANOMALY, slot, episode)
            text = anomaly_text(spec, value, expected, moment.time, rarity, known)
            return [self.teller.tell(episode, "open", told, text, spec.unit)]
        episode.calm_rows = episode.calm_rows + 1 if ease else 0
        if episode.calm_rows >= CALM_ROWS[ANOMALY]:
            return self._close(ANOMALY, slot, moment, self._back_text(spec, kind, moment))
        if want and rank > episode.rank:
            episode.rank, episode.severity = rank, severity
            text = anomaly_text(spec, value, expected, episode.opened, rarity, known)
            return [self.teller.tell(episode, "update", told, text, spec.unit)]
        return []

    def _close(self, track: int, slot: int, moment: Moment, text: Text) -> list[Finding]:
        episode: Episode = self.episodes.end(track, slot, moment.time + QUIET_MS[track])
        return [self.teller.tell(episode, "close", moment, text, self.series.specs[slot].unit)]

    @staticmethod
    def _back_text(spec: Any, kind: Kind, moment: Moment) -> Text:
        value = amount(moment.value or 0.0, kind.facts.decimals if kind.facts else 2, spec.unit)
        return Text(zh=f"{spec.title_zh} 恢复正常：{value}", en=f"{spec.title_en} is back to normal: {value}")
