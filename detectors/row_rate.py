"""How often rows that should not be come from a series: a fading count of them against what may be."""

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np

from detectors.base import BoolArray, Detector, FloatArray, Rows, Scores, State
from detectors.writes import mended

#: Times what may be, beyond which no more are counted: a long trouble is over as soon as a short one.
MOST = 2.0


@dataclass(frozen=True)
class RowRate(Detector):
    """``score`` = such rows of the last ``window_s`` (or ``window_intervals`` of the series, if that is longer) / what
    may be, ``share`` of the readings that are due in that time. At 1 a finding opens, below a half it closes.

    The count fades as exp(-time / window), so nothing of the window itself is remembered. Rows that come together, one
    interval or less after the last that counted, count once: a link that was down for an hour and then delivers is one
    occasion, not sixty. Rows whose ``mask`` is false are asked about without counting, which a tick does.
    """

    window_s: float = 3600.0
    window_intervals: float = 20.0
    share: float = 0.25

    @abstractmethod
    def counts(self, rows: Rows) -> BoolArray:
        """Which rows are such rows."""

    def state(self, n: int) -> State:
        """``count`` as it was at ``at`` (ms UTC), when the last of them came."""
        return {"count": np.zeros(n), "at": np.full(n, -np.inf)}

    def update(self, rows: Rows, state: State) -> Scores:
        count, at = state["count"][rows.slots], state["at"][rows.slots]
        window = np.maximum(self.window_s * 1000.0, self.window_intervals * rows.interval_ms)
        since = rows.t - at
        faded = count * np.exp(-np.maximum(since, 0.0) / window)
        new = rows.learn & self.counts(rows) & (since >= rows.interval_ms)
        allowed = self.share * window / rows.interval_ms
        now: FloatArray = np.minimum(faded + new, MOST * allowed)
        score = now / allowed
        ready = rows.mask
        nothing = np.flatnonzero(~new)
        writes = (
            ("count", rows.slots, mended(now.copy(), nothing, count)),
            ("at", rows.slots, mended(rows.t.astype(np.float64), nothing, at)),
        )
        return Scores(np.where(ready, score, np.nan), ready, np.full(len(rows.x), np.nan), writes)
