"""Silence found and ended: missing instruments at ticks, their return at the next reading, sites that lose many."""

import numpy as np

from detectors.base import FloatArray, IntArray, SlotArray
from detectors.open_episodes import Episode, Moment, OpenEpisodes, Teller, episode_of
from detectors.pack_tables import PackTables
from detectors.row_episodes import MISSING
from detectors.series import SeriesTable
from detectors.severities import Severities
from detectors.silence import Missing
from detectors.wording import mass_loss_text, missing_text
from topics.finding import Finding, Text


class SilenceWatch:
    """Works on the partition's series and open episodes; ``lost`` holds the open losses of whole sites."""

    def __init__(
        self,
        settings: Missing,
        series: SeriesTable,
        episodes: OpenEpisodes,
        teller: Teller,
        severities: Severities,
        lost: dict[str, Episode],
    ) -> None:
        self.settings = settings
        self.series = series
        self.episodes = episodes
        self.teller = teller
        self.severities = severities
        self.lost = lost

    def at_tick(self, now: int, offset: int, stamp: int, tables: PackTables) -> list[Finding]:
        """Instruments that have been silent for too long, and sites that have lost or regained many."""
        count = self.series.count
        if not count:
            return []
        code = self.series.code[:count]
        due: FloatArray = self.series.last_t[:count] + self.settings.intervals * tables.interval_ms[code]
        watched = tables.live[code] & tables.runs["missing"][code] & (self.series.since[:count] <= offset)
        silent = watched & (due < now) & np.isfinite(due) & ~self.episodes.open[MISSING, :count]
        found, touched = [], set()
        for slot in np.flatnonzero(silent).tolist():
            spec = self.series.specs[slot]
            rank, severity = self.severities.lowest
            episode = episode_of("missing", spec, int(due[slot]), rank, severity, offset)
            self.episodes.begin(MISSING, slot, episode)
            text = missing_text(spec, int(self.series.last_t[slot]))
            found.append(self.teller.tell(episode, "open", Moment(now, offset, stamp), text, spec.unit))
            touched.add(spec.site)
        for site in sorted(touched | set(self.lost)):
            found += self._site(site, now, offset, stamp, tables)
        return found

    def returned(self, slots: SlotArray, time: IntArray, offset: IntArray, stamp: IntArray) -> list[Finding]:
        """Instruments among these rows that were silent and have spoken again."""
        found = []
        for place in np.flatnonzero(self.episodes.open[MISSING, slots]).tolist():
            slot = int(slots[place])
            spec = self.series.specs[slot]
            episode = self.episodes.end(MISSING, slot, -np.inf)
            moment = Moment(int(time[place]), int(offset[place]), int(stamp[place]))
            text = Text(zh=f"{spec.title_zh} 恢复上报", en=f"{spec.title_en} reports again")
            found.append(self.teller.tell(episode, "close", moment, text, spec.unit))
        return found

    def _site(self, site: str, now: int, offset: int, stamp: int, tables: PackTables) -> list[Finding]:
        slots = [slot for slot in self.series.by_site[site] if tables.live[self.series.code[slot]]]
        gone = [slot for slot in slots if self.episodes.open[MISSING, slot]]
        episode = self.lost.get(site)
        spec = self.series.specs[slots[0]] if slots else None
        if spec is None:
            return []
        title_zh, title_en = spec.site_zh or site, spec.site_en or site
        if episode is not None:
            if len(gone) >= self.settings.share_lost * len(slots):
                return []
            del self.lost[site]
            text = Text(zh=f"{title_zh} 测点恢复上报", en=f"{title_en}: instruments report again")
            return [self.teller.tell(episode, "close", Moment(now, offset, stamp), text, "")]
        opened = sorted(float(self.episodes.opened[MISSING, slot]) for slot in gone)
        together = [each for each in opened if opened[-1] - each <= self.settings.window_s * 1000.0]
        if len(together) < max(self.settings.least_lost, self.settings.share_lost * len(slots)):
            return []
        rank, severity = self.severities.highest
        episode = Episode("mass_loss", site, site, "instruments", int(together[0]), rank, severity, offset)
        self.lost[site] = episode
        text = mass_loss_text(title_zh, title_en, len(gone), len(slots), int(together[0]))
        facts: dict[str, str | float | int | None] = {"lost": len(gone), "of": len(slots)}
        return [self.teller.tell(episode, "open", Moment(now, offset, stamp), text, "", facts)]
