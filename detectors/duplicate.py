"""Duplicate data: a series that keeps sending a reading for a time that it has already sent one for.

The first that came counts for everything else. A second with another value makes both of them doubtful.
"""

from dataclasses import dataclass
from typing import ClassVar

from detectors.base import BoolArray, Rows
from detectors.row_rate import RowRate


@dataclass(frozen=True)
class Duplicate(RowRate):
    """``score`` = readings that came again in the window / those that may. Its rows are such as may have come again:
    ``gap`` is 0 where they have the time of the reading before.

    ``window_s``, ``window_intervals``, ``share``: over how long they are counted, and the share of the due readings
    that may come again.
    """

    name: ClassVar[str] = "duplicate"
    family: ClassVar[str] = "quality"

    def counts(self, rows: Rows) -> BoolArray:
        again: BoolArray = rows.gap == 0.0
        return again
