"""One partition of readings for the judge: records in, new versions and findings out. No I/O."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from detectors.rules.judgement.book import Book
from detectors.rules.judgement.findings import Exceedances
from detectors.rules.judgement.minutes import HOUR_MS
from topics.codec import decode_fetch
from topics.finding import Finding, Origin
from topics.judgement import Judgement
from topics.reading import CONTROL_MARK

#: City time acts on the book once a minute; finer would cost much and change nothing.
GRAIN_MS = 60_000


@dataclass(slots=True)
class Told:
    """What is to be published, in this order: findings, then the versions they speak of, then what is forgotten."""

    findings: list[Finding] = field(default_factory=list)
    judgements: list[Judgement] = field(default_factory=list)
    expired: list[str] = field(default_factory=list)


class JudgementLane:
    """Reads its partition from the beginning of what is kept, in silence up to ``emit_from``, what was committed.

    ``cut``: the log begins later than it did, so hours that began before its first tick are not judged again.
    """

    def __init__(
        self, book: Book, teller: Exceedances, topic: str, partition: int, emit_from: int = 0, *, cut: bool = False
    ) -> None:
        self.book = book
        self.teller = teller
        self.topic = topic
        self.partition = partition
        self.emit_from = emit_from
        self.next_offset = 0
        self.refused = 0
        self._cut = cut
        self._first_offset = 0
        self._minute = 0

    def restore(self, judgements: Iterable[Judgement]) -> None:
        """What has been published of this partition's sites."""
        known = sorted(judgements, key=lambda each: (each.start, each.subject))
        self.book.restore(known)
        for each in known:
            self.teller.restore(each)

    def take(self, records: Sequence[Any]) -> Told:
        """Take one fetch, in log order."""
        told = Told()
        fetch = decode_fetch([record.value for record in records])
        self.refused += len(fetch.refused)
        for row, place in zip(fetch.rows, fetch.index, strict=True):
            offset = records[place].offset
            if row.series.startswith(CONTROL_MARK):
                if row.series == "~tick":
                    self._tick(row.time, offset, told)
                continue
            try:
                self.book.take(row)
            except ValueError:
                self.refused += 1  # the worker keeps it as a dead letter
        self.next_offset = records[-1].offset + 1
        return told

    def _tick(self, time: int, offset: int, told: Told) -> None:
        if self._cut:
            self._cut = False
            self.book.reach = -(-time // HOUR_MS) * HOUR_MS
        if offset < self.emit_from or time // GRAIN_MS <= self._minute:
            return
        self._minute = time // GRAIN_MS
        origin = Origin(self.topic, self.partition, self._first_offset, offset)
        for version in self.book.settle(time):
            told.judgements.append(version)
            told.findings += self.teller.take(version, origin)
        told.expired += self.book.standing.expired
        self.book.standing.expired.clear()
        self._first_offset = offset + 1
