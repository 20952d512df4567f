"""The partitions that sequences are fed from: what of each record concerns them, and from where to read on."""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import structlog

from detectors.sequences.happening import Happening
from streams.judges.happenings import Place, of_alarm, of_finding, of_reading
from topics.alarm_event import AlarmEvent
from topics.codec import decode_fetch
from topics.finding import Finding
from topics.reading import TICK, Control

#: The name of a domain and what happened in it.
Heard = tuple[str, Happening]

log = structlog.get_logger(__name__)


class SequenceLane(ABC):
    """One partition, read from ``emit_from`` up to ``next_offset``. After a restart it must be read again from
    ``resume``, so that nothing is missing that still matters. ``clock`` is the last city time in its log, ``None``
    where there is none yet.
    """

    #: Whether city time comes in this log.
    ticks: bool

    def __init__(self, emit_from: int) -> None:
        self.emit_from = emit_from
        self.next_offset = emit_from
        self.resume = emit_from
        self.clock: int | None = None
        self._marks: deque[tuple[int, int]] = deque()

    @abstractmethod
    def take(self, records: Sequence[Any]) -> list[Heard]:
        """What of these records concerns any sequence."""

    def mark(self, time_ms: int, offset: int) -> None:
        """At this city time everything before ``offset`` had been read."""
        if not self._marks or time_ms > self._marks[-1][0]:
            self._marks.append((time_ms, offset))

    def forget(self, before_ms: int) -> None:
        """Nothing of what happened before this time matters any more."""
        while self._marks and self._marks[0][0] <= before_ms:
            self.resume = max(self.resume, self._marks.popleft()[1])


class ReadingsLane(SequenceLane):
    """A partition of readings: those of ``quantities``, and the city time among them."""

    ticks = True

    def __init__(self, emit_from: int, domain: str, quantities: frozenset[str]) -> None:
        super().__init__(emit_from)
        self.domain = domain
        self.quantities = quantities
        self._wanted: dict[str, bool] = {}

    def take(self, records: Sequence[Any]) -> list[Heard]:
        fetch = decode_fetch([record.value for record in records])
        heard: list[Heard] = []
        wanted = self._wanted
        for index, row in zip(fetch.index, fetch.rows, strict=True):
            series = row.series
            if (known := wanted.get(series)) is None:
                known = wanted[series] = series.count("/") == 3 and series.split("/")[2] in self.quantities
            if known and (happening := of_reading(row, _place(records[index]))) is not None:
                heard.append((self.domain, happening))
        for place, control in fetch.controls:
            if control.series == TICK:
                self.clock = max(self.clock or 0, control.time)
                self.mark(control.time, records[fetch.index[place]].offset)
        self.next_offset = records[-1].offset + 1
        return heard


class ClockLane(SequenceLane):
    """The city's clock, for domains none of whose sequences looks at readings."""

    ticks = True

    def take(self, records: Sequence[Any]) -> list[Heard]:
        for record in records:
            control = _decoded(record, Control)
            if control is not None and control.series == TICK:
                self.clock = max(self.clock or 0, control.time)
                self.mark(control.time, record.offset)
        self.next_offset = records[-1].offset + 1
        return []


class WordsLane(SequenceLane):
    """A partition of findings or of what is done to alarms; ``heard`` makes happenings of them."""

    ticks = False

    def __init__(self, emit_from: int, kind: Any, heard: Callable[[Any, Place], Happening | None]) -> None:
        super().__init__(emit_from)
        self.kind = kind
        self.heard = heard

    def take(self, records: Sequence[Any]) -> list[Heard]:
        found: list[Heard] = []
        for record in records:
            message = _decoded(record, self.kind)
            happening = None if message is None else self.heard(message, _place(record))
            if message is not None and happening is not None:
                found.append((message.domain, happening))
        self.next_offset = records[-1].offset + 1
        return found


def findings_lane(emit_from: int) -> WordsLane:
    """A partition of the findings topic."""
    return WordsLane(emit_from, Finding, of_finding)


def alarms_lane(emit_from: int) -> WordsLane:
    """A partition of the topic of what is done to alarms."""
    return WordsLane(emit_from, AlarmEvent, of_alarm)


def _place(record: Any) -> Place:
    return record.topic, record.partition, record.offset, record.timestamp


def _decoded(record: Any, kind: Any) -> Any:
    """The message, ``None`` for what is none: who owns the topic keeps it as a dead letter, here it is passed over."""
    try:
        return msgspec.json.decode(record.value or b"", type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        log.warning("record_refused", topic=record.topic, offset=record.offset, error=str(error))
        return None
