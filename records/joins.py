"""Columns put together by equal numbers, and windows of time with them. Pure.

Windows are columns too: ``of``, ``start``, ``end``, for ``start <= t < end`` (ms UTC).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from records.links import Array, Stays


class Windows(NamedTuple):
    """Columns: something holds of ``of`` for ``start <= t < end``."""

    of: Array
    start: Array
    end: Array


def rising(*columns: Array) -> Array:
    """The places of the rows in rising order, the first column counting most. What comes out of an index is in order
    already, which is seen sooner than it is sorted.
    """
    equal = np.ones(max(len(columns[0]) - 1, 0), np.bool_)
    for column in columns:
        if (equal & (column[1:] < column[:-1])).any():
            order: Array = np.lexsort(columns[::-1])
            return order
        equal &= column[1:] == column[:-1]
    return np.arange(len(columns[0]))


def joined(left: Array, right: Array) -> tuple[Array, Array]:
    """All pairs of places at which two columns of numbers have the same."""
    order = rising(right)
    ordered = right[order]
    first, after = np.searchsorted(ordered, left, "left"), np.searchsorted(ordered, left, "right")
    count = after - first
    here = np.repeat(np.arange(len(left)), count)
    nth = np.arange(len(here)) - np.repeat(np.cumsum(count) - count, count)
    return here, order[np.repeat(first, count) + nth]


def overlap(windows: Windows, stays: Stays) -> Stays:
    """The moments of the windows of each at which it stayed there."""
    here, there = joined(windows.of, stays.of)
    start = np.maximum(windows.start[here], stays.start[there])
    end = np.minimum(windows.end[here], stays.end[there])
    some = start < end
    return Stays(stays.of[there][some], stays.other[there][some], start[some], end[some])


def united(windows: Windows) -> Windows:
    """The same moments in windows that do not touch, ordered by number and time."""
    order = rising(windows.of, windows.start)
    of, start, end = (column[order] for column in windows)
    other = of[1:] != of[:-1]
    if not len(of) or other.all():  # nearly all have one window
        return Windows(of, start, end)
    # How far the windows of one number reach so far: as ranks above those of all numbers before, a running maximum.
    ends = np.unique(end)
    rank = np.searchsorted(ends, end)
    reach = np.maximum.accumulate(np.concatenate(([0], np.cumsum(other))) * len(ends) + rank) % len(ends)
    begins = np.concatenate(([True], other | (start[1:] > ends[reach[:-1]])))
    last = np.append(np.flatnonzero(begins)[1:] - 1, len(of) - 1)
    return Windows(of[begins], start[begins], ends[reach[last]])


def foremost(of: Array, by: Array) -> Array:
    """The places at which each number of a column has its least ``by``, by rising number."""
    order = rising(of, by)
    ordered = of[order]
    found: Array = order[np.concatenate(([True], ordered[1:] != ordered[:-1]))[: len(of)]]
    return found


def together(parts: Sequence[Windows]) -> Windows:
    """Windows of several parts as one."""
    return Windows(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
