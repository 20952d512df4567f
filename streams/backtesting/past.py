"""Where past readings come from: the seam that CSV, history and topics share."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from streams.batch import Batch
from topics.codec import Fetch
from topics.reading import Control, Reading

#: City time where the source has no ticks of its own: one whenever the readings reach another minute.
TICK_MS = 60_000
#: A jump of more than this in one step would make the kernel refuse what comes after it as too far ahead.
LONGEST_STEP_MS = 300_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reading lies: a consumer's record in so far as judging needs it."""

    offset: int
    timestamp: int
    key: bytes | None = None
    value: bytes | None = None


class Past(ABC):
    """Readings of one domain, partition by partition, each in the order in which a worker would have judged them.

    ``topic`` is what findings give as the origin of their readings. May be gone through more than once.
    """

    topic: str
    #: How far apart the ticks are that are made where the source has none, ms of event time.
    tick_ms: int = TICK_MS

    @property
    @abstractmethod
    def partitions(self) -> int:
        """How many partitions the readings' sites are spread over."""

    @abstractmethod
    def batches(self, partition: int) -> Iterator[Batch]:
        """All of one partition, ticks of city time and other controls included."""

    @abstractmethod
    def expected(self) -> int:
        """How many records there will be, about, for the progress bar; 0 where nobody knows."""

    @abstractmethod
    def begins(self) -> int:
        """Event time of the first reading, about, ms UTC; 0 where there is none."""

    def artefact(self, ref: str) -> bytes | None:
        """The model or pack that a control in the log names."""
        return None

    def close(self) -> None:  # noqa: B027  # most have nothing to let go of
        """Let go of files and connections."""


def batch_of(readings: Sequence[Reading], places: Sequence[Place]) -> Batch:
    """Readings that need no decoding, as a fetch."""
    return Batch(places, places, Fetch(list(readings), range(len(readings)), [], []))


def tick_of(time_ms: int, offset: int) -> Batch:
    """City time has reached ``time_ms`` before the record at ``offset``."""
    return control_of(Control("~tick", time_ms), offset)


def control_of(control: Control, offset: int) -> Batch:
    """A control message before the record at ``offset``."""
    row = Reading(control.series, control.time, None)
    return Batch([Place(offset, 0)], [Place(offset, 0)], Fetch([row], range(1), [(0, control)], []))


def with_ticks(batches: Iterator[tuple[Sequence[Reading], Sequence[Place]]], tick_ms: int = TICK_MS) -> Iterator[Batch]:
    """The readings in their order, with a tick before the first that reaches another multiple of ``tick_ms``.

    As city time does, it follows the newest event time and never goes back. Over a gap it goes in steps, so
    that silence is found at the same event time as if somebody had waited.
    """
    reached = 0
    for readings, places in batches:
        start = 0
        for at, reading in enumerate(readings):
            minute = reading.time // tick_ms * tick_ms
            if minute <= reached:
                continue
            if at > start:
                yield batch_of(readings[start:at], places[start:at])
                start = at
            for tick in _steps(reached, minute):
                yield tick_of(tick, places[at].offset)
            reached = minute
        if start < len(readings):
            yield batch_of(readings[start:], places[start:])


def _steps(reached: int, minute: int) -> Iterator[int]:
    if reached:
        yield from range(reached + LONGEST_STEP_MS, minute, LONGEST_STEP_MS)
    yield minute
