"""Stretches of a condition on a grid: where it begins and ends without a break."""

import numpy as np

from detectors.base import BoolArray, FloatArray, SlotArray


def stretches(mask: BoolArray) -> tuple[SlotArray, SlotArray]:
    """Begin (inclusive) and end (exclusive) of each run of True.

    >>> begin, end = stretches(np.array([False, True, True, False, True]))
    >>> begin.tolist(), end.tolist()
    ([1, 4], [3, 5])
    """
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(np.int8), [0]))))
    return edges[::2], edges[1::2]


def bridged(mask: BoolArray, most: int) -> BoolArray:
    """The mask with gaps of up to ``most`` rows between two runs filled."""
    filled = mask.copy()
    begin, end = stretches(~mask)
    for first, last in zip(begin.tolist(), end.tolist(), strict=True):
        if first > 0 and last < len(mask) and last - first <= most:
            filled[first:last] = True
    return filled


def longest(mask: BoolArray, since: int = 0) -> tuple[int, int]:
    """The longest run that ends after row ``since``, as (begin, end); (0, 0) if there is none."""
    begin, end = stretches(mask)
    kept = end > since
    if not kept.any():
        return 0, 0
    begin, end = begin[kept], end[kept]
    worst = int(np.argmax(end - begin))
    return int(begin[worst]), int(end[worst])


def smooth(value: FloatArray, valid: BoolArray, width: int) -> FloatArray:
    """The mean of the valid values of the last ``width`` rows, NaN where there is none."""
    total = np.concatenate(([0.0], np.cumsum(np.where(valid, value, 0.0))))
    count = np.concatenate(([0], np.cumsum(valid)))
    rows = np.arange(1, len(value) + 1)
    first = np.maximum(rows - width, 0)
    many = count[rows] - count[first]
    with np.errstate(invalid="ignore", divide="ignore"):
        mean: FloatArray = np.where(many > 0, (total[rows] - total[first]) / many, np.nan)
    return mean
