"""How fast a level, pressure or temperature rises: over a window, so that no single noisy value tells it."""

from collections.abc import Sequence

HOUR_MS = 3_600_000


def rate_per_hour(points: Sequence[tuple[int, float]], window_ms: int) -> float | None:
    """Rise an hour over the last ``window_ms`` of (time, value) in the order of time, in the value's unit.

    ``None`` until three quarters of the window are covered.

    >>> rate_per_hour([(0, 50.0), (300_000, 51.0), (600_000, 52.0)], 600_000)
    12.0
    """
    if not points:
        return None
    last_time, last = points[-1]
    first_time, first = next((time, value) for time, value in points if time >= last_time - window_ms)
    if last_time - first_time < 0.75 * window_ms:
        return None
    return (last - first) / (last_time - first_time) * HOUR_MS
