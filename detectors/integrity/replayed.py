"""A day that has been seen before: the fine structure of today's curve is that of an earlier day's."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from detectors.base import BoolArray, FloatArray
from detectors.integrity.base import Measure, Rule
from detectors.integrity.outlet import DAY_MS, Known, Outlet, Track
from detectors.integrity.stretches import smooth
from topics.finding import Text


@dataclass(frozen=True)
class ReplayedCurve(Rule):
    """Correlation of the day's steps (what remains of them without their slow change) with those of every day before,
    shifted by up to ``shift_h`` hours, as a z score (Fisher) over as many steps as count; for each pollutant, and for
    all of them together, because a day is seldom copied for one alone.

    Noise does not repeat: two honest days have nothing in common but their slow daily course, which is taken out.
    Less than ``least`` correlation (``least_together`` of all pollutants, which a stop of the plant moves alike) is
    nothing, however certain it is.
    """

    name = "replayed_curve"
    title = Text(zh="历史曲线重放", en="replayed curve")
    threshold: float = 6.0
    least: float = 0.35
    least_together: float = 0.6
    shift_h: float = 2.0

    def measure(self, outlet: Outlet) -> Iterator[Measure]:
        curves = {
            quantity: (track, _steps(track.value, track.valid & outlet.running(track)))
            for quantity, _, track in outlet.of_role("pollutant")
        }
        for quantity, curve in curves.items():
            yield self._best(outlet, quantity, (curve,))
        steps = {track.step_ms for track, _ in curves.values()}
        together = tuple(curves.values()) if len(steps) == 1 else ()
        if len(together) > 1:
            yield self._best(outlet, min(curves), together)

    def _best(self, outlet: Outlet, quantity: str, curves: tuple[tuple[Track, FloatArray], ...]) -> Measure:
        """The likeness of the day, or of the 24 hours up to its noon, to the most like of the days before."""
        track = curves[0][0]
        day, since = DAY_MS // track.step_ms, outlet.place(outlet.start_ms, track.step_ms)
        reach = int(self.shift_h * track.per_hour)
        best, begin = (0.0, 0.0, 0, 0), since
        for start in (since, since - day // 2):  # a copy that begins at noon fills the second
            for first in range(start % day, start - day + 1, day):
                found = _likeness([steps[: start + day] for _, steps in curves], start, first, reach)
                best, begin = max((best, begin), (found, start))
        score, likeness, first, count = best
        return Measure(
            quantity,
            score if likeness >= (self.least if len(curves) == 1 else self.least_together) else 0.0,
            tuple(each.series for each, _ in curves),
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


def _likeness(curves: list[FloatArray], start: int, first: int, reach: int) -> tuple[float, float, int, int]:
    """(z score, correlation, first row, steps that count) of the shift at which an earlier day is most like now."""
    from scipy.fft import next_fast_len  # a second of loading, for whoever only reads the facts

    day = len(curves[0]) - start
    begin, end = max(0, first - reach), min(start, first + reach + day)
    if end - begin < day:
        return 0.0, 0.0, first, 0
    products, energies, mine, used = np.zeros(end - begin - day + 1), np.zeros(end - begin - day + 1), 0.0, []
    for steps in curves:
        now, before = steps[start:], steps[begin:end]
        weight = float(now @ now)
        if weight <= 0:
            continue
        size = next_fast_len(len(before), real=True)  # what wraps round is behind the last shift that is looked at
        product = np.fft.irfft(np.fft.rfft(before, size) * np.conj(np.fft.rfft(now, size)), size)
        energy = np.concatenate(([0.0], np.cumsum(before * before)))
        products += product[: len(products)] / weight  # each pollutant weighs alike
        energies += (energy[day:] - energy[:-day]) / weight
        mine += 1.0
        used.append((now, before))
    norms = np.sqrt(energies * mine)
    with np.errstate(invalid="ignore", divide="ignore"):
        likeness = np.where(norms > 0, products / norms, 0.0)
    at = int(np.argmax(likeness))
    count = min(_independent([now for now, _ in used]), _independent([before[at : at + day] for _, before in used]))
    if count < 10:
        return 0.0, 0.0, begin + at, count
    return float(np.arctanh(min(likeness[at], 0.999)) * np.sqrt(count - 3)), float(likeness[at]), begin + at, count


def _independent(curves: list[FloatArray]) -> int:
    """How many steps really decide: Gaussian ones all count, but a few wild ones weigh more than a thousand small
    ones, and those that all pollutants make together (a boiler that starts) are one each."""
    squares = [steps * steps / float(steps @ steps) for steps in curves if float(steps @ steps) > 0]
    if not squares:
        return 0
    together = np.sum(squares, axis=0)
    several = len(squares)
    used = sum(int((each > 0).sum()) for each in squares)
    return int(min(used, (several + 2) * several**2 / float(together @ together)))
