"""Healthy signals of the whole city as arrays: a daily wave, remembered heavy-tailed noise, the instrument's step.

Pure and random-access: the value of a series at a minute depends on the city's seed alone, not on which
span is asked for or in what order. A day of all series is made at once; noise comes from a counter-based
generator whose counter is the day. Noise is bounded (``BOUND`` standard deviations), so a healthy month
has tails but no breach.
"""

from collections import OrderedDict

import numpy as np

from detectors.base import FloatArray, IntArray
from streams.sources.simulator.city import City, Series, Signal
from topics.city_zone import ZONE_MS

MINUTE_MS = 60_000
DAY_MS = 86_400_000
MINUTES = 1440

#: Noise beyond this many standard deviations is cut.
BOUND = 5.5

#: Minutes of the day before from which a day's noise takes its memory.
MEMORY = 240

#: Days kept: a span at midnight needs two, interpolation one more.
DAYS_KEPT = 4

#: The noise that passes between two minutes, as a share of sd, in spans finer than a minute.
FINE = 0.15

#: Series that follow a course draw from generators of their own, so many uses further on: a city that is given a wind
#: keeps every other series as it was, to the last digit.
APART = 8


class Signals:
    """The healthy values of all series of one city."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.series: tuple[Series, ...] = city.series
        self.seed = city.city.seed
        signals = [each.signal for each in self.series]
        plain = [each.index for each in self.series if not each.signal.course]
        follow = [each.index for each in self.series if each.signal.course]
        self._drawn_by = [(use, rows) for use, rows in ((0, plain), (APART, follow)) if rows]
        self._courses = {row: np.array(signals[row].course).T for row in follow}
        rng = self._generator(0, 0)
        base, peak = _column(signals, "base"), _column(signals, "peak_h")
        base[plain] *= 1 + _column(signals, "spread")[plain] * rng.uniform(-1, 1, len(plain))
        base[follow] = 0.0
        peak[plain] += rng.uniform(-0.5, 0.5, len(plain))
        self._base, self._peak = base, peak
        self._phase = np.zeros(len(signals), dtype=np.int64)
        self._phase[plain] = rng.integers(0, MINUTES, len(plain))
        self._sd, self._phi = _column(signals, "sd"), _column(signals, "phi")
        self._daily, self._half = _column(signals, "daily"), _column(signals, "half_daily")
        self._step = _column(signals, "step")
        self._low = np.array([each.possible[0] for each in signals])
        self._high = np.array([each.possible[1] for each in signals])
        self._turn = _column(signals, "turn")
        self._converted = [(each.index, self._origin(each)) for each in self.series if each.statistic == "ZsRtd"]
        self._days: OrderedDict[int, FloatArray] = OrderedDict()
        self._shocks: OrderedDict[int, FloatArray] = OrderedDict()

    def minutes(self, start_ms: int, end_ms: int) -> tuple[IntArray, FloatArray]:
        """Whole minutes in [start, end) as ``time`` (n,) in ms UTC and ``value`` (series, n), rounded to each step."""
        first = -(-start_ms // MINUTE_MS)
        grid = np.arange(first, -(-end_ms // MINUTE_MS), dtype=np.int64) * MINUTE_MS
        if not grid.size:
            return grid, np.empty((len(self.series), 0))
        local = grid + ZONE_MS
        days = range(int(local[0] // DAY_MS), int(local[-1] // DAY_MS) + 1)
        at = int(local[0] - days[0] * DAY_MS) // MINUTE_MS
        whole = np.concatenate([self._day(day) for day in days], axis=1)
        return grid, whole[:, at : at + grid.size]

    def fine(self, start_ms: int, end_ms: int, step_ms: int) -> tuple[IntArray, FloatArray]:
        """As ``minutes`` on a finer grid of ``step_ms`` (a divisor of a minute): between the minutes' values
        there is a straight line and a little noise of its own; on a whole minute there is the minute's value.
        """
        first = -(-start_ms // step_ms)
        grid = np.arange(first, -(-end_ms // step_ms), dtype=np.int64) * step_ms
        if not grid.size:
            return grid, np.empty((len(self.series), 0))
        whole = grid // MINUTE_MS * MINUTE_MS
        times, values = self.minutes(int(whole[0]), int(whole[-1]) + 2 * MINUTE_MS)
        place = (whole - times[0]) // MINUTE_MS
        share = (grid - whole) / MINUTE_MS
        line = values[:, place] * (1 - share) + values[:, place + 1] * share
        for row in np.flatnonzero(self._turn):  # the shorter way round
            turn = self._turn[row]
            way = (values[row, place + 1] - values[row, place] + turn / 2) % turn - turn / 2
            line[row] = values[row, place] + share * way
        noise = self._fine_noise(grid, step_ms) * (self._sd * FINE)[:, None]
        return grid, self.rounded(np.where(share == 0, line, line + noise))

    def rounded(self, values: FloatArray, index: IntArray | None = None) -> FloatArray:
        """Values (series, n) as the instruments would show them; ``index`` names the rows, default all."""
        rows = slice(None) if index is None else index
        step, low, high = self._step[rows, None], self._low[rows, None], self._high[rows, None]
        turn = self._turn[rows]
        shown = np.round(np.round(np.clip(_turned(values, turn), low, high) / step) * step, 6)
        return _turned(np.asarray(shown, dtype=np.float64), turn)

    def _day(self, day: int) -> FloatArray:
        """All series over one local day (days since 1970 in the city's zone), shape (series, 1440)."""
        if day not in self._days:
            self._days[day] = self._made(day)
            while len(self._days) > DAYS_KEPT:
                self._days.popitem(last=False)
        return self._days[day]

    def _made(self, day: int) -> FloatArray:
        hour = np.arange(MINUTES) / 60
        turn = 2 * np.pi * (hour - self._peak[:, None]) / 24
        wave = self._daily[:, None] * np.cos(turn) + self._half[:, None] * np.cos(2 * turn)
        values = self._base[:, None] + wave + self._sd[:, None] * self._noise(day)
        for row, (hours, course) in self._courses.items():
            values[row] += np.interp(hour, hours, course)
        rng = self._generator(2, day)
        for series in self.series:
            if series.signal.defrost or series.signal.doors:
                values[series.index] += self._bumps(series, rng)
        oxygen = {each.device: each.index for each in self.series if each.quantity == "a19001"}
        for row, origin in self._converted:
            o2 = values[oxygen[self.series[row].device]]
            values[row] = self.rounded(values[origin][None], np.array([origin]))[0] * (21 - 6) / (21 - o2)
        return self.rounded(values)

    def _noise(self, day: int) -> FloatArray:
        """Noise of unit variance that remembers, shape (series, 1440)."""
        shocks = np.concatenate([self._shock(day - 1)[-MEMORY:], self._shock(day)])
        fresh = np.sqrt(1 - self._phi**2)
        state = np.zeros(len(self.series))
        noise = np.empty((MINUTES, len(self.series)))
        for minute, shock in enumerate(shocks):
            state = self._phi * state + fresh * shock
            if minute >= MEMORY:
                noise[minute - MEMORY] = state
        return np.clip(noise.T, -BOUND, BOUND)

    def _shock(self, day: int) -> FloatArray:
        """Heavy-tailed shocks of unit variance, shape (1440, series)."""
        if day not in self._shocks:
            drawn = np.empty((MINUTES, len(self.series)))
            for use, rows in self._drawn_by:
                rng = self._generator(1 + use, day)
                for tail in sorted({self.series[row].signal.tail for row in rows}):
                    of_tail = [row for row in rows if self.series[row].signal.tail == tail]
                    shocks = rng.standard_t(tail, (MINUTES, len(of_tail))) * np.sqrt((tail - 2) / tail)
                    drawn[:, of_tail] = shocks
            self._shocks[day] = drawn
            while len(self._shocks) > DAYS_KEPT:
                self._shocks.popitem(last=False)
        return self._shocks[day]

    def _bumps(self, series: Series, rng: np.random.Generator) -> FloatArray:
        """What defrosting and doors add to one day of a cold room; no bump crosses midnight."""
        added = np.zeros(MINUTES)
        if defrost := series.signal.defrost:
            for start in range(int(self._phase[series.index]) % defrost.every_min, MINUTES, defrost.every_min):
                _bump(added, start, defrost.minutes, defrost.rise)
        if doors := series.signal.doors:
            starts = rng.integers(6 * 60, 20 * 60, doors.per_day)
            heights = rng.uniform(0.4, 1.0, doors.per_day)
            for start, height in zip(starts, heights, strict=True):
                _bump(added, int(start), doors.minutes, doors.rise * height)
        return added

    def _fine_noise(self, grid: IntArray, step_ms: int) -> FloatArray:
        """White noise for each instant of a fine grid, shape (series, n), by the minute it lies in."""
        per_minute = MINUTE_MS // step_ms
        minutes = range(int(grid[0] // MINUTE_MS), int(grid[-1] // MINUTE_MS) + 1)
        drawn = np.empty((per_minute * len(minutes), len(self.series)))
        for use, rows in self._drawn_by:
            of_rows = [self._generator(3 + use, each).standard_normal((per_minute, len(rows))) for each in minutes]
            drawn[:, rows] = np.concatenate(of_rows)
        noise: FloatArray = drawn[(grid - minutes[0] * MINUTE_MS) // step_ms].T
        return noise

    def _origin(self, converted: Series) -> int:
        return next(
            each.index
            for each in self.series
            if (each.device, each.quantity, each.statistic) == (converted.device, converted.quantity, "Rtd")
        )

    def _generator(self, use: int, counter: int) -> np.random.Generator:
        return np.random.Generator(np.random.Philox(key=[self.seed, use], counter=[0, 0, counter, 0]))


def _bump(added: FloatArray, start: int, minutes: int, rise: float) -> None:
    """A half sine. Where two overlap the higher counts: a room with its door open does not warm twice."""
    end = min(start + minutes, MINUTES)
    shape = rise * np.sin(np.pi * (np.arange(end - start) + 1) / (minutes + 1))
    added[start:end] = np.maximum(added[start:end], shape)


def _turned(values: FloatArray, turn: FloatArray) -> FloatArray:
    """Values (series, n), those that go round brought within one turn."""
    round_ = np.flatnonzero(turn)
    if round_.size:
        values = values.copy()
        values[round_] %= turn[round_, None]
    return values


def _column(signals: list[Signal], name: str) -> FloatArray:
    return np.array([getattr(each, name) for each in signals], dtype=np.float64)
