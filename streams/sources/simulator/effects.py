"""What a script does to healthy signals: pure functions over arrays of time and value.

An effect depends on event time and the healthy values alone, so any cut of the day into spans gives the same.
"""

from collections.abc import Callable, Sequence

import numpy as np

from detectors.base import BoolArray, FloatArray, IntArray
from streams.sources.simulator.city import Series
from streams.sources.simulator.script_lines import Ramp, ScriptLine, Silence, Stuck, ms

#: The healthy value of a series (by index) at a time (ms UTC).
ValueAt = Callable[[int, int], float]


def share(line: Ramp, times: IntArray) -> FloatArray:
    """How far a ramp has gone at these times: 0 healthy, 1 at its height."""
    if line.fall is None or line.end is None:
        edges, heights = [ms(line.start), ms(line.reach)], [0.0, 1.0]
    else:
        edges = [ms(line.start), ms(line.reach), ms(line.fall), ms(line.end)]
        heights = [0.0, 1.0, 1.0, 0.0]
    gone: FloatArray = np.interp(times, edges, heights)
    return gone


def touched(line: ScriptLine, series: Series) -> bool:
    """Whether a line is about this series."""
    if isinstance(line, Silence):
        return series.site in line.sites and line.device in ("", series.device)
    if isinstance(line, Ramp):
        here = series.site in line.sites
    elif isinstance(line, Stuck):
        here = series.site == line.site
    else:
        return False
    return here and line.quantity == series.quantity and line.device in ("", series.device)


class Effects:
    """All effects of a script on the city's series."""

    def __init__(self, lines: Sequence[ScriptLine], series: Sequence[Series]) -> None:
        moving = [line for line in lines if isinstance(line, Ramp | Stuck)]
        silent = [line for line in lines if isinstance(line, Silence)]
        self._moving = [(each, of) for each in series if (of := [line for line in moving if touched(line, each)])]
        self._silent = [(each, off) for each in series if (off := [line for line in silent if touched(line, each)])]

    def values(self, times: IntArray, values: FloatArray, healthy: ValueAt) -> IntArray:
        """Change ``values`` (series, n) in place where a line says so; gives the rows it touched.

        ``times`` has the same shape. What is moved keeps its own noise; what is stuck has none.
        """
        changed = []
        for series, lines in self._moving:
            row = series.index
            for line in lines:
                if isinstance(line, Ramp):
                    gone = share(line, times[row])
                    if not gone.any():
                        continue
                    height = line.to if line.to is not None else series.signal.base * (line.by or 1.0)
                    values[row] += gone * (height - series.signal.base)
                else:
                    held = (times[row] >= ms(line.start)) & (times[row] < ms(line.end))
                    if not held.any():
                        continue
                    values[row, held] = healthy(row, ms(line.start))
                changed.append(row)
        return np.array(sorted(set(changed)), dtype=np.int64)

    def sent(self, times: IntArray) -> BoolArray:
        """Where (series, n) a reading is sent at all."""
        sent = np.ones(times.shape, dtype=bool)
        for series, lines in self._silent:
            row = times[series.index]
            for line in lines:
                quiet = row >= ms(line.start)
                if line.end is not None:
                    quiet &= row < ms(line.end)
                sent[series.index] &= ~quiet
        return sent
