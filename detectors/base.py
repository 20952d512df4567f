"""The seams of detection: columns in, scores and writes out. Everything here is engine-free and pure.

The kernel cuts a micro-batch into ticks in which no series comes twice (``kth_rows``), gathers what all
detectors need once into ``Rows`` and asks each detector for ``Scores``. A detector never writes: it *says*
what its memory becomes (``Scores.writes``) and the kernel writes it once the whole chain has agreed,
so a detector that raises leaves every memory as it was.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from topics.finding import Finding

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]
SlotArray: TypeAlias = NDArray[np.intp]
#: Where rows lie in the state: an array of slots, or a slice where they are a dense range (no copies then).
Slots: TypeAlias = SlotArray | slice
#: A detector's memory: arrays whose *last* axis is the series slot.
State: TypeAlias = dict[str, NDArray[np.float64]]
#: One write to a detector's memory: name, index into the array, the new values.
Write: TypeAlias = tuple[str, Any, FloatArray]


@dataclass(frozen=True, slots=True)
class Columns:
    """A micro-batch of readings of one partition in log order, as a struct of arrays of one length m.

    ``value`` may be NaN (no value came). ``usable`` is true where the data flag is N, false where the
    instrument itself says the value must not be judged. ``offset`` and ``stamp`` are the record's place
    in the partition and Kafka's time stamp (ms UTC).
    """

    slot: SlotArray
    time_ms: IntArray
    value: FloatArray
    usable: BoolArray
    backfill: BoolArray
    offset: IntArray
    stamp: IntArray

    def part(self, rows: Slots) -> "Columns":
        """Some of the rows: copies by positions, views by a slice."""
        return Columns(
            self.slot[rows], self.time_ms[rows], self.value[rows], self.usable[rows], self.backfill[rows],
            self.offset[rows], self.stamp[rows],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class SeriesSpec:
    """What the registry and the pack say of one series; equal specs give equal findings."""

    series: str
    site: str
    quantity: str
    statistic: str
    unit: str
    sensor_class: str
    #: What it is called, site and quantity together, and the site alone.
    title_zh: str = ""
    title_en: str = ""
    site_zh: str = ""
    site_en: str = ""

    @property
    def device(self) -> str:
        """The device (a data logger, a terminal) that brings the series: what falls silent as a whole."""
        return self.series.split("/", 2)[1]


@dataclass(slots=True)
class Reject:
    """A row that could not be judged: the worker sends it to the dead letters with this reason."""

    offset: int
    reason: str
    detail: str


@dataclass(slots=True)
class Outcome:
    """What a call of the kernel gives back, in log order; the counts are of rows set aside as told in
    ``Kernel.apply`` (``late`` rows still meet the limit rules, ``duplicate`` ones nothing)."""

    findings: list[Finding] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    late: int = 0
    duplicate: int = 0


@dataclass(frozen=True, slots=True)
class Rows:
    """One row for each of m different series: what every detector sees. All arrays have shape (m,).

    ``x`` value; ``t`` event time (ms UTC); ``mask`` false where the value must not be used (NaN, flagged by
    the instrument, outside its span); ``learn`` false where nothing may be learnt either (inside an episode);
    ``gap`` ms since the row before of the series, infinite for its first; ``code`` the row's line in the pack's
    tables; ``resolution`` and ``interval_ms`` of the quantity. ``first_t`` and ``last_t`` bound ``t``.
    """

    slots: Slots
    x: FloatArray
    t: IntArray
    mask: BoolArray
    learn: BoolArray
    gap: FloatArray
    code: SlotArray
    resolution: FloatArray
    interval_ms: FloatArray
    first_t: int
    last_t: int
    #: True in an episode that has lasted so long that it is learnt all the same; ``None`` where no row is.
    forced: BoolArray | None = None
    _clean: FloatArray | None = field(default=None, init=False, repr=False, compare=False)
    _unusable: SlotArray | None = field(default=None, init=False, repr=False, compare=False)
    _untaught: SlotArray | None = field(default=None, init=False, repr=False, compare=False)
    _alike: bool | None = field(default=None, init=False, repr=False, compare=False)
    _pace: Any = field(default=None, init=False, repr=False, compare=False)
    _apart: dict[float, SlotArray] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def unusable(self) -> SlotArray:
        """Positions where ``mask`` is false: few, so that detectors count with all rows and mend these."""
        if self._unusable is None:
            object.__setattr__(self, "_unusable", where_true(~self.mask))
        assert self._unusable is not None
        return self._unusable

    @property
    def untaught(self) -> SlotArray:
        """Positions where ``learn`` is false."""
        if self._untaught is None:
            same = self.learn is self.mask
            object.__setattr__(self, "_untaught", self.unusable if same else where_true(~self.learn))
        assert self._untaught is not None
        return self._untaught

    @property
    def alike(self) -> bool:
        """Whether all rows lie in one line of the pack's tables, so that one look-up serves them all."""
        if self._alike is None:
            object.__setattr__(self, "_alike", bool((self.code == self.code[0]).all()) if len(self.code) else True)
        assert self._alike is not None
        return self._alike

    @property
    def pace(self) -> Any:
        """``interval_ms``, as one number where all rows are read alike: a tick of one kind is."""
        if self._pace is None:
            interval = self.interval_ms
            same = len(interval) > 0 and bool((interval == interval[0]).all())
            object.__setattr__(self, "_pace", float(interval[0]) if same else interval)
        return self._pace

    def apart(self, intervals: float) -> SlotArray:
        """Positions of the rows that come more than so many intervals after their series' row before."""
        if intervals not in self._apart:
            self._apart[intervals] = where_true(self.gap > intervals * self.pace)
        return self._apart[intervals]

    def at(self, positions: SlotArray) -> SlotArray:
        """The slots of the rows at these positions."""
        return positions + self.slots.start if isinstance(self.slots, slice) else self.slots[positions]

    @property
    def clean(self) -> FloatArray:
        """``x``, NaN where it must not be used: what is computed from it is NaN there by itself. Not to be written."""
        if self._clean is None:
            clean, bad = self.x, self.unusable
            if not np.isnan(clean[bad]).all():
                clean = clean.copy()
                clean[bad] = np.nan
            object.__setattr__(self, "_clean", clean)
        assert self._clean is not None
        return self._clean

    def part(self, chosen: SlotArray) -> "Rows":
        """The rows at these positions, for a second look at a few of them."""
        return Rows(
            self.at(chosen), self.x[chosen], self.t[chosen], self.mask[chosen], self.learn[chosen], self.gap[chosen],
            self.code[chosen], self.resolution[chosen], self.interval_ms[chosen], self.first_t, self.last_t,
            None if self.forced is None else self.forced[chosen],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scores:
    """A detector's answer for m rows.

    ``score``: higher is worse, unbounded, NaN where it cannot say; ``ready``: false during warm-up;
    ``expected``: the value it would have thought healthy, NaN where it has none (for people), read before the
    writes are made and so the one array that may be a view of the memory or of the rows;
    ``contrib``: number of the part that weighed most (which limit, which feature), -1 for none;
    ``writes``: what its memory becomes once the chain has succeeded.
    """

    score: FloatArray
    ready: BoolArray
    expected: FloatArray
    writes: tuple[Write, ...] = ()
    contrib: FloatArray | None = None


class Detector(ABC):
    """One member of the chain. Stores its settings under their own names and keeps nothing else:
    all memory is in the ``state`` arrays it is handed, so state saves, loads and moves between engines.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    #: The alarm family its findings belong to: limit, quality, anomaly, model.
    family: ClassVar[str]

    @abstractmethod
    def state(self, n: int) -> State:
        """Fresh memory for ``n`` slots; called once, and again for the new part when slots are added."""

    @abstractmethod
    def update(self, rows: Rows, state: State) -> Scores:
        """Score, then say what to learn. Must not write to ``state`` nor to ``rows``: a failure, or a
        second look at the same rows, must find everything as it was. Each row's answer depends on that
        row and its own series' memory alone, so that any split of the log gives the same."""

    def commit(self, scores: Scores, state: State) -> None:
        """Make the writes; the kernel calls this once no detector can fail any more."""
        for name, index, values in scores.writes:
            state[name][index] = values


def where_true(mask: BoolArray) -> SlotArray:
    """Positions of what is true: ``np.flatnonzero`` without the three calls around it, which cost as much as it."""
    return mask.nonzero()[0]
