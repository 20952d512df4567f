"""A partition's log written by hand, and kernels that play it whole, in pieces, or saved and loaded on the way."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from detectors.base import Columns, Outcome
from detectors.kernel import Kernel
from tests.detectors.small_pack import spec
from topics.reading import Control


@dataclass(frozen=True, slots=True)
class Row:
    """A reading."""

    series: str
    time: int
    value: float
    usable: bool = True
    backfill: bool = False


@dataclass(slots=True)
class Log:
    """Rows and controls; the place in the list is the offset, its stamp is 1,000 more."""

    entries: list[Row | Control] = field(default_factory=list)
    artefacts: dict[str, bytes] = field(default_factory=dict)

    def read(self, series: str, time: int, value: float, **more: bool) -> None:
        self.entries.append(Row(series, time, value, **more))

    def tick(self, time: int) -> None:
        self.entries.append(Control("~tick", time))

    def switch(self, series: str, time: int, ref: str, artefact: bytes) -> None:
        self.artefacts[ref] = artefact
        self.entries.append(Control(series, time, ref=ref))  # type: ignore[arg-type]

    def play(self, kernel: Kernel, cuts: Iterable[int] = (), start: int = 0, stop: int | None = None) -> Outcome:
        """Give the kernel everything from ``start`` to ``stop``, cut at controls and at ``cuts``."""
        whole = Outcome()
        stop = len(self.entries) if stop is None else stop
        edges = sorted({start, stop, *(cut for cut in cuts if start < cut < stop)})
        for first, last in pairwise(edges):
            waiting: list[int] = []
            for offset in range(first, last):
                entry = self.entries[offset]
                if isinstance(entry, Row):
                    waiting.append(offset)
                    continue
                add(whole, self._apply(kernel, waiting))
                waiting = []
                artefact = self.artefacts.get(entry.ref)
                add(whole, kernel.control(entry, offset, offset + 1000, artefact))
            add(whole, self._apply(kernel, waiting))
        return whole

    def _apply(self, kernel: Kernel, offsets: Sequence[int]) -> Outcome:
        rows = [row for row in (self.entries[offset] for offset in offsets) if isinstance(row, Row)]
        if not rows:
            return Outcome()
        return kernel.apply(
            Columns(
                np.array([bound(kernel, row.series) for row in rows], np.intp),
                np.array([row.time for row in rows], np.int64),
                np.array([row.value for row in rows], np.float64),
                np.array([row.usable for row in rows], np.bool_),
                np.array([row.backfill for row in rows], np.bool_),
                np.array(offsets, np.int64),
                np.array(offsets, np.int64) + 1000,
            )
        )


def bound(kernel: Kernel, series: str) -> int:
    """The slot of a series, bound at first sight as a worker does."""
    slot = kernel.slot(series)
    return kernel.bind(spec(series)) if slot is None else slot


def add(whole: Outcome, part: Outcome) -> None:
    """Join two outcomes."""
    whole.findings += part.findings
    whole.rejects += part.rejects
    whole.late += part.late
    whole.duplicate += part.duplicate
