"""Which rows of a micro-batch bear a time that can be judged: neither ahead of the city's nor from before the field
had computers. The others are faults of some clock, and dead letters.
"""

import numpy as np

from detectors.base import Columns, Outcome, Reject, where_true
from detectors.series import SeriesTable
from topics.reading import EARLIEST_MS

#: A reading further ahead of the partition's city time than this is a fault of some clock.
AHEAD_MS = 600_000


def with_sound_times(
    columns: Columns, series: SeriesTable, city_time: int, outcome: Outcome
) -> tuple[Columns, tuple[int, int]]:
    """The rows that can be judged and their first and last time (ms UTC; zeros where no row is left).

    ``city_time`` (ms UTC): the partition's last tick, 0 before the first, when no row is ahead of anything. What is
    left out goes to the rejects of ``outcome``, each with its reason and what was expected of its time.
    """
    latest = city_time + AHEAD_MS if city_time else np.iinfo(np.int64).max
    first, last = int(columns.time_ms.min()), int(columns.time_ms.max())
    if last <= latest and first >= EARLIEST_MS:
        return columns, (first, last)
    sound = (columns.time_ms <= latest) & (columns.time_ms >= EARLIEST_MS)
    for place in where_true(~sound).tolist():
        name, time = series.specs[int(columns.slot[place])].series, int(columns.time_ms[place])
        reason = "time_ahead" if time > latest else "schema_mismatch"
        expected = f"at most {AHEAD_MS // 1000} s after city time {city_time}"
        if time < EARLIEST_MS:
            expected = f"at least {EARLIEST_MS}"
        outcome.rejects.append(
            Reject(int(columns.offset[place]), reason, f"{name}: time: expected {expected}, got {time}")
        )
    columns = columns.part(where_true(sound))
    if not len(columns.slot):
        return columns, (0, 0)
    return columns, (int(columns.time_ms.min()), int(columns.time_ms.max()))
