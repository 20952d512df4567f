"""Where a bad lot went, and where it may have come from: over what was in what and when, and what was made of what.

Forward, three things are told apart:

* *affected*: the goods themselves are bad since a moment
* *exposed* for a while: whatever is inside during it becomes affected, and is exposed as long as both last
* *carrying* for a while: it has affected goods inside. A carrier's other goods stay good, but what is made of the
  carrier meanwhile is affected, and whoever holds the carrier holds them.

A bad lot is all three from the beginning; a vehicle whose cold chain broke is exposed from the breach's start to its
end and nothing else. Backward is the exact converse: ``a`` is a source of ``b`` if, and only if, ``b`` is affected
where ``a`` is the bad lot. Times are ms UTC, windows ``start <= t < end``.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, NamedTuple

from records.custody import BEGINNING, END, Stay
from records.links import Links

Window = tuple[int, int]

_start, _end = itemgetter(0), itemgetter(1)


class Seed(NamedTuple):
    """Where a trace starts: a bad lot, or, with a window, something whose contents were bad for a while."""

    name: str
    window: Window | None = None


class Reason(NamedTuple):
    """Why something is affected: ``how`` is ``seed``, ``inside`` or ``made``, from what, since when."""

    how: str
    of: str
    since: int


class Cover:
    """The moments for which something is known of each name, as windows that do not touch, in order."""

    __slots__ = ("windows",)

    def __init__(self) -> None:
        self.windows: dict[str, list[Window]] = {}

    def add(self, name: str, window: Window) -> bool:
        """Take it in; false where it was covered already."""
        known = self.windows.get(name)
        if known is None:
            self.windows[name] = [window]
            return True
        start, end = window
        first = bisect_left(known, start, key=_end)  # windows before it end before this one starts
        last = bisect_right(known, end, lo=first, key=_start)  # and those from it on start after it has ended
        if first < last:
            if last == first + 1 and known[first][0] <= start and end <= known[first][1]:
                return False
            start, end = min(start, known[first][0]), max(end, known[last - 1][1])
        known[first:last] = [(start, end)]
        return True


@dataclass(slots=True)
class Affected:
    """``since``: each affected element and since when. ``carrying``: when each thing had affected goods inside,
    the affected goods themselves among them.
    """

    since: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, Reason] = field(default_factory=dict)
    carrying: dict[str, list[Window]] = field(default_factory=dict)


def forward(links: Links, seeds: Iterable[Seed]) -> Affected:
    """Everything that is affected if the seeds are bad."""
    walk = _Forward(links)
    for seed in seeds:
        if seed.window is None:
            walk.spoil(seed.name, BEGINNING, Reason("seed", seed.name, BEGINNING))
        else:
            walk.expose(seed.name, seed.window)
    walk.run()
    walk.found.carrying = walk.carrying.windows
    return walk.found


def backward(links: Links, name: str) -> dict[str, int]:
    """Everything that would have made ``name`` bad, itself included; for each, the last moment (ms) at which turning
    bad would still have done so.
    """
    walk = _Backward(links)
    walk.own(name, END)
    walk.run()
    return walk.whole


class _Asked:
    """Answers of a record, kept for one trace: what is asked again is not looked up again."""

    def __init__(self, ask: Callable[[Collection[str]], Mapping[str, Sequence[Any]]]) -> None:
        self._ask = ask
        self._known: dict[str, Sequence[Any]] = {}

    def of(self, names: Collection[str]) -> dict[str, Sequence[Any]]:
        missing = [name for name in names if name not in self._known]
        if missing:
            found = self._ask(missing)
            self._known.update((name, found.get(name, ())) for name in missing)
        return self._known


class _Forward:
    """Goes level by level, so that each level is one question for all its names."""

    def __init__(self, links: Links) -> None:
        self.found = Affected()
        self.carrying = Cover()
        self._exposed = Cover()
        self._to_expose: list[tuple[str, Window]] = []
        self._to_carry: list[tuple[str, Window]] = []
        self._contents = _Asked(links.contents)
        self._containers = _Asked(links.containers)
        self._used = _Asked(links.used)
        self._outputs = _Asked(links.outputs)

    def spoil(self, name: str, since: int, why: Reason) -> None:
        """The goods are bad, and so is all that is in them from then on."""
        self._affect(name, since, why)
        self.expose(name, (since, END))

    def expose(self, name: str, window: Window) -> None:
        if self._exposed.add(name, window):
            self._to_expose.append((name, window))

    def _affect(self, name: str, since: int, why: Reason) -> None:
        if since < self.found.since.get(name, END):
            self.found.since[name] = since
            self.found.reasons[name] = why
        self._carry(name, (since, END))

    def _carry(self, name: str, window: Window) -> None:
        if self.carrying.add(name, window):
            self._to_carry.append((name, window))

    def run(self) -> None:
        while self._to_expose or self._to_carry:
            exposed, self._to_expose = self._to_expose, []
            contents = self._contents.of({name for name, _ in exposed})
            for name, window in exposed:
                for stay in contents[name]:
                    if both := _both(window, stay):
                        self._affect(stay.other, both[0], Reason("inside", name, both[0]))
                        self.expose(stay.other, both)
            carried, self._to_carry = self._to_carry, []
            names = {name for name, _ in carried}
            containers, used = self._containers.of(names), self._used.of(names)
            for name, window in carried:
                for stay in containers[name]:
                    if both := _both(window, stay):
                        self._carry(stay.other, both)
            self._make(carried, used)

    def _make(self, carried: Sequence[tuple[str, Window]], used: Mapping[str, Sequence[Any]]) -> None:
        taken = [(name, use) for name, (start, end) in carried for use in used[name] if start <= use.time < end]
        outputs = self._outputs.of({use.name for _, use in taken})
        for name, use in taken:
            for made in outputs[use.name]:
                if made.time >= use.time:
                    self.spoil(made.name, made.time, Reason("made", name, made.time))


class _Backward:
    """``whole``: turning bad as a lot by then is enough; ``own``: being affected in any way by then; ``exposed``:
    being exposed at a moment of the window; ``held``: carrying affected goods at that very moment.
    """

    def __init__(self, links: Links) -> None:
        self.whole: dict[str, int] = {}
        self._own: dict[str, int] = {}
        self._exposed = Cover()
        self._held: set[tuple[str, int]] = set()
        self._to_make: list[tuple[str, int]] = []
        self._to_expose: list[tuple[str, Window]] = []
        self._to_hold: list[tuple[str, int]] = []
        self._contents = _Asked(links.contents)
        self._containers = _Asked(links.containers)
        self._made = _Asked(links.made)
        self._inputs = _Asked(links.inputs)

    def own(self, name: str, until: int) -> None:
        if until > self._own.get(name, -1):
            self._own[name] = until
            self._expose(name, (BEGINNING, min(until + 1, END)))

    def _expose(self, name: str, window: Window) -> None:
        last = window[1] - 1
        if last > self.whole.get(name, -1):
            self.whole[name] = last
            self._to_make.append((name, last))
        if self._exposed.add(name, window):
            self._to_expose.append((name, window))

    def _hold(self, name: str, time: int) -> None:
        if (name, time) not in self._held:
            self._held.add((name, time))
            self._to_hold.append((name, time))

    def run(self) -> None:
        while self._to_make or self._to_expose or self._to_hold:
            exposed, self._to_expose = self._to_expose, []
            containers = self._containers.of({name for name, _ in exposed})
            for name, window in exposed:
                for stay in containers[name]:
                    if both := _both(window, stay):
                        self._expose(stay.other, both)
            wanted, self._to_make = self._to_make, []
            made = self._made.of({name for name, _ in wanted})
            sources = [use for name, until in wanted for use in made[name] if use.time <= until]
            inputs = self._inputs.of({use.name for use in sources})
            for use in sources:
                for taken in inputs[use.name]:
                    if taken.time <= use.time:
                        self._hold(taken.name, taken.time)
            held, self._to_hold = self._to_hold, []
            contents = self._contents.of({name for name, _ in held})
            for name, time in held:
                self.own(name, time)
                for stay in contents[name]:
                    if stay.start <= time < stay.end:
                        self._hold(stay.other, time)


def _both(window: Window, stay: Stay) -> Window | None:
    """The moments of a window at which it stayed there."""
    start, end = window
    start, end = (stay.start if stay.start > start else start), (stay.end if stay.end < end else end)
    return (start, end) if start < end else None
