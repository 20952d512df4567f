"""Where a bad lot went, and where it may have come from: over what was in what and when, and what was made of what.

Forward, three things are told apart:

* *affected*: the goods themselves are bad since a moment
* *exposed* for a while: whatever is inside during it becomes affected, and is exposed as long as both last
* *carrying* for a while: it has affected goods inside. A carrier's other goods stay good, but what is made of the
  carrier meanwhile is affected, and whoever holds the carrier holds them.

A bad lot is all three from the beginning; a vehicle whose cold chain broke is exposed from the breach's start to its
end and nothing else. Backward is the exact converse: ``a`` is a source of ``b`` if, and only if, ``b`` is affected
where ``a`` is the bad lot. Times are ms UTC, windows ``start <= t < end``.

Both go level by level, so that each level is one question for all its names, and put the answers together as columns.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from records.cover import Cover, Window
from records.custody import BEGINNING, END
from records.joins import Windows, foremost, joined, overlap, together
from records.links import Array, Links, Uses


class Seed(NamedTuple):
    """Where a trace starts: a bad lot, or, with a window, something whose contents were bad for a while."""

    name: str
    window: Window | None = None


class Reason(NamedTuple):
    """Why something is affected: ``how`` is ``seed``, ``inside`` or ``made``, from what, since when."""

    how: str
    of: str
    since: int


@dataclass(slots=True)
class Affected:
    """``since``: each affected element and since when. ``carrying``: when each thing had affected goods inside,
    the affected goods themselves among them.
    """

    since: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, Reason] = field(default_factory=dict)
    carrying: dict[str, tuple[Window, ...]] = field(default_factory=dict)


def forward(links: Links, seeds: Iterable[Seed]) -> Affected:
    """Everything that is affected if the seeds are bad."""
    walk, seeds = _Forward(links), list(seeds)
    numbers = links.numbers({seed.name for seed in seeds})
    alone: list[str] = []  # nothing is told of these: they are bad, and that is all
    for seed in seeds:
        if (number := numbers.get(seed.name)) is None:
            alone += [seed.name] if seed.window is None else []
        elif seed.window is None:
            walk.spoil(_one(number), _one(BEGINNING), "seed", _one(number))
        else:
            walk.expose(Windows(_one(number), *(_one(each) for each in seed.window)))
    walk.run()
    found = walk.found()
    for name in alone:
        found.since[name] = BEGINNING
        found.reasons[name] = Reason("seed", name, BEGINNING)
        found.carrying[name] = ((BEGINNING, END),)
    return found


def backward(links: Links, name: str) -> dict[str, int]:
    """Everything that would have made ``name`` bad, itself included; for each, the last moment (ms) at which turning
    bad would still have done so.
    """
    numbers = links.numbers([name])
    if name not in numbers:
        return {name: END - 1}
    walk = _Backward(links)
    walk.own(_one(numbers[name]), _one(END))
    walk.run()
    found = walk.whole
    return dict(zip(links.names(np.fromiter(found, np.int64, len(found))), found.values(), strict=True))


class _Forward:
    def __init__(self, links: Links) -> None:
        self._links = links
        self._since: dict[int, int] = {}
        self._reasons: dict[int, tuple[str, int]] = {}
        self._carrying = Cover()
        self._exposed = Cover()
        self._spoiled: dict[int, int] = {}  # each process and since when it was bad, negated
        self._to_expose: list[Windows] = []
        self._to_carry: list[Windows] = []

    def spoil(self, of: Array, since: Array, how: str, by: Array) -> None:
        """The goods are bad, and so is all that is in them from then on."""
        self._affect(of, since, how, by)
        self.expose(Windows(of, since, np.full_like(since, END)))

    def expose(self, windows: Windows) -> None:
        self._exposed.add_all(windows, self._to_expose)

    def _affect(self, of: Array, since: Array, how: str, by: Array) -> None:
        first = foremost(of, since)
        of, since, by = of[first], since[first], by[first]
        for number, time, source in zip(of.tolist(), since.tolist(), by.tolist(), strict=True):
            if time < self._since.get(number, END):
                self._since[number] = time
                self._reasons[number] = how, source
        self._carrying.add_all(Windows(of, since, np.full_like(since, END)), self._to_carry)

    def run(self) -> None:
        while self._to_expose or self._to_carry:
            if self._to_expose:
                exposed = together(self._to_expose)
                self._to_expose = []
                inside = overlap(exposed, self._links.contents(np.unique(exposed.of)))
                self._affect(inside.other, inside.start, "inside", inside.of)
                self.expose(Windows(inside.other, inside.start, inside.end))
            if self._to_carry:
                carried = together(self._to_carry)
                self._to_carry = []
                numbers = np.unique(carried.of)
                around = overlap(carried, self._links.containers(numbers))
                self._carrying.add_all(Windows(around.other, around.start, around.end), self._to_carry)
                self._make(carried, self._links.used(numbers))

    def _make(self, carried: Windows, used: Uses) -> None:
        here, there = joined(carried.of, used.of)
        time = used.time[there]
        during = (carried.start[here] <= time) & (time < carried.end[here])
        of, process, time = carried.of[here][during], used.other[there][during], time[during]
        first = foremost(process, time)  # what came out after a later bad input came out after the first one too
        bad = _higher(self._spoiled, process[first], -time[first])
        of, process, time = (column[first][bad] for column in (of, process, time))
        if len(process):
            made = self._links.outputs(process)
            here, there = joined(process, made.of)
            after = made.time[there] >= time[here]
            self.spoil(made.other[there][after], made.time[there][after], "made", of[here][after])

    def found(self) -> Affected:
        """By their names. What only was exposed, as a vehicle is, has a name where it is a reason."""
        numbers = [*self._carrying.windows, *({by for _, by in self._reasons.values()} - self._carrying.windows.keys())]
        names = dict(zip(numbers, self._links.names(np.array(numbers, np.int64)), strict=True))
        return Affected(
            {names[number]: since for number, since in self._since.items()},
            {names[number]: Reason(how, names[by], self._since[number]) for number, (how, by) in self._reasons.items()},
            {names[number]: tuple(windows) for number, windows in self._carrying.windows.items()},
        )


class _Backward:
    """``whole``: turning bad as a lot by then is enough; ``own``: being affected in any way by then; ``exposed``:
    being exposed at a moment of the window; ``held``: carrying affected goods at that very moment.
    """

    def __init__(self, links: Links) -> None:
        self._links = links
        self.whole: dict[int, int] = {}
        self._own: dict[int, int] = {}
        self._exposed = Cover()
        self._held = Cover()
        self._asked: dict[int, int] = {}  # each process and until when what went into it counts
        self._to_make: list[tuple[Array, Array]] = []
        self._to_expose: list[Windows] = []
        self._to_hold: list[Windows] = []

    def own(self, of: Array, until: Array) -> None:
        later = _higher(self._own, of, until)
        until = until[later]
        self._expose(Windows(of[later], np.full_like(until, BEGINNING), np.minimum(until + 1, END)))

    def _expose(self, windows: Windows) -> None:
        last = windows.end - 1
        later = _higher(self.whole, windows.of, last)
        if later.any():
            self._to_make.append((windows.of[later], last[later]))
        self._exposed.add_all(windows, self._to_expose)

    def run(self) -> None:
        while self._to_make or self._to_expose or self._to_hold:
            if self._to_expose:
                exposed = together(self._to_expose)
                self._to_expose = []
                around = overlap(exposed, self._links.containers(np.unique(exposed.of)))
                self._expose(Windows(around.other, around.start, around.end))
            if self._to_make:
                of, until = (np.concatenate(columns) for columns in zip(*self._to_make, strict=True))
                self._to_make = []
                self._source(of, until, self._links.made(np.unique(of)))
            if self._to_hold:
                held = together(self._to_hold)
                self._to_hold = []
                self.own(held.of, held.end - 1)
                inside = overlap(held, self._links.contents(np.unique(held.of)))
                self._held.add_all(Windows(inside.other, inside.start, inside.end), self._to_hold)

    def _source(self, of: Array, until: Array, made: Uses) -> None:
        here, there = joined(of, made.of)
        by_then = made.time[there] <= until[here]
        process, time = made.other[there][by_then], made.time[there][by_then]
        last = foremost(process, -time)  # what went in before the last came out is all that went in before any did
        later = _higher(self._asked, process[last], time[last])
        process, time = process[last][later], time[last][later]
        if len(process):
            taken = self._links.inputs(process)
            here, there = joined(process, taken.of)
            before = taken.time[there] <= time[here]
            name, moment = taken.other[there][before], taken.time[there][before]
            self._held.add_all(Windows(name, moment, moment + 1), self._to_hold)


def _higher(known: dict[int, int], of: Array, value: Array) -> npt.NDArray[np.bool_]:
    """Keep the greatest value of each number; true where one is higher than what was known until then."""

    def higher(number: int, value: int) -> bool:
        if value <= known.get(number, -END):
            return False
        known[number] = value
        return True

    return np.fromiter(map(higher, of.tolist(), value.tolist()), np.bool_, len(of))


def _one(number: int) -> Array:
    return np.array([number], np.int64)
