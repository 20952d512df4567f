"""One partition of a readings topic in this worker: fetched records in, findings and refusals out. No I/O.

This is the hot path. Per record it does one joined decode, one dictionary look-up and a handful of
list comprehensions; everything rarer (controls, series met for the first time, bad messages) is found
by the look-up failing and is dealt with apart.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from detectors.base import Columns, Outcome, SlotArray
from detectors.kernel import Kernel
from streams.batch import Batch, Judged, Record, pieces, record_at
from streams.beside import SHADOW, Beside
from streams.specs import SpecBook, site_of
from streams.tally import Tally
from topics.codec import partition_of, unknown_fields
from topics.reading import TICK, Control, Reading

#: The slot of a row that is not judged: a control, or a reading that is refused.
NO_SLOT = -1

NORMAL = "~normal"


class Lane:
    """Owns the kernel of one partition and the position up to which it has judged.

    ``artefact`` gives the bytes that a control's ``ref`` names, ``None`` if they are not there.
    """

    def __init__(
        self,
        kernel: Kernel,
        book: SpecBook,
        partition: int,
        partitions: int,
        artefact: Callable[[str], bytes | None],
        next_offset: int = 0,
    ) -> None:
        self.kernel = kernel
        self.beside = Beside(kernel, book.domain.topic, partition)
        self.book = book
        self.partition = partition
        self.partitions = partitions
        self.artefact = artefact
        self.next_offset = next_offset
        self.tally = Tally()
        self._slots: dict[str, int] = {}

    def forget_slots(self) -> None:
        """The registry has changed: ask it again for each series."""
        self._slots.clear()

    def judge(self, batch: Batch) -> Judged:
        """Judge a batch that starts at or after ``next_offset``, and move on behind it."""
        judged = Judged()
        for refusal in batch.fetch.refused:
            judged.refused.append((batch.all[refusal.index], refusal.reason, refusal.detail))
        for piece in pieces(batch):
            self._follow_pack()
            columns = to_columns(self._look_up(piece, judged), piece.fetch.rows, piece.records)
            self._run(piece, columns, judged)
        judged.shadow = self.beside.words()
        self.next_offset = batch.all[-1].offset + 1
        self._count(batch, judged)
        return judged

    def _follow_pack(self) -> None:
        """A pack may have come into force, by a control or with a snapshot."""
        domain = self.kernel.force.tables.domain
        if domain is not self.book.domain:
            self.book = SpecBook(self.book.registry, domain)
            self.forget_slots()

    def _look_up(self, batch: Batch, judged: Judged) -> SlotArray:
        get = self._slots.get
        slots = np.array([get(row.series, NO_SLOT) for row in batch.fetch.rows], np.intp)
        for place in np.flatnonzero(slots == NO_SLOT).tolist():
            row = batch.fetch.rows[place]
            if not row.series.startswith("~"):
                slots[place] = self._meet(row, batch.records[place], judged)
        return slots

    def _meet(self, row: Reading, record: Record, judged: Judged) -> int:
        """The slot of a series that is not in the look-up, bound if it is good, else the record is refused."""
        known = self._slots.get(row.series)  # a second row of the same batch
        if known is not None:
            return known
        spec, rest = self.book.look_up(row.series, row.time)
        if isinstance(spec, str):
            kept = judged.unregistered if spec.startswith("unknown_") and spec != "unknown_quantity" else judged.refused
            kept.append((record, spec, str(rest)))
            return NO_SLOT
        home = partition_of(site_of(row.series), self.partitions)
        if home != self.partition:
            detail = f"{row.series}: expected partition {home} of {self.partitions}, got {self.partition}"
            judged.refused.append((record, "wrong_partition", detail))
            return NO_SLOT
        slot = self.beside.bind(spec)
        if rest is True:
            self._slots[row.series] = slot
        return slot

    def _run(self, batch: Batch, columns: Columns, judged: Judged) -> None:
        """Apply the rows between controls, and the controls, in the order of the log."""
        start = 0
        for place, control in batch.fetch.controls:
            self._apply(columns, start, place, batch, judged)
            self._control(control, batch.records[place], batch, judged)
            start = place + 1
        self._apply(columns, start, len(batch.fetch.rows), batch, judged)

    def _apply(self, columns: Columns, start: int, stop: int, batch: Batch, judged: Judged) -> None:
        part = between(columns, start, stop)
        if len(part.slot):
            self._take(self.beside.apply(part), batch, judged)
            self.tally.readings += len(part.slot)
            self.tally.last_reading = max(self.tally.last_reading, int(part.time_ms.max()))

    def _control(self, control: Control, record: Record, batch: Batch, judged: Judged) -> None:
        artefact: bytes | None = None
        if control.series == TICK:
            self.tally.city_time = max(self.tally.city_time, control.time)
        elif control.series != NORMAL and (control.ref or control.series != SHADOW):
            artefact = self.artefact(control.ref)
            if artefact is None:
                detail = f"{control.series}: expected an artefact named {control.ref!r} on its topic, got none in time"
                judged.refused.append((record, "schema_mismatch", detail))
                return
        self._take(self.beside.control(control, record.offset, record.timestamp, artefact), batch, judged)

    def _take(self, outcome: Outcome, batch: Batch, judged: Judged) -> None:
        judged.findings.extend(outcome.findings)
        self.tally.late += outcome.late
        self.tally.duplicate += outcome.duplicate
        for reject in outcome.rejects:
            judged.refused.append((record_at(batch.all, reject.offset), reject.reason, reject.detail))

    def _count(self, batch: Batch, judged: Judged) -> None:
        tally = self.tally
        tally.findings += len(judged.findings)
        tally.unregistered += len(judged.unregistered)
        for _, reason, _ in judged.refused:
            tally.dead_letter(reason)
        if batch.records:
            # A sample: one message of a fetch, because counting costs as much as decoding.
            tally.unknown_fields += unknown_fields(batch.records[0].value or b"{}")


def to_columns(slots: SlotArray, rows: Sequence[Reading], records: Sequence[Record]) -> Columns:
    """Rows as columns. A value that did not come is NaN."""
    flags = "".join([row.flag for row in rows])
    backfill = [row.backfill for row in rows]
    m = len(rows)
    first = records[0].offset
    contiguous = records[-1].offset - first == m - 1
    return Columns(
        slot=slots,
        time_ms=np.array([row.time for row in rows], np.int64),
        value=np.array([row.value for row in rows], np.float64),  # numpy makes NaN of None
        usable=np.ones(m, np.bool_) if flags.count("N") == m else np.array([flag == "N" for flag in flags]),
        backfill=np.array(backfill) if True in backfill else np.zeros(m, np.bool_),
        offset=np.arange(first, first + m) if contiguous else np.array([each.offset for each in records], np.int64),
        stamp=np.array([record.timestamp for record in records], np.int64),
    )


def between(columns: Columns, start: int, stop: int) -> Columns:
    """The judged rows of [start, stop): views where all of them are judged."""
    part: Any = slice(start, stop)
    judged = columns.slot[part] != NO_SLOT
    if not judged.all():
        part = start + np.flatnonzero(judged)
    elif start == 0 and stop == len(columns.slot):
        return columns
    return columns.part(part)
