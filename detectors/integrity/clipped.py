"""A curve cut off just under the limit: it climbs to a ceiling, stays there without its noise, and never passes it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from detectors.base import BoolArray, FloatArray
from detectors.integrity.base import Measure, Rule
from detectors.integrity.onsets import at_least
from detectors.integrity.outlet import Known, Outlet, Track
from topics.finding import Text

#: Neighbouring values of one analyser are not independent: so many of them count as one.
ALIKE = 10
MOST = 300

#: Days whose results of a batch analyser are taken together.
BATCH_DAYS = 3


@dataclass(frozen=True)
class ClippedUnderLimit(Rule):
    """How improbable it is that so many of the day's values fill the last ``band`` under a ceiling within
    [``low``, 1) of the limit, and so few the band below it, as -log10 of it.

    The highest values of an honest curve thin out towards their top; a curve that is cut piles up there and loses its
    noise: at most ``share`` of the two bands' values lie in the upper one by chance. Of a curve whose steps at the top
    are not smaller than elsewhere by ``quiet`` nothing is told. An analyser that measures in batches has no noise to
    lose: each of its results counts once, over three days.
    """

    name = "clipped_under_limit"
    title = Text(zh="数据在限值下被削平", en="clipping just under the limit")
    threshold: float = 2.0
    low: float = 0.85
    band: float = 0.01
    quiet: float = 0.4
    share: float = 0.4

    def measure(self, outlet: Outlet) -> Iterator[Measure]:
        for quantity, known, track in outlet.of_role("pollutant", judged=True):
            if known.limit is None:
                continue
            since = outlet.place(outlet.start_ms, track.step_ms)
            alike = self._alike(track)
            if alike > ALIKE:  # a batch analyser has too few results in a day
                since = max(0, since - (BATCH_DAYS - 1) * 24 * track.per_hour)
            rows = since + np.flatnonzero(track.valid[since:] & outlet.running(track)[since:])
            if len(rows) < 4 * track.per_hour:
                continue
            value = track.value[rows]
            ceiling = float(np.quantile(value, 0.999))
            if not self.low * known.limit <= ceiling < known.limit:
                continue
            top = value >= ceiling * (1 - self.band)
            below = ~top & (value >= ceiling * (1 - 2 * self.band))
            first, second = (min(MOST, round(float(each.sum()) / alike)) for each in (top, below))
            gone = _missing_noise(value, top)
            loud = alike <= ALIKE and gone < self.quiet
            score = 0.0 if loud else -math.log10(max(1e-300, at_least(first, first + second, self.share)))
            held = top
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

    def _alike(self, track: Track) -> float:
        """How many rows count as one: of a batch analyser those of one result, else ``ALIKE``."""
        value = track.value[track.valid]
        if len(value) < 2:
            return ALIKE
        heads = np.flatnonzero(np.concatenate(([True], np.diff(value) != 0)))
        usual = float(np.median(np.diff(heads))) if len(heads) > 1 else float(len(value))
        return max(ALIKE, usual)

    def say(self, measure: Measure, known: Known) -> Text:
        told = measure.statistics
        gone = 100 * told["noise_missing"]
        return Text(
            zh=f"{told['hours']:.1f} 小时停在 {told['ceiling']:.4g} {known.unit}（限值 {told['limit']:g}），"
            f"此处仪器噪声少了 {gone:.0f} %",
            en=f"{told['hours']:.1f} h at a ceiling of {told['ceiling']:.4g} {known.unit} (limit {told['limit']:g}), "
            f"where {gone:.0f} % of the noise is missing",
        )


def _missing_noise(value: FloatArray, top: BoolArray) -> float:
    """Share of the relative step between neighbours that is missing at the top, 0 where it cannot be told."""
    step = np.abs(np.diff(value)) / np.maximum(np.abs(value[1:]), 1e-9)
    up, rest = top[1:] & top[:-1], ~top[1:] & ~top[:-1]
    if up.sum() < 3 or rest.sum() < 3:
        return 0.0
    noise = float(np.mean(step[rest]))
    return max(0.0, 1.0 - float(np.mean(step[up])) / noise) if noise > 0 else 0.0
