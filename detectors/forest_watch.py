"""The isolation forest at work: once in a minute of city time all series of a class are scored in one batch."""

import numpy as np

from detectors.base import BoolArray, FloatArray, Rows, Scores, SlotArray, State
from detectors.calibration import FUSED
from detectors.open_episodes import Moment, OpenEpisodes, Teller, episode_of
from detectors.isolation_forest import FEATURES, Forest
from detectors.model_watch import IsolationForestWatch
from detectors.pack_tables import PackTables
from detectors.row_episodes import ANOMALY, FOREST, LIMIT, MOST_BAND
from detectors.series import SeriesTable
from detectors.severities import Severities
from detectors.wording import amount, model_text
from topics.finding import Finding, Text


class Latest:
    """The features of each series' last row, and what a finding about it needs."""

    def __init__(self) -> None:
        self.features: FloatArray = np.zeros((len(FUSED), 0))
        self.value: FloatArray = np.zeros(0)
        self.time: FloatArray = np.zeros(0)

    def grow(self, room: int) -> None:
        more = room - len(self.value)
        if more > 0:
            self.features = np.concatenate([self.features, np.full((len(FUSED), more), np.nan)], axis=1)
            self.value = np.concatenate([self.value, np.full(more, np.nan)])
            self.time = np.concatenate([self.time, np.full(more, -np.inf)])

    def keep(self, rows: Rows, scores: dict[str, Scores]) -> None:
        for place, name in enumerate(FUSED):
            self.features[place, rows.slots] = scores[name].score
        self.value[rows.slots] = rows.x
        self.time[rows.slots] = np.where(rows.mask, rows.t, self.time[rows.slots])


class ForestWatch:
    """Works on the partition's series, open episodes and ``Latest``; ``looked`` is the last minute it looked at."""

    def __init__(
        self,
        settings: IsolationForestWatch,
        series: SeriesTable,
        episodes: OpenEpisodes,
        latest: Latest,
        teller: Teller,
        severities: Severities,
    ) -> None:
        self.settings = settings
        self.series = series
        self.episodes = episodes
        self.latest = latest
        self.teller = teller
        self.severities = severities

    def rows(self, since: float, offset: int, tables: PackTables, level: State) -> tuple[SlotArray, FloatArray]:
        """The slots that have spoken since then and are ready, and their feature rows (m, features)."""
        count = self.series.count
        code = self.series.code[:count]
        fresh = (self.latest.time[:count] > since) & (self.series.since[:count] <= offset)
        ready = tables.runs["isolation_forest"][code] & fresh & ~np.isnan(self.latest.features[1, :count])
        slots = np.flatnonzero(ready)
        floor = tables.resolution[self.series.code[slots]] ** 2
        ratio = np.log2(np.maximum(level["fast_variance"][slots], floor) / np.maximum(level["variance"][slots], floor))
        scores = np.nan_to_num(self.latest.features[:, slots])
        rows: FloatArray = np.column_stack([*scores, ratio])
        assert rows.shape[1] == len(FEATURES)
        return slots, rows

    def healthy(self, slots: SlotArray) -> BoolArray:
        """Which of these have no open episode: only they may teach."""
        quiet: BoolArray = ~self.episodes.open[:, slots].any(axis=0)
        return quiet

    def look(
        self,
        slots: SlotArray,
        rows: FloatArray,
        forests: dict[str, Forest],
        bounds: FloatArray,
        tables: PackTables,
        now: int,
        offset: int,
        stamp: int,
    ) -> list[Finding]:
        """Findings of one look."""
        found: list[Finding] = []
        classes = [self.series.specs[slot].sensor_class for slot in slots.tolist()]
        for name in sorted(set(classes) & set(forests)):
            members = np.array([place for place, each in enumerate(classes) if each == name])
            rarities = forests[name].rarities(rows[members])
            for place, rarity in zip(members.tolist(), rarities.tolist(), strict=True):
                slot = int(slots[place])
                if rarity >= bounds[self.series.code[slot]] or self.episodes.open[FOREST, slot]:
                    bound = float(bounds[self.series.code[slot]])
                    found += self._one(slot, rarity, bound, tables, Moment(now, offset, stamp))
        return found

    def _one(self, slot: int, rarity: float, bound: float, tables: PackTables, moment: Moment) -> list[Finding]:
        spec, episode = self.series.specs[slot], self.episodes.by_place.get((FOREST, slot))
        kind = tables.kinds[int(self.series.code[slot])]
        value = amount(float(self.latest.value[slot]), kind.facts.decimals if kind.facts else 2, spec.unit)
        told = Moment(
            moment.time, moment.offset, moment.stamp, float(self.latest.value[slot]), None, rarity, 10.0**-rarity
        )
        if episode is None:
            spoken_for = self.episodes.open[LIMIT, slot] or self.episodes.open[ANOMALY, slot]
            if spoken_for or moment.time < self.episodes.quiet_until[FOREST, slot]:
                return []
            rank, severity = self.severities.at(min(1 + int(rarity - bound), MOST_BAND))
            episode = episode_of("isolation_forest", spec, int(self.latest.time[slot]), rank, severity, moment.offset)
            self.episodes.begin(FOREST, slot, episode)
            text = model_text(spec, value, episode.opened, rarity)
            return [self.teller.tell(episode, "open", told, text, spec.unit)]
        episode.calm_rows = episode.calm_rows + 1 if rarity < 0.5 * bound else 0
        if episode.calm_rows < self.settings.calm_looks:
            return []
        self.episodes.end(FOREST, slot, moment.time + self.settings.quiet_s * 1000.0)
        text = Text(
            zh=f"{spec.title_zh} 变化形态恢复正常：{value}", en=f"{spec.title_en} behaves as usual again: {value}"
        )
        return [self.teller.tell(episode, "close", told, text, spec.unit)]
