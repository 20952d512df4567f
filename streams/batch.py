"""A fetch of one partition of readings: its records decoded, cut where the pack changes, and what became of them."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Protocol

from topics.codec import Fetch, decode_fetch
from topics.finding import Finding
from topics.shadow import ShadowWord


class Record(Protocol):
    """What is needed of a consumer's record."""

    @property
    def offset(self) -> int:
        """Its place in the partition."""

    @property
    def timestamp(self) -> int:
        """When it was written, ms UTC."""

    @property
    def key(self) -> bytes | None:
        """Its key, ``None`` without one."""

    @property
    def value(self) -> bytes | None:
        """Its body, ``None`` for what removes a key."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A fetch of one partition, decoded. ``records`` are those of ``fetch.rows``, ``all`` those that came."""

    all: Sequence[Record]
    records: Sequence[Record]
    fetch: Fetch

    @property
    def refs(self) -> list[str]:
        """The artefacts that controls of this batch name."""
        return [control.ref for _, control in self.fetch.controls if control.ref]


@dataclass(slots=True)
class Judged:
    """What became of a batch: findings in log order, records that go to the dead letters or the unregistered, and
    what a candidate in the shadow said, which is no finding."""

    findings: list[Finding] = field(default_factory=list)
    refused: list[tuple[Record, str, str]] = field(default_factory=list)
    unregistered: list[tuple[Record, str, str]] = field(default_factory=list)
    shadow: list[ShadowWord] = field(default_factory=list)


def decode(records: Sequence[Record]) -> Batch:
    """Decode a fetch; bad messages are kept apart in ``Batch.fetch.refused``."""
    fetch = decode_fetch([record.value for record in records])
    kept = records if not fetch.refused else [records[place] for place in fetch.index]
    return Batch(records, kept, fetch)


def pieces(batch: Batch) -> Iterator[Batch]:
    """The batch cut behind each change of pack, because what a series is depends on the pack in force."""
    rows, controls = batch.fetch.rows, batch.fetch.controls
    ends = [place + 1 for place, control in controls if control.series == "~config"]
    if not ends:
        if rows:
            yield batch
        return
    for start, stop in pairwise([0, *ends, len(rows)]):
        if start < stop:
            inside = [(place - start, control) for place, control in controls if start <= place < stop]
            fetch = Fetch(rows[start:stop], range(stop - start), inside, [])
            yield Batch(batch.all, batch.records[start:stop], fetch)


def record_at(records: Sequence[Record], offset: int) -> Record:
    """The record at this offset, which must be among them; offsets may have gaps."""
    return records[bisect_left(records, offset, key=lambda record: record.offset)]
