"""The stays that very many words on parents and children make, put together as columns.

Nearly all of what is put in is put in once, and taken out once after or not at all: these are paired all at once, and
the rules of ``records.custody.pair_stays`` say what the rest means.
"""

from typing import NamedTuple

import numpy as np

from records.custody import END, ORDER, Change, pair_stays
from records.joins import rising
from records.links import Array, columns

_ADD, _DELETE = ORDER["ADD"], ORDER["DELETE"]
_ACTIONS = {rank: action for action, rank in ORDER.items()}


class Words(NamedTuple):
    """Columns: at ``time`` (ms UTC) the ``action`` (its rank in ``records.custody.ORDER``) was said of a pair."""

    parent: Array
    child: Array
    time: Array
    action: Array


class Emptied(NamedTuple):
    """Columns: a parent was emptied as a whole at ``time`` (ms UTC)."""

    parent: Array
    time: Array


class Pairs(NamedTuple):
    """Columns: ``child`` was in ``parent`` for ``start <= t < end`` (ms UTC)."""

    parent: Array
    child: Array
    start: Array
    end: Array


def paired(words: Words, emptied: Emptied) -> Pairs:
    """What was in what, and when, by words in any order and all the emptyings of their parents."""
    if not len(words.time):
        return Pairs(*words)
    order = rising(*words)
    words = Words(*(column[order] for column in words))
    emptied = Emptied(*(column[rising(*emptied)] for column in emptied))
    parent, child, time, action = words
    other = (parent[1:] != parent[:-1]) | (child[1:] != child[:-1])
    first = np.flatnonzero(np.concatenate(([True], other)))
    count = np.diff(np.append(first, len(time)))
    second = np.minimum(first + 1, len(time) - 1)
    out = (count == 2) & (action[second] == _DELETE) & (time[second] > time[first])
    once = (action[first] == _ADD) & ((count == 1) | out)
    end = np.minimum(np.where(out, time[second], END), _next_emptied(parent[first], time[first], emptied))
    plain = Pairs(*(column[once] for column in (parent[first], child[first], time[first], end)))
    if once.all():
        return plain
    rest = [row for at, size in zip(first[~once], count[~once], strict=True) for row in _rest(words, emptied, at, size)]
    return Pairs(*(np.concatenate(parts) for parts in zip(plain, columns(rest, 4), strict=True)))


def _next_emptied(parent: Array, time: Array, emptied: Emptied) -> Array:
    """When each parent was emptied first after each time; ``END`` where it was not."""
    found = np.full_like(time, END)
    if len(emptied.time):
        some = np.flatnonzero(np.isin(parent, emptied.parent))
        moments = np.unique(np.concatenate((emptied.time, time[some])))
        told = np.searchsorted(emptied.parent, emptied.parent) * len(moments) + np.searchsorted(moments, emptied.time)
        asked = np.searchsorted(emptied.parent, parent[some]) * len(moments) + np.searchsorted(moments, time[some])
        at = np.searchsorted(told, asked, "right")
        there = np.minimum(at, len(told) - 1)
        later = (at < len(told)) & (emptied.parent[there] == parent[some])
        found[some[later]] = emptied.time[there[later]]
    return found


def _rest(words: Words, emptied: Emptied, at: int, size: int) -> list[tuple[int, int, int, int]]:
    """The stays of one pair by all rules."""
    parent, child = int(words.parent[at]), int(words.child[at])
    said = zip(words.time[at : at + size].tolist(), words.action[at : at + size].tolist(), strict=True)
    low, high = np.searchsorted(emptied.parent, [parent, parent + 1])
    whole = emptied.time[low:high].tolist()
    return [(parent, child, *each) for each in pair_stays([Change(time, _ACTIONS[rank]) for time, rank in said], whole)]
