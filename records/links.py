"""What a trace asks of a record of custody, and the record in memory that answers it.

A record calls each name by a number of its own, and answers in columns: tens of thousands of names are put together by
numpy in the time in which Python goes through one object each.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from itertools import chain
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from records.custody import ALL, Change, Facts, pair_stays
from records.digital_link import one_name

Array = npt.NDArray[np.int64]


class Stays(NamedTuple):
    """Columns: ``of``, which was asked for, held ``other``, or was in it, for ``start <= t < end`` (ms UTC)."""

    of: Array
    other: Array
    start: Array
    end: Array


class Uses(NamedTuple):
    """Columns: ``of``, which was asked for, went into or came out of a making at ``time`` (ms UTC); ``other`` is the
    process where an element was asked for, the element where a process was.
    """

    of: Array
    other: Array
    time: Array


class Links(Protocol):
    """Each question is put for many at once, each of them once; of what nothing is known nothing is answered."""

    def numbers(self, names: Collection[str]) -> Mapping[str, int]:
        """What the record calls these, in whatever wording; a name it does not know is left out."""

    def names(self, numbers: Array) -> list[str]:
        """Their names as they were told first, in the order of the numbers."""

    def contents(self, parents: Array) -> Stays:
        """What was in each of these, and when."""

    def containers(self, children: Array) -> Stays:
        """What each of these was in, and when."""

    def used(self, elements: Array) -> Uses:
        """The processes each went into."""

    def made(self, elements: Array) -> Uses:
        """The processes each came out of."""

    def inputs(self, processes: Array) -> Uses:
        """What went into each process."""

    def outputs(self, processes: Array) -> Uses:
        """What came out of each process."""


class Known:
    """A record in memory, built of events in any order; an event that is declared wrong leaves it again. Names of one
    thing have one number, and the thing is called as it was first.
    """

    def __init__(self, events: Iterable[Facts] = ()) -> None:
        told = {each.id: each for each in events}
        wrong = {each.retracts for each in told.values() if each.retracts}
        self._numbers: dict[str, int] = {}
        self._called: list[str] = []
        self._changes: dict[tuple[int, int], list[Change]] = defaultdict(list)
        self._uses: dict[str, dict[int, list[tuple[int, int]]]] = {
            name: defaultdict(list) for name in ("used", "made", "inputs", "outputs")
        }
        self._children: dict[int, set[int]] = defaultdict(set)
        self._parents: dict[int, set[int]] = defaultdict(set)
        for each in told.values():
            if not each.retracts and each.id not in wrong:
                self._add(each)

    def _add(self, event: Facts) -> None:
        call: dict[str, int] = {}
        for names in (*(link[:2] for link in event.links), event.inputs, event.outputs, (event.process,)):
            for name in names:
                call[name] = self._numbers.setdefault(one_name(name), len(self._numbers))
                if call[name] == len(self._called):
                    self._called.append(name)
        for parent, child, action in event.links:
            self._changes[call[parent], call[child]].append(Change(event.time, action))
            if child != ALL:
                self._children[call[parent]].add(call[child])
                self._parents[call[child]].add(call[parent])
        for name, here, there in (("used", event.inputs, "inputs"), ("made", event.outputs, "outputs")):
            for element in here:
                self._uses[name][call[element]].append((call[event.process], event.time))
                self._uses[there][call[event.process]].append((call[element], event.time))

    def numbers(self, names: Collection[str]) -> Mapping[str, int]:
        found = ((name, self._numbers.get(one_name(name))) for name in names)
        return {name: number for name, number in found if number is not None}

    def names(self, numbers: Array) -> list[str]:
        return [self._called[number] for number in numbers.tolist()]

    def contents(self, parents: Array) -> Stays:
        pairs = ((parent, child) for parent in parents.tolist() for child in self._children.get(parent, ()))
        rows = ((parent, child, *each) for parent, child in pairs for each in self._pair(parent, child))
        return Stays(*columns(rows, 4))

    def containers(self, children: Array) -> Stays:
        pairs = ((parent, child) for child in children.tolist() for parent in self._parents.get(child, ()))
        rows = ((child, parent, *each) for parent, child in pairs for each in self._pair(parent, child))
        return Stays(*columns(rows, 4))

    def used(self, elements: Array) -> Uses:
        return self._told("used", elements)

    def made(self, elements: Array) -> Uses:
        return self._told("made", elements)

    def inputs(self, processes: Array) -> Uses:
        return self._told("inputs", processes)

    def outputs(self, processes: Array) -> Uses:
        return self._told("outputs", processes)

    def _told(self, question: str, numbers: Array) -> Uses:
        told = self._uses[question]
        return Uses(*columns(((number, *each) for number in numbers.tolist() for each in told.get(number, ())), 3))

    def _pair(self, parent: int, child: int) -> list[tuple[int, int]]:
        whole = self._changes.get((parent, self._numbers.get(ALL, -1)), ())
        return pair_stays(self._changes[parent, child], sorted(each.time for each in whole))


def columns(rows: Iterable[tuple[int, ...]], width: int) -> Array:
    """Rows of ``width`` whole numbers as so many columns, of no length where there are no rows."""
    return np.fromiter(chain.from_iterable(rows), np.int64).reshape(-1, width).T
