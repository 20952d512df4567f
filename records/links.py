"""What a trace asks of a record of custody, and the record in memory that answers it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

import msgspec

from records.custody import ALL, Change, Facts, Stay, pair_stays


class Use(msgspec.Struct, frozen=True, gc=False):
    """An element went into, or came out of, a making at ``time``; ``name`` is the process, or the element."""

    name: str
    time: int


class Links(Protocol):
    """Each question is put for many names at once; a name that nothing is known of is left out of the answer."""

    def contents(self, parents: Collection[str]) -> Mapping[str, Sequence[Stay]]:
        """What was in each of these, and when."""

    def containers(self, children: Collection[str]) -> Mapping[str, Sequence[Stay]]:
        """What each of these was in, and when."""

    def used(self, elements: Collection[str]) -> Mapping[str, Sequence[Use]]:
        """The processes each went into."""

    def made(self, elements: Collection[str]) -> Mapping[str, Sequence[Use]]:
        """The processes each came out of."""

    def inputs(self, processes: Collection[str]) -> Mapping[str, Sequence[Use]]:
        """What went into each process."""

    def outputs(self, processes: Collection[str]) -> Mapping[str, Sequence[Use]]:
        """What came out of each process."""


class Known:
    """A record in memory, built of events in any order; an event that is declared wrong leaves it again."""

    def __init__(self, events: Iterable[Facts] = ()) -> None:
        told = {each.id: each for each in events}
        wrong = {each.retracts for each in told.values() if each.retracts}
        self._changes: dict[tuple[str, str], list[Change]] = defaultdict(list)
        self._uses: dict[str, dict[str, list[Use]]] = {
            name: defaultdict(list) for name in ("used", "made", "inputs", "outputs")
        }
        self._children: dict[str, set[str]] = defaultdict(set)
        self._parents: dict[str, set[str]] = defaultdict(set)
        for each in told.values():
            if not each.retracts and each.id not in wrong:
                self._add(each)

    def _add(self, event: Facts) -> None:
        for parent, child, action in event.links:
            self._changes[parent, child].append(Change(event.time, action))
            if child != ALL:
                self._children[parent].add(child)
                self._parents[child].add(parent)
        for name, here, there in (("used", event.inputs, "inputs"), ("made", event.outputs, "outputs")):
            for element in here:
                self._uses[name][element].append(Use(event.process, event.time))
                self._uses[there][event.process].append(Use(element, event.time))

    def contents(self, parents: Collection[str]) -> Mapping[str, Sequence[Stay]]:
        return {
            parent: [
                Stay(child, *each) for child in self._children.get(parent, ()) for each in self._pair(parent, child)
            ]
            for parent in parents
        }

    def containers(self, children: Collection[str]) -> Mapping[str, Sequence[Stay]]:
        return {
            child: [
                Stay(parent, *each) for parent in self._parents.get(child, ()) for each in self._pair(parent, child)
            ]
            for child in children
        }

    def used(self, elements: Collection[str]) -> Mapping[str, Sequence[Use]]:
        return {name: self._uses["used"].get(name, ()) for name in elements}

    def made(self, elements: Collection[str]) -> Mapping[str, Sequence[Use]]:
        return {name: self._uses["made"].get(name, ()) for name in elements}

    def inputs(self, processes: Collection[str]) -> Mapping[str, Sequence[Use]]:
        return {name: self._uses["inputs"].get(name, ()) for name in processes}

    def outputs(self, processes: Collection[str]) -> Mapping[str, Sequence[Use]]:
        return {name: self._uses["outputs"].get(name, ()) for name in processes}

    def _pair(self, parent: str, child: str) -> list[tuple[int, int]]:
        emptied = sorted(each.time for each in self._changes.get((parent, ALL), ()))
        return pair_stays(self._changes[parent, child], emptied)
