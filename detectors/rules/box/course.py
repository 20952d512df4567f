"""How a temperature goes on: medians of short spans, a slope that no single wild value moves, time to a limit. Pure."""

from collections.abc import Sequence
from itertools import combinations
from statistics import median

HOUR_MS = 3_600_000
#: Fewer medians give no slope.
LEAST = 4

#: Middle of a span (ms UTC) and the median of what was measured in it.
Median = tuple[int, float]


def bucket_of(time_ms: int, size_ms: int) -> int:
    """The middle of the span that a time belongs to; spans begin at whole multiples of their size."""
    return time_ms - time_ms % size_ms + size_ms // 2


def median_of(values: Sequence[float]) -> float:
    """The median; of two middle ones their mean."""
    return float(median(values))


def slope_per_h(medians: Sequence[Median], window_ms: int, size_ms: int) -> tuple[float, float] | None:
    """Theil and Sen's slope (the median of the slopes of all pairs) an hour, and the share of pairs that rise.

    Of the medians within ``window_ms`` before the last one; ``None`` while they are fewer than ``LEAST`` or reach over
    less than three quarters of the window.

    >>> slope, rising = slope_per_h([(0, 1.0), (900_000, 1.5), (1_800_000, 9.0), (2_700_000, 2.5)], 3_600_000, 900_000)
    >>> round(slope, 6), round(rising, 3)
    (2.0, 0.833)
    """
    if not medians:
        return None
    last = medians[-1][0]
    inside = [each for each in medians if each[0] > last - window_ms]
    if len(inside) < LEAST or last - inside[0][0] + size_ms < 0.75 * window_ms:
        return None
    slopes = [(after - before) / (later - time) for (time, before), (later, after) in combinations(inside, 2)]
    return median_of(slopes) * HOUR_MS, sum(each > 0 for each in slopes) / len(slopes)


def hours_to(limit: float, value: float, per_h: float) -> float | None:
    """How long until ``limit`` is reached at this pace; 0 where it has been, ``None`` where it never is."""
    if value >= limit:
        return 0.0
    return (limit - value) / per_h if per_h > 0 else None
