"""A day that has been seen before: the fine structure of today's curve is that of an earlier day's."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.fft import next_fast_len

from detectors.base import BoolArray, FloatArray
from detectors.integrity.base import Measure, Rule
from detectors.integrity.outlet import DAY_MS, Known, Outlet
from detectors.integrity.stretches import smooth
from topics.finding import Text


@dataclass(frozen=True)
class ReplayedCurve(Rule):
    """Correlation of the day's steps (what remains of them without their slow change) with those of every day before,
    shifted by up to ``shift_h`` hours, as a z score (Fisher) over as many steps as are not zero.

    Noise does not repeat: two honest days have nothing in common but their slow daily course, which is taken out.
    Less than ``least`` correlation is nothing, however certain it is.
    """

    name = "replayed_curve"
    title = Text(zh="历史曲线重放", en="replayed curve")
    threshold: float = 6.2
    least: float = 0.35
    shift_h: float = 2.0

    def measure(self, outlet: Outlet) -> Iterator[Measure]:
        for quantity, _, track in outlet.of_role("pollutant"):
            day, since = DAY_MS // track.step_ms, outlet.place(outlet.start_ms, track.step_ms)
            steps = _steps(track.value, track.valid & outlet.running(track))
            reach = int(self.shift_h * track.per_hour)
            best, begin = (0.0, 0.0, 0, 0), since
            for start in (since, since - day // 2):  # a copy that begins at noon fills the second
                now = steps[start : start + day]
                for first in range(start % day, start - day + 1, day):
                    found = _likeness(now, steps[: start + day], first, reach)
                    best, begin = max((best, begin), (found, start))
            score, likeness, first, count = best
            yield Measure(
                quantity,
                score if likeness >= self.least else 0.0,
                (track.series,),
                outlet.time(begin, track.step_ms),
                outlet.time(begin + day, track.step_ms),
                {"correlation": likeness, "copied_from_ms": float(outlet.time(first, track.step_ms)), "steps": count},
            )

    def say(self, measure: Measure, known: Known) -> Text:
        told = measure.statistics
        back = (measure.start_ms - told["copied_from_ms"]) / DAY_MS
        return Text(
            zh=f"当日曲线与 {back:.1f} 天前的细部相关系数为 {told['correlation']:.3f}（{told['steps']:.0f} 个变化点）",
            en=f"the day's fine structure is that of {back:.1f} days earlier, correlation {told['correlation']:.3f} "
            f"over {told['steps']:.0f} steps",
        )


def _steps(value: FloatArray, good: BoolArray) -> FloatArray:
    """Steps between neighbours relative to the hour's mean, 0 where one of them is missing: additive in logarithms,
    so that a copy that was scaled is still one."""
    level = smooth(value, good, 60)
    with np.errstate(invalid="ignore", divide="ignore"):
        step = np.diff(value, prepend=value[:1]) / np.maximum(level, 1e-9)
    pair = good & np.concatenate(([False], good[:-1]))
    # One wild step must not decide over a thousand small ones.
    return np.clip(np.where(pair, step, 0.0), -0.5, 0.5)


def _likeness(now: FloatArray, steps: FloatArray, first: int, reach: int) -> tuple[float, float, int, int]:
    """(z score, correlation, first row, steps that count) of the shift at which an earlier day is most like now."""
    begin, end = max(0, first - reach), min(len(steps) - len(now), first + reach + len(now))
    before = steps[begin:end]
    if len(before) < len(now):
        return 0.0, 0.0, first, 0
    size = next_fast_len(len(before), real=True)  # what wraps round is behind the last shift that is looked at
    product = np.fft.irfft(np.fft.rfft(before, size) * np.conj(np.fft.rfft(now, size)), size)
    products = product[: len(before) - len(now) + 1]
    energy = np.concatenate(([0.0], np.cumsum(before * before)))
    norms = np.sqrt((energy[len(now) :] - energy[: -len(now)]) * float(now @ now))
    with np.errstate(invalid="ignore", divide="ignore"):
        likeness = np.where(norms > 0, products / norms, 0.0)
    at = int(np.argmax(likeness))
    earlier = before[at : at + len(now)]
    count = min(_independent(now), _independent(earlier))
    if count < 10:
        return 0.0, 0.0, begin + at, count
    return float(np.arctanh(min(likeness[at], 0.999)) * np.sqrt(count - 3)), float(likeness[at]), begin + at, count


def _independent(steps: FloatArray) -> int:
    """How many steps really decide: a few wild ones weigh more than a thousand small ones (Gaussian ones all count)."""
    square = steps * steps
    fourth = float(square @ square)
    return int(min((square > 0).sum(), 3 * float(square.sum()) ** 2 / fourth)) if fourth > 0 else 0
