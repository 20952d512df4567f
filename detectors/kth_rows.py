"""Cutting a micro-batch into ticks: the k-th row of every series, so that no series comes twice in one."""

from collections.abc import Iterator

import numpy as np

from detectors.base import SlotArray, Slots

_RADIX = 1 << 16  # numpy sorts 16-bit integers by radix, several times faster than wider ones


def _stable_order(keys: SlotArray) -> SlotArray:
    narrow = keys.astype(np.uint16) if keys.size and keys.max() < _RADIX else keys
    return np.argsort(narrow, kind="stable")


def _in_one(slot: SlotArray) -> Slots | None:
    """All positions in order of slot where no series comes twice and the slots are a dense range; else ``None``."""
    count, first = len(slot), int(slot.min())
    if int(slot.max()) - first + 1 != count:
        return None
    if (slot[1:] > slot[:-1]).all():
        return slice(0, count)
    order = np.full(count, -1, np.intp)
    order[slot - first] = np.arange(count)
    return None if (order < 0).any() else order


def kth_rows(slot: SlotArray) -> Iterator[Slots]:
    """Positions of the first row of each series, then of the second, and so on; each in order of slot.

    >>> [list(map(int, rows)) for rows in kth_rows(np.array([7, 3, 7, 7, 3]))]
    [[1, 0], [4, 2], [3]]
    >>> list(kth_rows(np.array([4, 5, 6])))
    [slice(0, 3, None)]
    """
    count = len(slot)
    if count == 0:
        return
    if (in_one := _in_one(slot)) is not None:
        yield in_one
        return
    order = _stable_order(slot)
    ordered = slot[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    if len(starts) == count:
        yield order
        return
    lengths = np.diff(np.append(starts, count))
    rank = np.arange(count) - np.repeat(starts, lengths)
    by_rank = order[_stable_order(rank)]
    begin = 0
    for size in np.bincount(rank).tolist():
        yield by_rank[begin : begin + size]
        begin += size
