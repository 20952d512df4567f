"""A series that stands alone: hour of day, level and new extreme, made comparable by the series' own past.

For notebooks and benchmarks. It runs the very detectors of the city's chain, many series at a time, but needs neither
pack nor sensor class: what is rare is judged against what each series has shown itself, and the instrument's step is
replaced by the series' spread so far.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from detectors.base import BoolArray, Detector, FloatArray, IntArray, Rows, State
from detectors.calibration import fuse
from detectors.conformal import OwnPast
from detectors.cool_down import CoolDown
from detectors.ewma_level import EwmaLevel
from detectors.hour_of_day import HourOfDay
from detectors.new_extreme import NewExtreme
from detectors.rate_of_change import RateOfChange

#: A value smaller than this tells nothing about the series' step.
_LEAST_STEP = 1e-9


@dataclass(frozen=True, slots=True)
class Part:
    """A detector of the chain; scores below ``least`` are all alike to it (within the known range, say)."""

    detector: Detector
    least: float = 0.0


def univariate_parts(utc_offset_h: float = 8) -> dict[str, Part]:
    """The frozen configuration: three views of a series that fail in different ways.

    Settings are the chain's, but for the new extreme: without limits to say what is out of the question, an extreme is
    any value beyond *all* seen so far, which neither fades nor is held back.
    """
    return {
        "hour_of_day": Part(HourOfDay(utc_offset_h=utc_offset_h)),
        "ewma_level": Part(EwmaLevel()),
        "new_extreme": Part(NewExtreme(fade=0.0, growth=1e9), least=1.0),
    }


def more_parts(utc_offset_h: float = 8) -> dict[str, Part]:
    """The frozen ones and rate of change, to compare combinations with."""
    return {**univariate_parts(utc_offset_h), "rate_of_change": Part(RateOfChange())}


@dataclass(frozen=True, slots=True)
class UnivariateScores:
    """``rarity``: mean -log10 p of the parts, shape (ticks, series), from 0, higher is worse, NaN where there was no
    value; ``news``: the same, 0 within a cool-down unless it is worse than what was told; ``parts``: each part's
    rarity by its name, 0 while it warms up; ``ready``: whether any part could speak."""

    rarity: FloatArray
    news: FloatArray
    parts: dict[str, FloatArray]
    ready: BoolArray


class UnivariateDetector:
    """Judges many series at a time, tick by tick, each row before it learns from it.

    ``interval_ms``: usual time between values, one number or one for each series. ``floor``: no spread is believed
    to be smaller than this share of the series' standard deviation so far (a spread of zero makes any change
    infinitely odd). ``cool_down``: rows. ``parts``: ``univariate_parts()`` if not given.

    >>> t = np.arange(0, 10 * 86_400_000, 3_600_000)
    >>> x = np.sin(t / 86_400_000 * 2 * np.pi) + np.random.default_rng(1).normal(0, 0.1, len(t))
    >>> x[200] += 3
    >>> int(np.nanargmax(UnivariateDetector(3_600_000).update(x, t).rarity))
    200
    """

    def __init__(
        self,
        interval_ms: ArrayLike,
        *,
        floor: float = 1.0,
        cool_down: int = 300,
        parts: Mapping[str, Part] | None = None,
    ) -> None:
        self.interval_ms = interval_ms
        self.floor = floor
        self.cool_down = cool_down
        self.parts = dict(parts or univariate_parts())
        self._memory: _Memory | None = None

    def partial_fit(self, x: ArrayLike, t: ArrayLike) -> "UnivariateDetector":
        """Learn from history, of which no score is wanted."""
        self.update(x, t)
        return self

    def update(self, x: ArrayLike, t: ArrayLike) -> UnivariateScores:
        """Score and learn. ``x``: shape (ticks,) or (ticks, series), NaN where there is no value; ``t``: ms UTC,
        (ticks,) or of ``x``'s shape. A value not later than its series' last is no value. Any cut of the ticks into
        calls gives the same. Raises ``ValueError`` for shapes that do not fit."""
        values, times = self._shaped(x, t)
        if self._memory is None:
            self._memory = _Memory(self, values.shape[1])
        rarity = np.full((len(self.parts), *values.shape), np.nan)
        news, mean = np.zeros(values.shape), np.full(values.shape, np.nan)
        with np.errstate(all="ignore"):
            for tick, (row, time) in enumerate(zip(values, times, strict=True)):
                here, rarity[:, tick] = self._memory.judge(row, time)
                ready = ~np.isnan(rarity[:, tick])
                fused = fuse(rarity[:, tick], np.ones_like(ready), ready)
                mean[tick] = np.where(here, np.where(ready.any(axis=0), fused, 0.0), np.nan)
                news[tick] = self._memory.cool.news(mean[tick])
        parts = {name: np.nan_to_num(each) for name, each in zip(self.parts, rarity, strict=True)}
        return UnivariateScores(mean, news, parts, ~np.isnan(rarity).all(axis=0))

    def _shaped(self, x: ArrayLike, t: ArrayLike) -> tuple[FloatArray, IntArray]:
        values, times = np.asarray(x, np.float64), np.asarray(t)
        if values.ndim == 1:
            values = values[:, None]
        if values.ndim != 2:
            raise ValueError(f"x: expected shape (ticks,) or (ticks, series), got {np.shape(x)}")
        if self._memory is not None and values.shape[1] != self._memory.series:
            raise ValueError(f"x: expected {self._memory.series} series as before, got {values.shape[1]}")
        if times.dtype.kind == "M":
            times = times.astype("datetime64[ms]")
        times = times.astype(np.int64)
        if times.shape == values.shape[:1]:
            times = times[:, None]
        if times.ndim != 2 or times.shape[0] != len(values) or times.shape[1] not in (1, values.shape[1]):
            raise ValueError(f"t: expected a time for each of {len(values)} ticks, got shape {np.shape(t)}")
        return values, np.broadcast_to(times, values.shape)


class _Memory:
    """What is remembered of ``series`` series: the detectors' states, spread so far, past scores, last alert."""

    def __init__(self, told: UnivariateDetector, series: int) -> None:
        self.series = series
        self.parts = list(told.parts.values())
        self.floor = told.floor
        self.states: list[State] = [part.detector.state(series) for part in self.parts]
        self.past = OwnPast(len(self.parts) * series)
        self.cool = CoolDown(series, told.cool_down)
        self.last = np.full(series, -np.inf)
        self.interval = np.broadcast_to(np.asarray(told.interval_ms, np.float64), (series,)).copy()
        self.code: NDArray[np.intp] = np.zeros(series, np.intp)
        self.count, self.mean, self.squares = np.zeros(series), np.zeros(series), np.zeros(series)

    def judge(self, x: FloatArray, t: IntArray) -> tuple[BoolArray, FloatArray]:
        """Which series have a value, and the rarity of each part's score, (parts, series), NaN where it says none."""
        here = np.isfinite(x) & (t > self.last)
        step = np.maximum(self.floor * np.sqrt(self.squares / np.maximum(self.count, 1.0)), _LEAST_STEP)
        first, last = int(t.min()), int(t.max())
        rows = Rows(slice(0, self.series), x, t, here, here, t - self.last, self.code, step, self.interval, first, last)
        scores = np.empty((len(self.parts), self.series))
        for place, (part, state) in enumerate(zip(self.parts, self.states, strict=True)):
            said = part.detector.update(rows, state)
            scores[place] = np.where(said.ready & here, np.maximum(said.score, part.least), np.nan)
            part.detector.commit(said, state)
        rarity = self.past.rarity(scores.ravel()).reshape(scores.shape)
        self.past.add(scores.ravel())
        self._widen(x, here)
        self.last = np.where(here, t, self.last)
        return here, rarity

    def _widen(self, x: FloatArray, here: BoolArray) -> None:
        """Welford (1962): mean and sum of squares of all values so far."""
        self.count += here
        off = np.where(here, x - self.mean, 0.0)
        self.mean += off / np.maximum(self.count, 1.0)
        self.squares += off * np.where(here, x - self.mean, 0.0)
