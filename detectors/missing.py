"""Missing data: an instrument from which nothing came for several of its intervals. Judged at ticks of city time."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.base import Detector, Rows, Scores, State


@dataclass(frozen=True)
class Missing(Detector):
    """``score`` = silence / allowed silence; above 1 is missing. Its rows are a tick: ``gap`` is the silence so far.

    Allowed are ``intervals`` times the quantity's interval. A site has lost many at once when at least
    ``least_lost`` of its live series, and at least ``share_lost`` of all it has, fell silent within ``window_s``.
    That is as bad as can be where they are of at least ``least_devices`` devices; one logger's link is lost every day.
    """

    name: ClassVar[str] = "missing"
    family: ClassVar[str] = "quality"
    intervals: float = 5.0
    least_lost: float = 4
    share_lost: float = 0.5
    least_devices: float = 2
    window_s: float = 180.0

    def state(self, n: int) -> State:
        return {}

    def update(self, rows: Rows, state: State) -> Scores:
        allowed = self.intervals * rows.interval_ms
        known = rows.mask & np.isfinite(rows.gap)  # what was never heard is not missing
        return Scores(np.where(known, rows.gap / allowed, np.nan), known, np.full(len(rows.x), np.nan))
