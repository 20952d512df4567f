"""What the pack says of each series, by slot: a dense tick reads it as it lies, without a look-up for each row."""

import numpy as np

from detectors.base import FloatArray
from detectors.pack_tables import PackTables
from detectors.series import SeriesTable


class SlotFacts:
    """``low``, ``high`` span, ``resolution`` and ``interval_ms`` of every slot: the pack's tables, spread out.

    ``silent_ms``: how long a slot may be silent, infinite where nobody waits for it. Follows from pack and registry
    alone, so it is in no snapshot.
    """

    NAMES = ("low", "high", "resolution", "interval_ms", "silent_ms")

    def __init__(self) -> None:
        self.low: FloatArray = np.zeros(0)
        self.high: FloatArray = np.zeros(0)
        self.resolution: FloatArray = np.zeros(0)
        self.interval_ms: FloatArray = np.zeros(0)
        self.silent_ms: FloatArray = np.zeros(0)

    def heed(self, series: SeriesTable, tables: PackTables, intervals: float) -> None:
        """The pack, or many series, are others; ``intervals`` of silence are allowed."""
        for name in self.NAMES:
            setattr(self, name, np.zeros(series.room))
        self._fill(slice(0, series.count), series, tables, intervals)

    def heed_one(self, slot: int, series: SeriesTable, tables: PackTables, intervals: float) -> None:
        """A series is new, or of another kind than before."""
        if len(self.low) != series.room:
            self.heed(series, tables, intervals)
        else:
            self._fill(slice(slot, slot + 1), series, tables, intervals)

    def _fill(self, where: slice, series: SeriesTable, tables: PackTables, intervals: float) -> None:
        code = series.code[where]
        for name in ("low", "high", "resolution", "interval_ms"):
            getattr(self, name)[where] = getattr(tables, name)[code]
        watched = (tables.live & tables.runs["missing"])[code]
        self.silent_ms[where] = np.where(watched, intervals * self.interval_ms[where], np.inf)
