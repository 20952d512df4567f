"""What a trace asks of the record in the store (records/links.py), answered over one connection."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import chain

import numpy as np
import sqlalchemy as sa

from alerts.custody.asking import columns_by_number
from alerts.custody.numbering import NAMELESS, names_of, numbers_of
from alerts.custody.tables import IN, OUT, custody_link, custody_use
from records.cover import Window
from records.custody import Stay
from records.joins import Windows, joined, rising
from records.links import Array, Stays, Uses, columns
from records.pairing import Emptied, Words, paired

_LINK, _USE = custody_link.c, custody_use.c
_WORDS = sa.select(_LINK.parent, _LINK.child, _LINK.time, _LINK.action)
_EMPTIED = sa.select(_LINK.parent, _LINK.time).where(_LINK.child == NAMELESS)

_UNTOLD = -1


class StoredLinks:
    """Names that were asked once, and what things were in, are asked again for who holds them, and so are kept."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self._names: dict[int, str] = {}
        self._numbers: dict[str, int] = {}
        self._asked: list[Array] = []
        self._containers: list[Stays] = []

    def numbers(self, names: Collection[str]) -> Mapping[str, int]:
        if new := [name for name in names if name not in self._numbers]:
            self._numbers.update(numbers_of(self.connection, new))
        return {name: self._numbers[name] for name in names if name in self._numbers}

    def names(self, numbers: Array) -> list[str]:
        wanted = numbers.tolist()
        if new := set(wanted).difference(self._names):
            found = names_of(self.connection, np.array(sorted(new), np.int64))
            self._names |= found
            self._numbers.update(zip(found.values(), found, strict=True))
        return list(map(self._names.__getitem__, wanted))

    def windows(self, named: Mapping[str, Sequence[Window]]) -> Windows:
        """The windows of each name, by its number; a name that was never told has none."""
        numbers = self.numbers(named)
        of = np.fromiter((numbers.get(name, _UNTOLD) for name in named), np.int64, len(named))
        of = np.repeat(of, np.fromiter(map(len, named.values()), np.int64, len(named)))
        start, end = columns(chain.from_iterable(named.values()), 2)
        order = rising(of, start)  # as the indexes are: neighbours lie on the same pages
        found = Windows(of[order], start[order], end[order])
        return Windows(*(column[found.of != _UNTOLD] for column in found))

    def stays_by_name(self, names: Collection[str], *, containers: bool) -> dict[str, list[Stay]]:
        """What each of a few names was in (or held), and when."""
        numbers = np.array(sorted(self.numbers(names).values()), np.int64)
        found = self.containers(numbers) if containers else self.contents(numbers)
        named: dict[str, list[Stay]] = defaultdict(list)
        rows = zip(self.names(found.of), self.names(found.other), found.start.tolist(), found.end.tolist(), strict=True)
        for name, *stay in rows:
            named[name].append(Stay(*stay))
        return named

    def contents(self, parents: Array) -> Stays:
        parent, child, time, action = columns_by_number(self.connection, _LINK.parent, _WORDS, parents)
        whole = child == NAMELESS
        words = Words(*(column[~whole] for column in (parent, child, time, action)))
        return Stays(*paired(words, Emptied(parent[whole], time[whole])))

    def containers(self, children: Array) -> Stays:
        words = Words(*columns_by_number(self.connection, _LINK.child, _WORDS, children))
        emptied = Emptied(*columns_by_number(self.connection, _LINK.parent, _EMPTIED, np.unique(words.parent)))
        pairs = paired(words, emptied)
        found = Stays(pairs.child, pairs.parent, pairs.start, pairs.end)
        self._asked.append(children)
        self._containers.append(found)
        return found

    def containers_again(self, children: Array) -> Stays:
        """As ``containers``; what was asked over these links before is not looked up again."""
        new = np.setdiff1d(children, np.concatenate([children[:0], *self._asked]))
        if len(new):
            self.containers(new)
        kept = Stays(*(np.concatenate(parts) for parts in zip(*self._containers, strict=True)))
        self._containers = [kept]
        _, rows = joined(children, kept.of)
        return Stays(*(column[rows] for column in kept))

    def used(self, elements: Array) -> Uses:
        return self._uses(elements, _USE.element, IN)

    def made(self, elements: Array) -> Uses:
        return self._uses(elements, _USE.element, OUT)

    def inputs(self, processes: Array) -> Uses:
        return self._uses(processes, _USE.process, IN)

    def outputs(self, processes: Array) -> Uses:
        return self._uses(processes, _USE.process, OUT)

    def _uses(self, numbers: Array, by: sa.ColumnElement[int], side: int) -> Uses:
        other = _USE.process if by is _USE.element else _USE.element
        asked = sa.select(by, other, _USE.time).where(_USE.side == side)
        return Uses(*columns_by_number(self.connection, by, asked, numbers))
