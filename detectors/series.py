"""The series of one partition: who has which slot, what is known of it, and how far it has been judged."""

import zlib
from typing import Any

import numpy as np

from detectors.base import BoolArray, FloatArray, IntArray, SeriesSpec, SlotArray

#: Series live in 64 blocks by their site, so that all a site measures is snapshot at one moment.
BLOCKS = 64


def block_of(site: str) -> int:
    """The block of a site's series."""
    return zlib.crc32(site.encode()) % BLOCKS


class SeriesTable:
    """Arrays by slot, of length ``room`` (at least ``count``): ``code`` line in the pack's tables; ``rarity_class``
    line in the rarity table; ``last_t`` event time of the last row (-inf before the first); ``since`` first
    offset that is not yet in the state; ``turn`` a number that follows from the name, to share work out evenly.
    ``latest_since`` is the greatest ``since``.
    """

    def __init__(self) -> None:
        self.specs: list[SeriesSpec] = []
        self.slot_of: dict[str, int] = {}
        self.room = 0
        self.latest_since = 0
        self.code: SlotArray = np.zeros(0, np.intp)
        self.rarity_class: SlotArray = np.zeros(0, np.intp)
        self.last_t: FloatArray = np.zeros(0)
        self.since: IntArray = np.zeros(0, np.int64)
        self.turn: IntArray = np.zeros(0, np.int64)
        self.by_block: dict[int, list[int]] = {}
        self.by_site: dict[str, list[int]] = {}
        self._block_since: dict[int, int] = {}
        self._exported: dict[int, tuple[SlotArray, list[dict[str, Any]]]] = {}

    @property
    def count(self) -> int:
        """How many series are bound."""
        return len(self.specs)

    def add(self, spec: SeriesSpec, code: int, rarity_class: int) -> int:
        """A slot for a new series; the caller makes room for the other arrays where ``room`` has grown."""
        slot = self.count
        if slot >= self.room:
            self._grow(max(64, 2 * self.room))
        block = block_of(spec.site)
        self.specs.append(spec)
        self.slot_of[spec.series] = slot
        self.code[slot] = code
        self.rarity_class[slot] = rarity_class
        self.since[slot] = self._block_since.get(block, 0)
        self.turn[slot] = zlib.crc32(spec.series.encode())
        self.by_block.setdefault(block, []).append(slot)
        self.by_site.setdefault(spec.site, []).append(slot)
        self._exported.pop(block, None)
        return slot

    def _grow(self, room: int) -> None:
        more = room - self.room
        self.code = np.concatenate([self.code, np.zeros(more, np.intp)])
        self.rarity_class = np.concatenate([self.rarity_class, np.zeros(more, np.intp)])
        self.last_t = np.concatenate([self.last_t, np.full(more, -np.inf)])
        self.since = np.concatenate([self.since, np.zeros(more, np.int64)])
        self.turn = np.concatenate([self.turn, np.zeros(more, np.int64)])
        self.room = room

    def replace(self, slot: int, spec: SeriesSpec, code: int, rarity_class: int) -> None:
        """The registry says something new of a series; its memory stays."""
        self.specs[slot] = spec
        self.code[slot] = code
        self.rarity_class[slot] = rarity_class
        self._exported.pop(block_of(spec.site), None)

    def restored(self, block: int, since: int) -> None:
        """All that the log says of this block before offset ``since`` is known, also of series yet to be met."""
        self._block_since[block] = since
        self.latest_since = max(self.latest_since, since)
        self.since[self.by_block.get(block, [])] = since

    def awake(self, offset: int) -> BoolArray | None:
        """Which series have not yet seen the control at this offset, by slot up to ``count``; ``None`` = all."""
        if offset >= self.latest_since:
            return None
        awake: BoolArray = self.since[: self.count] <= offset
        return awake

    def in_block(self, block: int) -> tuple[SlotArray, list[dict[str, Any]]]:
        """A block's slots in the order of their series ids, so that equal states export alike, and their specs."""
        if block not in self._exported:
            slots = sorted(self.by_block.get(block, ()), key=lambda slot: self.specs[slot].series)
            specs = [{name: getattr(self.specs[slot], name) for name in SeriesSpec.__slots__} for slot in slots]
            self._exported[block] = np.array(slots, np.intp), specs
        return self._exported[block]
