"""What the kernel thought of some series row by row: value, what was expected, how rare, and by which detector."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np

from detectors.base import FloatArray, Rows, Scores, SlotArray
from detectors.calibration import FUSED, rarity_of, step_of
from detectors.chain import Chain, Verdict
from detectors.in_force import InForce
from detectors.kernel import Kernel
from detectors.series import SeriesTable


@dataclass(slots=True)
class Trace:
    """One series' rows as lists of one length, in the order of event time.

    ``time`` ms UTC; ``value`` and ``expected`` in the quantity's unit, NaN = none; ``rarity`` fused -log10 p;
    ``bound`` the rarity at which an alert opens; ``parts`` -log10 p by detector of ``FUSED``, NaN = not ready.
    """

    time: list[int] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    expected: list[float] = field(default_factory=list)
    rarity: list[float] = field(default_factory=list)
    bound: list[float] = field(default_factory=list)
    parts: list[tuple[float, ...]] = field(default_factory=list)

    def between(self, start_ms: int, end_ms: int) -> "Trace":
        """The rows with ``start_ms <= time <= end_ms``."""
        kept = [place for place, time in enumerate(self.time) if start_ms <= time <= end_ms]
        return Trace(*([getattr(self, name)[place] for place in kept] for name in self.__slots__))


@dataclass(slots=True)
class Watched:
    """Which series are to be traced, and in which event times [start, end]; ``traces`` is what came of it."""

    windows: Mapping[str, tuple[int, int]]
    traces: dict[str, Trace] = field(default_factory=lambda: defaultdict(Trace))

    @property
    def series(self) -> Collection[str]:
        """The names of the series that are watched."""
        return self.windows.keys()


class TracingChain(Chain):
    """Hears what the row detectors say before any learns from it, and writes it down for the watched series."""

    watched: Watched
    series: SeriesTable
    force: InForce

    def judge(self, rows: Rows) -> Verdict:
        verdict = super().judge(rows)
        rows, scores = verdict.rows, verdict.scores
        slots = np.arange(rows.slots.start, rows.slots.stop) if isinstance(rows.slots, slice) else rows.slots
        chosen = [
            place
            for place, slot in enumerate(slots.tolist())
            if self._is_watched(self.series.specs[slot].series, int(rows.t[place]))
        ]
        if chosen and scores:
            self._write_down(rows.part(np.array(chosen, np.intp)), np.array(chosen, np.intp), scores)
        return verdict

    def _is_watched(self, series: str, time: int) -> bool:
        window = self.watched.windows.get(series)
        return window is not None and window[0] <= time <= window[1]

    def _write_down(self, rows: Rows, chosen: SlotArray, scores: Mapping[str, Scores]) -> None:
        force, slots = self.force, np.asarray(rows.slots)
        of_class = self.series.rarity_class[slots]
        raw: FloatArray = np.array([scores[name].score[chosen] for name in FUSED])
        runs = np.array([force.tables.runs[name][rows.code] for name in FUSED])
        parts = np.array([force.table.parts[of_class, place, step_of(each)] for place, each in enumerate(raw)])
        parts[np.isnan(raw) | ~runs] = np.nan
        rarity = np.where(rows.mask, rarity_of(raw, runs, of_class, force.table), 0.0)
        hour, level = scores["hour_of_day"], scores["ewma_level"]
        by_hour = hour.ready[chosen] & runs[FUSED.index("hour_of_day")]
        expected = np.where(by_hour, hour.expected[chosen], level.expected[chosen])
        expected = np.where(by_hour | level.ready[chosen], expected, np.nan)
        for place, slot in enumerate(slots.tolist()):
            trace = self.watched.traces[self.series.specs[slot].series]
            trace.time.append(int(rows.t[place]))
            trace.value.append(float(rows.x[place]))
            trace.expected.append(float(expected[place]))
            trace.rarity.append(float(rarity[place]))
            trace.bound.append(float(force.bounds[rows.code[place]]))
            trace.parts.append(tuple(parts[:, place].tolist()))


def watch(kernel: Kernel, watched: Watched) -> None:
    """Trace these series from now on; the kernel must not have been given anything yet. Changes no finding."""
    tracing = TracingChain()
    vars(tracing).update(vars(kernel.force.chain))
    tracing.watched, tracing.series, tracing.force = watched, kernel.series, kernel.force
    kernel.force.chain = tracing
