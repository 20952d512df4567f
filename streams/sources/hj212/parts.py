"""Divided messages (PNUM, PNO): which sets are complete. Pure; times in seconds of any clock.

Each part has a QN of its own, carries DataTime and whole factor groups, is kept and answered by itself: a
missing part takes nothing from the others. A set is known by (MN, ST, CN, DataTime, PNUM).
"""

import msgspec

#: How long the missing parts of a set may take: a device's own time-out and its three repetitions, doubled.
SET_WITHIN_S = 80.0

#: Sets that wait at once; beyond it the oldest is given up, so that no sender can grow this.
MOST_SETS = 10_000


class SetKey(msgspec.Struct, frozen=True):
    """What the parts of one message have in common."""

    mn: str
    st: str
    cn: str
    data_time: str
    pnum: int


class Incomplete(msgspec.Struct, frozen=True):
    """A set whose time is over, and the numbers (from 1) of the parts that never came."""

    key: SetKey
    missing: tuple[int, ...]


class PartSets:
    """The sets that wait for parts."""

    def __init__(self, within_s: float = SET_WITHIN_S) -> None:
        self.within_s = within_s
        self._waiting: dict[SetKey, tuple[float, set[int]]] = {}

    def saw(self, key: SetKey, pno: int, now: float) -> bool:
        """A part has been kept; whether its set is complete with it. A part beyond PNUM belongs to no set."""
        if not 1 <= pno <= key.pnum:
            return False
        _, parts = self._waiting.setdefault(key, (now, set()))
        parts.add(pno)
        if len(parts) == key.pnum:
            del self._waiting[key]
            return True
        return False

    def due(self, now: float) -> list[Incomplete]:
        """The sets given up now, oldest first."""
        over: list[Incomplete] = []
        for key, (since, parts) in list(self._waiting.items()):
            if now - since < self.within_s and len(self._waiting) <= MOST_SETS:
                break  # they are in the order in which they began
            del self._waiting[key]
            over.append(Incomplete(key, tuple(number for number in range(1, key.pnum + 1) if number not in parts)))
        return over
