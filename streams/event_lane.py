"""One partition of an events topic in this worker: records in, findings and refusals out. No I/O."""

import contextlib
import re
from collections.abc import Sequence

import msgspec

from detectors.base import Outcome
from records.epcis_structure import said_wrong
from streams.batch import Judged, Record
from streams.judges.base import EventJudge
from streams.tally import Tally
from topics.codec import partition_of
from topics.events import Custody, Event
from topics.reading import Control

_EVENT = msgspec.json.Decoder(Event)
_CONTROL = msgspec.json.Decoder(Control)

TICK_TEXT = b'"~tick"'
#: NUL as JSON writes it, which no store can keep; after an escaped backslash it is other text.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class EventLane:
    """Owns the judge of one partition. What was emitted before (offsets below ``emit_from``) is judged again
    in silence: a judge's state is rebuilt from the beginning of its log.
    """

    def __init__(self, judge: EventJudge, partition: int, partitions: int, emit_from: int) -> None:
        self.events = judge
        self.partition = partition
        self.partitions = partitions
        self.emit_from = emit_from
        self.next_offset = 0
        self.tally = Tally()

    def judge(self, records: Sequence[Record]) -> Judged:
        """Judge records in log order; only what is not silent comes back."""
        judged = Judged()
        for record in records:
            before = len(judged.findings), len(judged.refused)
            self._one(record, judged)
            if record.offset < self.emit_from:
                del judged.findings[before[0] :], judged.refused[before[1] :]
            self.next_offset = record.offset + 1
        self.tally.findings += len(judged.findings)
        for _, reason, _ in judged.refused:
            self.tally.dead_letter(reason)
        return judged

    def _one(self, record: Record, judged: Judged) -> None:
        try:
            message = decode_event(record.value or b"")
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            reason = "schema_mismatch" if isinstance(error, msgspec.ValidationError) else "malformed_json"
            judged.refused.append((record, reason, str(error)))
            return
        if isinstance(message, Control):
            if message.series == "~tick":
                self.tally.city_time = max(self.tally.city_time, message.time)
                self._take(self.events.tick(message.time, record.offset, record.timestamp), record, judged)
            return
        home = partition_of(message.site, self.partitions)
        if home != self.partition:
            detail = f"{message.site}: expected partition {home} of {self.partitions}, got {self.partition}"
            judged.refused.append((record, "wrong_partition", detail))
            return
        if record.offset >= self.emit_from:
            self.tally.events += 1
        try:
            outcome = self.events.apply(message, record.offset, record.timestamp)
        except Exception as error:  # noqa: BLE001  # one event must not stop the rest; counted as a dead letter
            judged.refused.append((record, "event_refused", f"{type(error).__name__}: {error}"))
            return
        self._take(outcome, record, judged)

    def _take(self, outcome: Outcome, record: Record, judged: Judged) -> None:
        judged.findings.extend(outcome.findings)
        judged.refused.extend((record, reject.reason, reject.detail) for reject in outcome.rejects)


def decode_event(value: bytes) -> "Event | Control":
    """An event or a control message. Raises ``msgspec.MsgspecError`` for anything else, and for an EPCIS event that no
    trace could follow and text with NUL: what the intake refuses does not come in past it.
    """
    control: Control
    event: Event
    if b"\\u0000" in value and _NUL.search(value):
        raise msgspec.ValidationError("expected text without NUL, got \\u0000")
    if TICK_TEXT in value:
        with contextlib.suppress(msgspec.ValidationError):  # it may be an event that only speaks of ticks
            control = _CONTROL.decode(value)
            return control
    try:
        event = _EVENT.decode(value)
    except msgspec.ValidationError as refusal:
        with contextlib.suppress(msgspec.ValidationError):
            control = _CONTROL.decode(value)
            return control
        raise refusal
    if isinstance(event, Custody):
        for fault in said_wrong(event.epcis):
            raise msgspec.ValidationError(f"epcis {fault.where}: expected {fault.required}, got {fault.got}")
    return event
