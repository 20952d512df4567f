"""The partitions from which boxes are judged: readings and events of a domain, both into one judge. No I/O."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from streams.event_lane import decode_event
from streams.judges.box_conditions import EVENTS, READINGS, BoxJudge
from topics.codec import decode_fetch
from topics.reading import TICK, Control


@dataclass(slots=True)
class Heard:
    """What one fetch gave: whose judge has heard something new, and records that were refused with reason, detail."""

    judge: tuple[str, int]
    messages: int = 0
    refused: list[tuple[Any, str, str]] = field(default_factory=list)


class BoxLane(ABC):
    """One partition. What lies below ``emit_from`` was read by an earlier process: refusals were said then."""

    def __init__(self, name: tuple[str, int], judge: BoxJudge, emit_from: int, next_offset: int = 0) -> None:
        self.name = name
        self.judge = judge
        self.emit_from = emit_from
        self.next_offset = next_offset

    @abstractmethod
    def take(self, records: Sequence[Any]) -> Heard:
        """Hand the records of one fetch to the judge."""


class BoxReadings(BoxLane):
    """A partition of readings; what is no reading is left to the worker, which keeps it."""

    def take(self, records: Sequence[Any]) -> Heard:
        fetch = decode_fetch([record.value for record in records])
        controls = dict(fetch.controls)
        for place, (index, row) in enumerate(zip(fetch.index, fetch.rows, strict=True)):
            control = controls.get(place)
            if control is None:
                self.judge.reading(row, records[index].offset, records[index].timestamp)
            elif control.series == TICK:
                self.judge.tick(READINGS, control.time)
        self.next_offset = records[-1].offset + 1
        return Heard(self.name, len(fetch.rows) - len(controls))


class BoxEvents(BoxLane):
    """A partition of events, always from its beginning; what cannot be read is left to the worker."""

    def take(self, records: Sequence[Any]) -> Heard:
        heard = Heard(self.name)
        for record in records:
            try:
                message = decode_event(record.value or b"")
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                continue
            if isinstance(message, Control):
                if message.series == TICK:
                    self.judge.tick(EVENTS, message.time)
                continue
            detail = self.judge.event(message)
            if record.offset >= self.emit_from:
                heard.messages += 1
                if detail:
                    heard.refused.append((record, "event_refused", detail))
        self.next_offset = records[-1].offset + 1
        return heard
