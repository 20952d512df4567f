"""The seams of detection: columns in, scores out. Everything here is engine-free and pure."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from topics.finding import Finding

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]
SlotArray: TypeAlias = NDArray[np.intp]
#: A detector's memory: arrays whose *last* axis is the series slot.
State: TypeAlias = dict[str, NDArray[np.float64]]


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


@dataclass(frozen=True, slots=True)
class SeriesSpec:
    """What the registry and the pack say of one series; equal specs give equal findings."""

    series: str
    site: str
    quantity: str
    statistic: str
    unit: str
    sensor_class: str
    #: WGS-84, only for people to look at.
    title_zh: str = ""
    title_en: str = ""


@dataclass(slots=True)
class Reject:
    """A row that could not be judged: the worker sends it to the dead letters with this reason."""

    offset: int
    reason: str
    detail: str


@dataclass(slots=True)
class Outcome:
    """What a call of the kernel gives back, in log order."""

    findings: list[Finding] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Scores:
    """A detector's answer for m rows.

    ``score``: higher is worse, unbounded, NaN where it cannot say; ``ready``: false during warm-up;
    ``expected``: the value it would have thought healthy, NaN where it has none (for people).
    """

    score: FloatArray
    ready: BoolArray
    expected: FloatArray


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
    def update(self, x: FloatArray, t: IntArray, mask: BoolArray, slots: SlotArray, state: State) -> Scores:
        """Score, then learn, one row for each of ``slots`` (no slot twice in a call).

        ``x`` value, ``t`` event time (ms), ``mask`` false where the value must not be used (NaN, flagged);
        all of shape (m,). Write to ``state`` only after everything that can raise: a failure must leave it as it was.
        """
