"""Hour of the day: the value against what this series usually is at this hour of the city's day.

A table of 24 means and spreads for each series, with guarded steps. Silent before two days have been seen. Where the
week matters (an office, a market, a road) a larger table knows the weekend, or each day of the week, and the public
holidays and worked weekend days that the pack's facts name.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from detectors.base import Detector, FloatArray, Rows, Scores, SlotArray, State, Write, where_true
from detectors.city_days import CityDays
from detectors.guarded_learning import NEAR_CLIP, odd_rows, taught
from detectors.writes import either, mended
from topics.errors import ConfigurationError

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
#: Mean absolute deviation to standard deviation of a normal.
TO_SPREAD = 1.25
#: Tables there are: hours; hours of weekdays and of weekends; hours of each day of the week, Monday first.
CELLS = (24, 48, 168)
_OF_THE_WEEK = {cells: (f"mean{cells}", f"spread{cells}", f"values{cells}") for cells in CELLS}


@dataclass(frozen=True)
class HourOfDay(Detector):
    """``score`` = |x - mean of the hour| / spread of the hour, from 0. ``expected`` is that mean.

    ``day_share``: how much of the table one day's hour replaces; ``ready_days``: days a series must have been
    seen; ``ready_rows``: values seen in this very hour; ``utc_offset_h``: the city's zone (China has had no
    summer time since 1991). ``follow_share``: where a shift has lasted so long that it is the new normal, how much of
    the distance one value moves the *whole* day by: its level has changed, not one hour, and a table that learnt hour
    by hour would call it odd for a week. ``cells``: 24, or 48 (weekday or weekend), or 168 (each day of the week), for
    1.7 or 4.1 kB more a series; a cell of these must have been seen twice before it speaks.
    ``days``: holidays, which these take for Sundays, and weekend days that are worked.
    """

    name: ClassVar[str] = "hour_of_day"
    family: ClassVar[str] = "anomaly"
    day_share: float = 0.2
    ready_days: float = 2
    ready_rows: float = 10
    utc_offset_h: float = 8
    follow_share: float = 0.1
    cells: float = 24
    days: CityDays = field(default=CityDays({}), repr=False, hash=False)

    def __post_init__(self) -> None:
        if self.cells not in CELLS:
            raise ConfigurationError(f"detectors.{self.name}.cells: expected one of {CELLS}, got {self.cells}")

    def state(self, n: int) -> State:
        table = {name: np.zeros((int(self.cells), n)) for name in self._names}
        return {**table, "first": np.full(n, np.inf)}

    @property
    def _names(self) -> tuple[str, str, str]:
        """Of the tables: each size has its own, so that another one asked for begins anew. What a table of 24 hours has
        made of an office is wrong for its weekdays and its weekends alike."""
        return ("mean", "spread", "values") if self.cells == 24 else _OF_THE_WEEK[int(self.cells)]

    def update(self, rows: Rows, state: State) -> Scores:
        line, where = self._place(rows)
        names = self._names
        mean, spread, values = (_at(state[name], line, where) for name in names)
        per_hour = np.maximum(HOUR_MS / rows.pace, 1.0)
        # Where an hour has few values (hourly means), two days' worth of them must do.
        least = np.minimum(self.ready_rows, 2.0 * per_hour) if self.cells == 24 else 2.0 * per_hour
        # The plain mean of the first hour's worth of values, from then on a slow one.
        filling = where_true(values < np.ceil(np.maximum(least, per_hour)))
        weight = self.day_share / per_hour
        off = rows.clean - mean
        usual = TO_SPREAD * spread
        np.maximum(usual, rows.resolution, out=usual)
        wide = np.abs(off)
        score = wide / usual
        odd, guarded = odd_rows(off, usual, rows.forced, where_true(score > NEAR_CLIP))
        new = weight * off
        new[odd], wide[odd] = _of(weight, odd) * guarded, np.abs(guarded)
        index: Any = (line, where)
        writes: list[Write] = []
        silent = self._too_new(rows, state["first"][where], writes)
        if len(filling):
            known = values[filling] >= _of(least, filling)
            silent = either(silent, filling[~known])
            count, forced = values[filling], None if rows.forced is None else rows.forced[filling]
            step = np.where(known, taught(off[filling], usual[filling], forced), off[filling])
            own = 1.0 / (count + 1.0)
            new[filling] = own * step
            # the first value has no mean to be off from
            wide[filling] = np.where(count > 0, np.abs(step), 0.0)
            weight = np.broadcast_to(weight, off.shape).copy()
            weight[filling] = own
            lines = line[filling] if isinstance(line, np.ndarray) else line
            writes.append((names[2], (lines, rows.at(filling)), count + rows.learn[filling]))
        new += mean
        wide -= spread
        wide *= weight
        wide += spread
        writes += [
            (names[0], index, mended(new, rows.untaught, mean)),
            (names[1], index, mended(wide, rows.untaught, spread)),
        ]
        if rows.forced is not None:
            writes.append(self._whole_day(rows, off, state))
        ready = rows.mask
        if len(silent):
            ready = ready.copy()
            ready[silent], score[silent] = False, np.nan
        return Scores(score, ready, mean, tuple(writes))

    def _too_new(self, rows: Rows, first: FloatArray, writes: list[Write]) -> SlotArray:
        """Positions of the series that have been seen for less than ``ready_days``; notes which are seen first now."""
        least = self.ready_days * DAY_MS
        new = where_true(first > rows.first_t - least - 1.0)  # a millisecond, because this is only a first look
        new = new[~(rows.t[new] - first[new] >= least)]
        begun = new[rows.mask[new] & ~np.isfinite(first[new])]
        if len(begun):
            writes.append(("first", rows.at(begun), rows.t[begun].astype(np.float64)))
        return new

    def _whole_day(self, rows: Rows, off: FloatArray, state: State) -> Write:
        assert rows.forced is not None
        slots = rows.at(where_true(rows.forced))
        name = self._names[0]
        return name, (slice(None), slots), state[name][:, slots] + self.follow_share * off[rows.forced]

    def _place(self, rows: Rows) -> tuple[Any, Any]:
        """Line and place in the table: one line where all rows lie within one hour, as they nearly always do."""
        shift = int(self.utc_offset_h * HOUR_MS)
        if (rows.first_t + shift) // HOUR_MS == (rows.last_t + shift) // HOUR_MS:
            return self._line((rows.first_t + shift) // HOUR_MS), rows.slots
        slots = np.arange(rows.slots.start, rows.slots.stop) if isinstance(rows.slots, slice) else rows.slots
        return self._line((rows.t + shift) // HOUR_MS), slots

    def _line(self, hour: Any) -> Any:
        """Line of the table for hours since 1970 in the city, a number or an array of them."""
        if self.cells == 24:
            return hour % 24
        day = self._weekday(hour // 24)
        return hour % 24 + 24 * (day if self.cells == 168 else day // 5)

    def _weekday(self, day: Any) -> Any:
        """What weekday days since 1970 are like, Monday first: looked up once where they are one number."""
        if not isinstance(day, np.ndarray):
            return self.days.weekday(day)
        if not self.days.as_weekday:
            return (day + 3) % 7
        several, place = np.unique(day, return_inverse=True)
        return np.array([self.days.weekday(each) for each in several.tolist()])[place]


def _of(each: Any, positions: SlotArray) -> Any:
    """What is one number for all rows, or one for each, at some of them."""
    return each[positions] if isinstance(each, np.ndarray) else each


def _at(table: FloatArray, line: Any, where: Any) -> FloatArray:
    found: FloatArray = table[line][where] if isinstance(line, int) else table[line, where]
    return found
