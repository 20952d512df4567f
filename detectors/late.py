"""Late data: an instrument or its link that keeps sending readings long after their time. Not what they say is wrong.

Back-filled readings are marked as such and do not count: somebody has asked for them.
"""

from dataclasses import dataclass
from typing import ClassVar

from detectors.base import BoolArray, Rows
from detectors.row_rate import RowRate


@dataclass(frozen=True)
class Late(RowRate):
    """``score`` = late readings in the window / those that may be. Its rows are such as came late: ``t`` is city time
    when they came, ``gap`` how far their own time lies behind it.

    A reading is late from ``after_s`` on; at least two intervals of the series are always allowed. ``window_s``,
    ``window_intervals``, ``share``: over how long they are counted, and the share of the due readings that may be late.
    """

    name: ClassVar[str] = "late"
    family: ClassVar[str] = "quality"
    after_s: float = 600.0

    def counts(self, rows: Rows) -> BoolArray:
        late: BoolArray = (rows.gap > 1000.0 * self.after_s) & (rows.gap > 2.0 * rows.interval_ms)
        return late & (rows.gap < float("inf"))
