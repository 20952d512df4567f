"""A curve cut off just under the limit: it climbs to a ceiling, stays there without its noise, and never passes it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from detectors.base import BoolArray, FloatArray
from detectors.integrity.base import Measure, Rule
from detectors.integrity.onsets import at_least
from detectors.integrity.outlet import Known, Outlet
from topics.finding import Text

#: Neighbouring values of one analyser are not independent: so many of them count as one.
ALIKE = 10
MOST = 300


@dataclass(frozen=True)
class ClippedUnderLimit(Rule):
    """How improbable it is that so many of the day's values fill the last ``band`` under a ceiling within
    [``low``, 1) of the limit, and so few the band below it, as -log10 of it.

    The highest values of an honest curve thin out towards their top; a curve that is cut piles up there and loses its
    noise. Of a curve whose steps at the top are not smaller than elsewhere by ``quiet`` nothing is told. An analyser
    that measures in batches counts once for each batch.
    """

    name = "clipped_under_limit"
    title = Text(zh="数据在限值下被削平", en="clipping just under the limit")
    threshold: float = 3.0
    low: float = 0.85
    band: float = 0.01
    quiet: float = 0.4

    def measure(self, outlet: Outlet) -> Iterator[Measure]:
        for quantity, known, track in outlet.of_role("pollutant", judged=True):
            if known.limit is None:
                continue
            since = outlet.place(outlet.start_ms, track.step_ms)
            rows = since + np.flatnonzero(track.valid[since:] & outlet.running(track)[since:])
            if len(rows) < 4 * track.per_hour:
                continue
            value, alike = _batches(track.value[rows])
            ceiling = float(np.quantile(value, 0.999))
            if not self.low * known.limit <= ceiling < known.limit:
                continue
            top = value >= ceiling * (1 - self.band)
            below = ~top & (value >= ceiling * (1 - 2 * self.band))
            first, second = (min(MOST, round(float(each.sum()) / alike)) for each in (top, below))
            gone = _missing_noise(value, top)
            score = -math.log10(max(1e-300, at_least(first, first + second, 0.5))) if gone >= self.quiet else 0.0
            held = track.value[rows] >= ceiling * (1 - self.band)
            yield Measure(
                quantity,
                score,
                (track.series,),
                outlet.time(int(rows[held][0]), track.step_ms),
                outlet.time(int(rows[held][-1]) + 1, track.step_ms),
                {
                    "hours": float(held.sum()) / track.per_hour,
                    "ceiling": ceiling,
                    "limit": known.limit,
                    "noise_missing": gone,
                    "at_ceiling": float(first),
                    "just_below": float(second),
                },
                value=ceiling,
                expected=known.limit,
            )

    def say(self, measure: Measure, known: Known) -> Text:
        told = measure.statistics
        gone = 100 * told["noise_missing"]
        return Text(
            zh=f"{told['hours']:.1f} 小时停在 {told['ceiling']:.4g} {known.unit}（限值 {told['limit']:g}），"
            f"此处仪器噪声少了 {gone:.0f} %",
            en=f"{told['hours']:.1f} h at a ceiling of {told['ceiling']:.4g} {known.unit} (limit {told['limit']:g}), "
            f"where {gone:.0f} % of the noise is missing",
        )


def _batches(value: FloatArray) -> tuple[FloatArray, int]:
    """Each run of equal values once if they are usually long, and how many values count as one."""
    heads = np.flatnonzero(np.concatenate(([True], np.diff(value) != 0)))
    if len(value) / len(heads) < 15:
        return value, ALIKE
    return value[heads], 1


def _missing_noise(value: FloatArray, top: BoolArray) -> float:
    """Share of the relative step between neighbours that is missing at the top, 0 where it cannot be told."""
    step = np.abs(np.diff(value)) / np.maximum(np.abs(value[1:]), 1e-9)
    up, rest = top[1:] & top[:-1], ~top[1:] & ~top[:-1]
    if up.sum() < 3 or rest.sum() < 3:
        return 0.0
    noise = float(np.mean(step[rest]))
    return max(0.0, 1.0 - float(np.mean(step[up])) / noise) if noise > 0 else 0.0
