"""Hour records beside the live values of the same hours: what their means, sums and bounds must be."""

import numpy as np

from detectors.base import FloatArray, IntArray
from detectors.integrity.outlet import HOUR_MS, Known, Outlet, Track


def judged_hours(outlet: Outlet) -> slice:
    """The hours of the judged time in an array of hours from ``back_ms``."""
    return slice((outlet.start_ms - outlet.back_ms) // HOUR_MS, (outlet.end_ms - outlet.back_ms) // HOUR_MS)


def parts(track: Track, hours: int) -> tuple[FloatArray, FloatArray, IntArray]:
    """Mean and spread (standard deviation) of the valid live values of each hour, and how many there are."""
    width = track.per_hour
    value = track.value[: hours * width].reshape(-1, width)
    good = track.valid[: hours * width].reshape(-1, width)
    count = good.sum(axis=1)
    plain = np.where(good, value, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = plain.sum(axis=1) / count
        spread = np.sqrt(np.maximum((plain * plain).sum(axis=1) / count - mean * mean, 0.0))
    return mean, spread, count


def tolerance(mean: FloatArray, spread: FloatArray, count: IntArray, known: Known, width: int) -> FloatArray:
    """How far an honest mean may lie from that of the parts which came: rounding, 1 %, and what the missing ones
    could have moved."""
    lost = np.maximum(width - count, 0) / width
    slack: FloatArray = 2 * known.resolution + 0.01 * np.abs(mean) + 3.0 * spread * lost
    return slack


def moments(outlet: Outlet, odd: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> tuple[int, int]:
    """Begin of the first and end of the last odd hour among the judged ones, ms UTC."""
    rows = np.flatnonzero(odd)
    if not len(rows):
        return outlet.start_ms, outlet.end_ms
    return outlet.start_ms + int(rows[0]) * HOUR_MS, outlet.start_ms + (int(rows[-1]) + 1) * HOUR_MS
