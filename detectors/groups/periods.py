"""The readings of groups by period of event time: what makes an aligned vector of channels that come one by one."""

import numpy as np

from detectors.base import FloatArray, IntArray, Rows, SlotArray

#: Periods that are remembered: those that wait to be judged, and those that came while they waited.
DEPTH = 16
#: Of them so many may wait: a tick that comes later than that finds only the newest.
MOST_WAITING = 8
#: How long a period is open for what is on its way, after its end (city time).
GRACE_MS = 30_000


class Periods:
    """For groups of one period: of each channel (a *seat*) its last good reading in each of the last periods.

    Arrays of shape (DEPTH, room): ``value``; ``number`` of the period it is of (time // period, -1 for none);
    ``offset`` of its record. What stands there depends on the readings' times alone, not on when ticks come.
    """

    NAMES = ("value", "number", "offset")

    def __init__(self, period_ms: int) -> None:
        self.period_ms = period_ms
        self.series: list[str] = []
        self.slots: list[int] = []
        self.value: FloatArray = np.zeros((DEPTH, 0))
        self.number: FloatArray = np.zeros((DEPTH, 0))
        self.offset: FloatArray = np.zeros((DEPTH, 0))
        self._seat_of_slot: SlotArray = np.zeros(0, np.intp)
        self._seat_of: dict[str, int] = {}

    def seat(self, slot: int, series: str) -> int:
        """The seat of this series, made at its first sight."""
        seat = self._seat_of.get(series)
        if seat is None:
            seat = self._seat_of[series] = len(self.series)
            self.series.append(series)
            self.slots.append(slot)
            if seat >= self.value.shape[1]:
                self._grow(max(16, 2 * seat))
            if slot >= len(self._seat_of_slot):
                more = max(64, 2 * slot) - len(self._seat_of_slot)
                self._seat_of_slot = np.concatenate([self._seat_of_slot, np.full(more, -1, np.intp)])
            self._seat_of_slot[slot] = seat
        return seat

    def _grow(self, room: int) -> None:
        for name in self.NAMES:
            kept = getattr(self, name)
            more = np.full((DEPTH, room - kept.shape[1]), -1.0 if name == "number" else 0.0)
            setattr(self, name, np.concatenate([kept, more], axis=1))

    def keep(self, rows: Rows, offset: IntArray) -> None:
        """Take a tick's rows: the good ones of seated series, where a later one of a period replaces an earlier."""
        slots = rows.slots
        if not isinstance(slots, slice):
            slots = slots[: np.searchsorted(slots, len(self._seat_of_slot))]  # in order: later ones have no seat
        seats = self._seat_of_slot[slots]
        good = rows.mask[: len(seats)] & (seats >= 0)
        x, t, offset = rows.x[: len(seats)], rows.t[: len(seats)], offset[: len(seats)]
        if not good.all():
            there = np.flatnonzero(good)
            if not len(there):
                return
            seats, x, t, offset = seats[there], x[there], t[there], offset[there]
        first, last = rows.first_t // self.period_ms, rows.last_t // self.period_ms
        if first == last:  # nearly always: one line of each array
            line = first % DEPTH
            self.value[line, seats], self.number[line, seats], self.offset[line, seats] = x, first, offset
            return
        number = t // self.period_ms
        at = (number % DEPTH, seats)
        self.value[at], self.number[at], self.offset[at] = x, number, offset

    def due(self, now: int) -> int:
        """The last period that is over and has had its grace at city time ``now``."""
        return (now - GRACE_MS) // self.period_ms - 1

    def vectors(self, first: int, last: int) -> tuple[FloatArray, FloatArray]:
        """Values and offsets (periods, seats) of these periods, both included; NaN where nothing came."""
        seats, lines = len(self.series), np.arange(first, last + 1) % DEPTH
        came = self.number[lines, :seats] == np.arange(first, last + 1)[:, None]
        values, offsets = self.value[lines, :seats], self.offset[lines, :seats]
        return np.where(came, values, np.nan), np.where(came, offsets, np.nan)

    def exported(self, series: str) -> FloatArray | None:
        """What is remembered of a series, (3, DEPTH), for a snapshot."""
        seat = self._seat_of.get(series)
        return None if seat is None else np.stack([getattr(self, name)[:, seat] for name in self.NAMES])

    def load(self, series: str, exported: FloatArray) -> None:
        """Take over what another has exported of a series that is seated here."""
        for name, line in zip(self.NAMES, exported, strict=True):
            getattr(self, name)[:, self._seat_of[series]] = line
