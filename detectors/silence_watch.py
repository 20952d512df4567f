"""Silence found and ended: missing instruments at ticks, their return at the next reading, sites that lose many."""

import numpy as np

from detectors.base import IntArray, Rows, SlotArray
from detectors.episodes import LATE, MISSING, Episode, OpenEpisodes, episode_of
from detectors.in_force import InForce
from detectors.series import SeriesTable, block_of
from detectors.slot_facts import SlotFacts
from detectors.teller import Facts, Moment, Teller
from detectors.wording import mass_loss_text, missing_text, returned_text, site_returned_text
from topics.finding import Finding, Phase


class SilenceWatch:
    """Works on the partition's series and open episodes; ``lost`` holds the open losses of whole sites.

    Judged at ticks of city time alone, so silence works at any replay speed and on an idle partition.
    """

    def __init__(
        self, series: SeriesTable, episodes: OpenEpisodes, teller: Teller, force: InForce, facts: SlotFacts
    ) -> None:
        self.series = series
        self.episodes = episodes
        self.teller = teller
        self.force = force
        self.facts = facts
        self.lost: dict[str, Episode] = {}

    def at_tick(self, now: int, offset: int, stamp: int) -> list[Finding]:
        """Instruments that have been silent for too long, and sites that have lost or regained many."""
        count = self.series.count
        if not count:
            return []
        due = self._due(now, offset)
        moment = Moment(now, offset, stamp)
        found, touched = [], set()
        for slot in sorted(due.tolist(), key=lambda slot: self.series.specs[slot].series):
            spec = self.series.specs[slot]
            rank, severity = self.force.severities.lowest
            last = int(self.series.last_t[slot])
            allowed = self.force.missing.intervals * self.force.tables.interval_ms[self.series.code[slot]]
            episode = episode_of("missing", spec, int(last + allowed), rank, severity, offset)
            self.episodes.begin(MISSING, slot, episode, float(now))
            interval = float(self.force.tables.interval_ms[self.series.code[slot]])
            text = missing_text(spec, last, interval)
            found.append(self.teller.tell(episode, "open", moment, text, spec.unit))
            touched.add(spec.site)
        awake = self.series.awake(offset)
        for site in sorted(touched | set(self.lost)):
            slots = self.series.by_site[site]
            if awake is None or awake[slots[0]]:
                found += self._site(site, slots, moment)
        return found

    def _due(self, now: int, offset: int) -> SlotArray:
        """Series that turn out to be silent now."""
        count, tables = self.series.count, self.force.tables
        last = self.series.last_t[:count]
        # Nearly always none: the first look is one comparison.
        chosen: SlotArray = np.flatnonzero(now - last > self.facts.silent_ms[:count])
        chosen = chosen[np.isfinite(last[chosen]) & (self.episodes.rank[[MISSING, LATE]][:, chosen] == 0).all(axis=0)]
        awake = self.series.awake(offset)
        if awake is not None:
            chosen = chosen[awake[chosen]]
        if not len(chosen):
            return chosen
        code, gap, m = self.series.code[chosen], now - last[chosen], len(chosen)
        watched = np.ones(m, np.bool_)
        rows = Rows(
            chosen, gap, np.full(m, now), watched, watched, gap, code,
            gap, tables.interval_ms[code], now, now,
        )  # fmt: skip
        due: SlotArray = chosen[self.force.missing.update(rows, {}).score > 1.0]
        return due

    def returned(self, slots: SlotArray, time: IntArray, offset: IntArray, stamp: IntArray, now: int) -> list[Finding]:
        """Instruments among these rows that were silent and have spoken again; not of what is still long ago at city
        time ``now``, unless it is known of the instrument that it sends late."""
        found = []
        for place in np.flatnonzero(self.episodes.rank[MISSING, slots]).tolist():
            slot = int(slots[place])
            if now - time[place] > self.facts.silent_ms[slot] and not self.episodes.rank[LATE, slot]:
                continue
            spec = self.series.specs[slot]
            moment = Moment(int(time[place]), int(offset[place]), int(stamp[place]))
            episode = self.episodes.end(MISSING, slot, float(moment.time))
            found.append(self.teller.tell(episode, "close", moment, returned_text(spec), spec.unit))
        return found

    def _site(self, site: str, members: list[int], moment: Moment) -> list[Finding]:
        """One site has lost an instrument at this tick, or has an open loss."""
        live = self.force.tables.live
        slots = [slot for slot in members if live[self.series.code[slot]]]
        gone = [slot for slot in slots if self.episodes.rank[MISSING, slot]]
        episode, spec, settings = self.lost.get(site), self.series.specs[members[0]], self.force.missing
        title_zh, title_en = spec.site_zh or site, spec.site_en or site
        if episode is not None and len(gone) < settings.share_lost * len(slots):
            del self.lost[site]
            return [self.teller.tell(episode, "close", moment, site_returned_text(title_zh, title_en), "")]
        together = self._together(gone)
        if len(together) < max(settings.least_lost, settings.share_lost * len(slots)):
            return []
        devices = len({self.series.specs[slot].device for slot in together})
        severities = self.force.severities
        rank, severity = severities.highest if devices >= settings.least_devices else severities.below_highest
        if episode is not None and rank <= episode.rank:
            return []
        phase: Phase = "open" if episode is None else "update"
        if episode is None:
            opened = int(self.episodes.opened[MISSING, together[0]])
            episode = Episode("mass_loss", site, site, "instruments", opened, rank, severity, moment.offset)
            self.lost[site] = episode
        episode.rank, episode.severity = rank, severity
        facts: Facts = {"lost": len(gone), "of": len(slots), "devices": devices}
        text = mass_loss_text(title_zh, title_en, len(gone), len(slots), devices, episode.opened)
        return [self.teller.tell(episode, phase, moment, text, "", facts)]

    def _together(self, gone: list[int]) -> list[int]:
        """Those of the silent series that fell silent at about the same time as the newest, oldest first."""
        opened = self.episodes.opened[MISSING]
        since = sorted(gone, key=lambda slot: (float(opened[slot]), self.series.specs[slot].series))
        window_ms = self.force.missing.window_s * 1000.0
        return [slot for slot in since if opened[since[-1]] - opened[slot] <= window_ms]

    def losses(self, block: int) -> list[Episode]:
        """The open losses of a block's sites."""
        return [episode for site, episode in sorted(self.lost.items()) if block_of(site) == block]
