"""The series of one partition: who has which slot, what is known of it, and how far it has been judged."""

import zlib
from typing import Any

import numpy as np

from detectors.base import FloatArray, IntArray, SeriesSpec, SlotArray

#: Series live in 64 blocks by their site, so that all a site measures is snapshot at one moment.
BLOCKS = 64


def block_of(site: str) -> int:
    """The block of a site's series."""
    return zlib.crc32(site.encode()) % BLOCKS


class SeriesTable:
    """Arrays by slot, of length ``room`` (at least ``count``): ``code`` line in the pack's tables; ``last_t`` event
    time of the last row (-inf before the first); ``since`` first offset that is not yet in the state.
    """

    def __init__(self) -> None:
        self.specs: list[SeriesSpec] = []
        self.slot_of: dict[str, int] = {}
        self.room = 0
        self.code: SlotArray = np.zeros(0, np.intp)
        self.rarity_class: SlotArray = np.zeros(0, np.intp)
        self.last_t: FloatArray = np.zeros(0)
        self.since: IntArray = np.zeros(0, np.int64)
        self.by_block: dict[int, list[int]] = {}
        self.by_site: dict[str, list[int]] = {}

    @property
    def count(self) -> int:
        return len(self.specs)

    def add(self, spec: SeriesSpec, code: int, rarity_class: int) -> int:
        """A slot for a new series; the caller makes room for the other arrays where ``room`` has grown."""
        slot = self.count
        if slot >= self.room:
            self._grow(max(64, 2 * self.room))
        self.specs.append(spec)
        self.slot_of[spec.series] = slot
        self.code[slot] = code
        self.rarity_class[slot] = rarity_class
        self.by_block.setdefault(block_of(spec.site), []).append(slot)
        self.by_site.setdefault(spec.site, []).append(slot)
        return slot

    def _grow(self, room: int) -> None:
        more = room - self.room
        self.code = np.concatenate([self.code, np.zeros(more, np.intp)])
        self.rarity_class = np.concatenate([self.rarity_class, np.zeros(more, np.intp)])
        self.last_t = np.concatenate([self.last_t, np.full(more, -np.inf)])
        self.since = np.concatenate([self.since, np.zeros(more, np.int64)])
        self.room = room

    def replace(self, slot: int, spec: SeriesSpec, code: int, rarity_class: int) -> None:
        """The registry says something new of a series; its memory stays."""
        self.specs[slot] = spec
        self.code[slot] = code
        self.rarity_class[slot] = rarity_class

    def slots_in(self, block: int) -> SlotArray:
        """The slots of a block in the order of their series ids, so that equal states export alike."""
        return np.array(sorted(self.by_block.get(block, ()), key=lambda slot: self.specs[slot].series), np.intp)

    def exported(self, slots: SlotArray) -> list[dict[str, Any]]:
        """The specs of these slots as plain values."""
        return [{name: getattr(self.specs[slot], name) for name in SeriesSpec.__slots__} for slot in slots.tolist()]
