"""Rows that come in time, made ready for the detectors: what all of them need to know of each is looked up once."""

import numpy as np

from detectors.base import BoolArray, Columns, FloatArray, IntArray, Rows, SlotArray, Slots, where_true
from detectors.episodes import OpenEpisodes
from detectors.series import SeriesTable
from detectors.slot_facts import SlotFacts


class LiveRows:
    """Says of each row whether its value may be used (``Rows.mask``: it came, the instrument stands by it, it lies in
    the span) and whether anything may be learnt from it (``Rows.learn``: not inside an episode, unless that has lasted
    so long that it is the new normal).
    """

    def __init__(self, series: SeriesTable, episodes: OpenEpisodes, facts: SlotFacts) -> None:
        self.series = series
        self.episodes = episodes
        self.facts = facts

    def gather(
        self, columns: Columns, positions: Slots, slots: SlotArray, gap: FloatArray, bounds: tuple[int, int]
    ) -> Rows:
        """The rows at ``positions`` of the columns, no series twice, in order of slot.

        ``slots`` theirs; ``gap`` ms since each series' row before; ``bounds`` the first and last time of all columns.
        """
        where, facts = dense(slots), self.facts
        t, x, usable = columns.time_ms[positions], columns.value[positions], columns.usable[positions]
        if len(t) != len(columns.slot):
            bounds = int(t.min()), int(t.max())
        if not usable.all():
            x = np.where(usable, x, np.nan)
        mask = x >= facts.low[where]
        mask &= x <= facts.high[where]
        learn, forced = self._learn(mask, slots, where, t)
        code, resolution, interval = self.series.code[where], facts.resolution[where], facts.interval_ms[where]
        return Rows(where, x, t, mask, learn, gap, code, resolution, interval, *bounds, forced)

    def _learn(
        self, mask: BoolArray, slots: SlotArray, where: Slots, t: IntArray
    ) -> tuple[BoolArray, BoolArray | None]:
        """``Rows.learn`` and ``Rows.forced``: the mask itself where no episode holds a row."""
        if not self.episodes.by_place:
            return mask, None
        frozen = where_true(self.episodes.any_open[where])
        until = self.episodes.frozen_until[slots[frozen]]
        if not until.any():
            return mask, None
        frozen, until = frozen[until > 0], until[until > 0]
        thawed = t[frozen] >= until
        learn, forced = mask.copy(), None
        learn[frozen] &= thawed
        if thawed.any():
            forced = np.zeros(len(mask), np.bool_)
            forced[frozen] = learn[frozen]
        return learn, forced


def dense(slots: SlotArray) -> Slots:
    """A slice where the slots, which are in order, are a dense range: views instead of copies.

    >>> dense(np.array([4, 5, 6])), dense(np.array([4, 6])).tolist()
    (slice(4, 7, None), [4, 6])
    """
    first, last = int(slots[0]), int(slots[-1])
    return slice(first, last + 1) if last - first + 1 == len(slots) else slots
