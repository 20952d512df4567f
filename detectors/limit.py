"""Legal and engineering limits as a row detector: which limits in force are broken, how long, how badly."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from detectors.base import BoolArray, Detector, FloatArray, IntArray, Rows, Scores, SlotArray, State, Write, where_true
from detectors.rules.limits import LimitTable


@dataclass(frozen=True)
class LimitBreach(Detector):
    """``score`` = rank of the worst limit in breach (0 = none); ``contrib`` its number among the kind's limits.

    A limit is picked by the event's own date. A breach counts once it has lasted the limit's ``hold_s``, and
    ends once the value is back by the limit's ``deadband``. ``expected`` is the limit's value.
    """

    name: ClassVar[str] = "limit"
    family: ClassVar[str] = "limit"
    table: LimitTable = field(repr=False)

    def state(self, n: int) -> State:
        # ``since`` event time a limit was passed, ``held`` 1 once that has lasted long enough, ``busy`` 1 if any.
        shape = (self.table.most, n)
        return {"since": np.full(shape, np.nan), "held": np.full(shape, np.nan), "busy": np.zeros(n)}

    def update(self, rows: Rows, state: State) -> Scores:
        """Nearly every row is within every limit of every edition: only the others are looked at closely."""
        m = len(rows.x)
        score, contrib, expected = np.zeros(m), np.full(m, -1.0), np.full(m, np.nan)
        code: Any = rows.code[0] if m and rows.alike else rows.code
        close = where_true(self._near(rows, code, state))
        if not len(close):
            return Scores(score, rows.mask, expected, (), contrib)
        of_close = code if rows.alike else code[close]
        worst, which, limit, writes = self._judge(rows.x[close], rows.t[close], rows.at(close), of_close, state)
        score[close], contrib[close], expected[close] = worst, which, limit
        return Scores(score, rows.mask, expected, writes, contrib)

    def _near(self, rows: Rows, code: Any, state: State) -> BoolArray:
        """Rows with a value that some edition forbids, and those of a series that was beyond a limit just before."""
        near: BoolArray = rows.x > self.table.highest_safe[code]
        near |= rows.x < self.table.lowest_safe[code]
        near |= state["busy"][rows.slots] > 0
        near &= rows.mask
        return near

    def _judge(
        self, x: FloatArray, t: IntArray, slots: SlotArray, code: Any, state: State
    ) -> tuple[FloatArray, FloatArray, FloatArray, tuple[Write, ...]]:
        """``code``: one for each of the rows, or one for all."""
        m = len(x)
        score, contrib, expected, busy = np.zeros(m), np.full(m, -1.0), np.full(m, np.nan), np.zeros(m)
        writes: list[Write] = []
        for k in range(self.table.most):
            value, side, rank, hold, deadband, begin, end = self.table.line(k, code)
            since, held = state["since"][k][slots], state["held"][k][slots] > 0
            beyond = (x - value) * side
            not_back = held & (beyond > -deadband)
            in_force = (t >= begin) & (t < end)
            breach = in_force & ((beyond > 0) | not_back)
            began = np.where(np.isnan(since), t, since)
            began[~breach] = np.nan
            held = breach & (held | (t - began >= hold))
            worse = held & (rank > score)
            score = np.where(worse, rank, score)
            contrib[worse] = k
            expected = np.where(worse, value, expected)
            busy = np.maximum(busy, breach)
            writes += [("since", (k, slots), began), ("held", (k, slots), held.astype(np.float64))]
        writes.append(("busy", slots, busy))
        return score, contrib, expected, tuple(writes)
