"""The minutes of an hour: what was measured in each, and whether flags and marks let it count.

Where marks overlap, the rule is: what exempts comes before what invalidates, and that before what changes nothing.
A stopped plant owes no data, whatever its instrument does meanwhile; a faulty instrument proves nothing, whatever
its plant does.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from detectors.rules.judgement.rules import Effect, JudgementRules
from topics.mark import Mark

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
MINUTES = 60

#: Printed with every judgement that marks took part in.
ORDER: tuple[Effect, ...] = ("exempt", "invalid", "valid")


class Row(NamedTuple):
    """One value as kept: event time (ms UTC), when it was received, the value (``None`` = none) and its data flag."""

    time: int
    received: int
    value: float | None
    flag: str

    @property
    def usable(self) -> bool:
        """Only N counts (HJ 212-2017 table 8)."""
        return self.flag == "N" and self.value is not None


def newer(one: Row, other: Row) -> Row:
    """Of two rows for one time the one received last; of equals, the same one in whatever order they come."""
    return max(one, other, key=_rank)


def _rank(row: Row) -> tuple[int, bool, float, str]:
    return row.received, row.value is not None, row.value or 0.0, row.flag


def effects(marks: Iterable[Mark], rules: JudgementRules, start: int, spans: int, span_ms: int) -> list[Effect]:
    """What the marks do to each of ``spans`` stretches of ``span_ms`` from ``start``: a mark acts on those it
    touches.
    """
    found: list[Effect] = ["valid"] * spans
    for mark in marks:
        if mark.withdrawn is not None:
            continue
        effect = rules.effect(mark.scope, mark.state)
        first = max(0, (mark.start - start) // span_ms)
        last = min(spans, -(-(mark.end - start) // span_ms))
        for place in range(first, last):
            found[place] = min(found[place], effect, key=ORDER.index)
    return found


def means(rows: Sequence[Row], start: int, spans: int, span_ms: int) -> list[float | None]:
    """The mean of usable rows in each stretch, ``None`` where there is none."""
    sums, counts = [0.0] * spans, [0] * spans
    for row in sorted(rows, key=lambda row: row.time):
        place = (row.time - start) // span_ms
        if row.usable and row.value is not None and 0 <= place < spans:
            sums[place] += row.value
            counts[place] += 1
    return [total / count if count else None for total, count in zip(sums, counts, strict=True)]


def spread(periods: dict[tuple[int, int], Row], start: int) -> list[float | None]:
    """Means of several minutes that the device sent itself, each given to every minute it covers."""
    found: list[float | None] = [None] * MINUTES
    for (begin, end), row in sorted(periods.items()):
        if row.usable:
            for place in range(max(0, (begin - start) // MINUTE_MS), min(MINUTES, (end - start) // MINUTE_MS)):
                found[place] = row.value
    return found
