"""Episodes: one disturbance is one alarm. An episode opens once, is updated when it changes, and closes once.

Each row says how bad it is for its series (``rank``): 0 is healthy, -1 is no opinion. An episode opens at the
first rank above 0, rises at once, and falls or closes only after some rows in a row have said less; after that
the series is left in peace for a while.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.base import BoolArray, FloatArray, SeriesSpec, SlotArray, where_true
from detectors.groups.members import MEMBERS

#: Which episodes a series can have at a time, in the order in which the findings of one row are told.
#: A new one goes to the end: snapshots bear them by number.
TRACKS = (
    "limit", "range", "stuck", "missing", "anomaly", "isolation_forest", "late", "duplicate", "sklearn_outlier",
    "river_outlier",
)  # fmt: skip
LIMIT, RANGE, STUCK, MISSING, ANOMALY, FOREST, LATE, DUPLICATE = range(8)
FAMILY = {
    "limit": "limit",
    "range": "quality",
    "stuck": "quality",
    "missing": "quality",
    "mass_loss": "quality",
    "anomaly": "anomaly",
    "isolation_forest": "model",
    "late": "quality",
    "duplicate": "quality",
    "sklearn_outlier": "model",
    "river_outlier": "model",
} | dict.fromkeys(MEMBERS, "model")

#: While one of these is open the series' detectors learn nothing, but not for ever: what has stayed so long is
#: the new normal (river #948 is what happens without).
FREEZING = [LIMIT, STUCK, ANOMALY]
RELEARN_MS = 6 * 3_600_000.0

Ranks = NDArray[np.int8]


@dataclass(slots=True)
class Episode:
    """An open episode. ``rank`` is the severity in force in the scheme's order; times are ms UTC."""

    track: str
    subject: str
    site: str
    quantity: str
    opened: int
    rank: int
    severity: str
    first_offset: int
    seq: int = 0

    def exported(self) -> dict[str, Any]:
        """As plain values, for a snapshot."""
        return {name: getattr(self, name) for name in self.__slots__}


def episode_of(track: str, spec: SeriesSpec, opened: int, rank: int, severity: str, offset: int) -> Episode:
    """A new episode of a series."""
    return Episode(track, spec.series, spec.site, spec.quantity, opened, rank, severity, offset)


@dataclass(frozen=True, slots=True)
class Habit:
    """How a track behaves: rows to calm down, event time after an episode in which no new one opens."""

    calm_rows: int = 1
    quiet_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Turns:
    """Positions of the rows at which an episode opens, changes its rank, or closes."""

    opening: SlotArray
    changing: SlotArray
    closing: SlotArray


_NO_ROWS: SlotArray = np.zeros(0, np.intp)
_NO_TURNS = Turns(_NO_ROWS, _NO_ROWS, _NO_ROWS)


class OpenEpisodes:
    """Which series have which episode open. Arrays by (track, slot): ``rank`` in force, 0 = none open; ``calm`` rows
    that have said less; ``opened`` and ``ended`` of the newest episode; ``quiet_until`` no new one may open.
    By slot: ``any_open``; ``frozen_until`` event time before which nothing is learnt. Text and identity of the few
    that are open are in ``by_place``.
    """

    def __init__(self) -> None:
        shape = (len(TRACKS), 0)
        self.rank: Ranks = np.zeros(shape, np.int8)
        self.calm: NDArray[np.int16] = np.zeros(shape, np.int16)
        self.opened: FloatArray = np.zeros(shape)
        self.ended: FloatArray = np.zeros(shape)
        self.quiet_until: FloatArray = np.zeros(shape)
        self.any_open: BoolArray = np.zeros(0, np.bool_)
        self.frozen_until: FloatArray = np.zeros(0)
        self.by_place: dict[tuple[int, int], Episode] = {}
        #: How many are open, by track.
        self.count = [0] * len(TRACKS)

    #: What a snapshot holds besides ``by_place``; the rest follows from it.
    SAVED = ("rank", "calm", "opened", "ended", "quiet_until", "frozen_until")

    def grow(self, n: int) -> None:
        """Room for ``n`` slots."""
        more = n - len(self.any_open)
        for name in (*self.SAVED, "any_open"):
            array = getattr(self, name)
            setattr(self, name, np.concatenate([array, np.zeros((*array.shape[:-1], more), array.dtype)], axis=-1))

    def advance(self, track: int, slots: SlotArray, t: FloatArray, rank: Ranks, habit: Habit) -> Turns:
        """Hear a row's ``rank`` for each of ``slots`` (no slot twice) and say what turns.

        Only counts; the caller opens, changes and closes at the turns."""
        now = self.rank[track][slots]
        worse = where_true(rank > now)
        opening = worse[now[worse] == 0] if len(worse) else worse
        if len(opening):
            opening = opening[t[opening] >= self.quiet_until[track][slots[opening]]]
        going_on = where_true(now)
        if not len(going_on):
            return Turns(opening, _NO_ROWS, _NO_ROWS) if len(opening) else _NO_TURNS
        slots, rank, now = slots[going_on], rank[going_on], now[going_on]
        before = self.calm[track][slots]
        calmer = (rank >= 0) & (rank < now)
        calm = np.where(calmer, before + 1, np.where(rank < 0, before, 0))
        settled = calmer & (calm >= habit.calm_rows)
        calm[settled] = 0
        self.calm[track, slots] = calm
        changing = (rank > now) | (settled & (rank > 0))
        return Turns(opening, going_on[changing], going_on[settled & (rank == 0)])

    def begin(self, track: int, slot: int, episode: Episode, time: float) -> None:
        """An episode opens at event time ``time``."""
        self.keep(track, slot, episode)
        self.rank[track, slot] = episode.rank
        self.calm[track, slot] = 0
        self.opened[track, slot] = episode.opened
        self._follow(slot, time)

    def keep(self, track: int, slot: int, episode: Episode) -> None:
        """An episode is open: it begins, or comes with a snapshot."""
        self.count[track] += (track, slot) not in self.by_place
        self.by_place[track, slot] = episode

    def change(self, track: int, slot: int, rank: int, severity: str) -> Episode:
        """Its severity is another now."""
        episode = self.by_place[track, slot]
        episode.rank, episode.severity = rank, severity
        self.rank[track, slot] = rank
        return episode

    def end(self, track: int, slot: int, time: float, quiet_ms: float = 0.0) -> Episode:
        """It closes at event time ``time``."""
        self.rank[track, slot] = 0
        self.ended[track, slot] = time
        self.quiet_until[track, slot] = time + quiet_ms
        episode = self.by_place.pop((track, slot))
        self.count[track] -= 1
        self._follow(slot, time)
        return episode

    def release(self, slot: int, time: float) -> bool:
        """From event time ``time`` on the series is learnt again, whatever is open; false where nothing is held up."""
        held = bool(self.frozen_until[slot] > time)
        if held:
            self.frozen_until[slot] = time
        return held

    def settle(self, slots: SlotArray) -> None:
        """``rank`` of these was set from outside: bring what follows from it into line."""
        self.any_open[slots] = self.rank[:, slots].any(axis=0)
        frozen = self.rank[FREEZING][:, slots].any(axis=0)
        self.frozen_until[slots] = np.where(frozen, self.frozen_until[slots], 0.0)

    def _follow(self, slot: int, time: float) -> None:
        ranks = self.rank[:, slot].tolist()
        self.any_open[slot] = any(ranks)
        if not (ranks[LIMIT] or ranks[STUCK] or ranks[ANOMALY]):  # those of FREEZING
            self.frozen_until[slot] = 0.0
        elif self.frozen_until[slot] == 0.0:
            self.frozen_until[slot] = time + RELEARN_MS
