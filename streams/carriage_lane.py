"""One partition of the positions in the watch over carriers: records in, findings and refusals out. No I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from streams.judges.carriage_memory import FORM, Snapshot
from topics.codec import partition_of
from topics.finding import Finding
from topics.positions import read_told
from topics.reading import Control

if TYPE_CHECKING:  # it loads the geometry, which whoever only names this watch must not
    from streams.judges.carriage import CarriageJudge


@dataclass(slots=True)
class Heard:
    """What one fetch gave: findings, and records that were refused with reason and detail; counts by domain."""

    findings: list[Finding] = field(default_factory=list)
    refused: list[tuple[Any, str, str]] = field(default_factory=list)
    messages: int = 0


class CarriageLane:
    """The judges of a partition, one for each domain. What lies below ``emit_from`` is judged in silence."""

    def __init__(
        self,
        judges: "Mapping[str, CarriageJudge]",
        partition: int,
        partitions: int,
        emit_from: int,
        kept: Snapshot | None = None,
    ) -> None:
        self.judges = judges
        self.partition = partition
        self.partitions = partitions
        self.emit_from = emit_from
        self.next_offset = kept.next_offset if kept is not None else 0
        #: What the last snapshot that was kept reflects.
        self.kept_offset = self.next_offset
        self.city_time = 0
        for name, known in (kept.domains if kept is not None else {}).items():
            if name in judges:
                judges[name].recall(known)

    def take(self, records: Sequence[Any]) -> Heard:
        """Judge the records of one fetch, in log order."""
        heard = Heard()
        for record in records:
            before = len(heard.findings), len(heard.refused)
            self._one(record, heard)
            if record.offset < self.emit_from:
                del heard.findings[before[0] :], heard.refused[before[1] :]
        self.next_offset = records[-1].offset + 1
        return heard

    def snapshot(self) -> Snapshot:
        """What is remembered now."""
        return Snapshot(FORM, self.next_offset, {name: each.memory() for name, each in self.judges.items()})

    def _one(self, record: Any, heard: Heard) -> None:
        try:
            told = read_told(record.value or b"")
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            reason = "schema_mismatch" if isinstance(error, msgspec.ValidationError) else "malformed_json"
            heard.refused.append((record, reason, str(error)))
            return
        if isinstance(told, Control):
            if told.series == "~tick":
                self.city_time = max(self.city_time, told.time)
                for name in sorted(self.judges):
                    heard.findings += self.judges[name].tick(told.time, record.offset, record.timestamp)
            return
        home = partition_of(told.carrier, self.partitions)
        if home != self.partition:
            detail = f"{told.carrier}: expected partition {home} of {self.partitions}, got {self.partition}"
            heard.refused.append((record, "wrong_partition", detail))
            return
        judge = self.judges.get(told.domain)
        if judge is None:
            detail = f"domain: expected one of {sorted(self.judges)}, got {told.domain!r}"
            heard.refused.append((record, "event_refused", detail))
            return
        heard.messages += record.offset >= self.emit_from
        if detail := judge.take(told, record.offset):
            heard.refused.append((record, "time_ahead", detail))
