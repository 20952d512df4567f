"""How much is in a yard, where and whose, at any moment: answered from columns, not by going through the yard.

A box's story is cut into spans during which nothing of it changed; each line of goods of a span is one row. What stood
at a moment are the rows with ``start <= t < end``, found by one comparison over whole columns. A late event replaces
the spans of its own box alone, so an answer for a past minute is never older than the last event heard.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from records.goods_lines import COLUMNS, SAID, UNSAID, Lines, Vocabulary, vocabulary
from records.stays import Box
from records.yard import GRAMS, Inventory, grams

#: After all events.
END = 2**62

_FIRST_ROWS = 1024


class Share(msgspec.Struct, frozen=True):
    """How much of a yard one key has: boxes and tonnes. ``key`` is "" for what is not said."""

    key: str
    boxes: int
    mass_t: float


class Wanted(msgspec.Struct, frozen=True):
    """Which boxes are asked for; ``None`` = whatever, "" = those of which it is not said. ``bay``: those whose place is
    known; ``among``: these containers alone.
    """

    un: str | None = None
    hazard_class: str | None = None
    owner: str | None = None
    block: str | None = None
    bay: int | None = None
    among: frozenset[str] | None = None


class Question(msgspec.Struct, frozen=True):
    """What is asked of a yard: the moment (event time, ms UTC; ``None`` = after all events), which boxes, and the page
    of them: ``limit`` boxes from the ``offset``-th on (0 = none), the containers ``first`` before all others.
    """

    time: int | None = None
    wanted: Wanted = Wanted()
    offset: int = 0
    limit: int = 0
    first: frozenset[str] = frozenset()


class Answer(msgspec.Struct, frozen=True):
    """What stood in a yard at ``time`` (event time, ms UTC; ``None`` = after all events) of what was asked for.

    Shares stand in falling order of tonnes. ``mass_t`` and shares count the lines of goods that were asked for, not all
    that is in their boxes; ``standing`` are the boxes of the page asked for, in the order of their numbers, after those
    that were to come first.
    """

    time: int | None
    boxes: int
    mass_t: float
    by_un: tuple[Share, ...]
    by_class: tuple[Share, ...]
    by_owner: tuple[Share, ...]
    by_block: tuple[Share, ...]
    standing: tuple[Box, ...]


#: What an answer is cut by.
_CUTS = ("un", "hazard_class", "owner", "block")
#: The columns of a row: whole numbers, and temperatures.
_NUMBERS = ("start", "end", "box", "line", "grams", "bay", "row", *SAID)
_DEGREES = ("control_c", "emergency_c")

#: A box as it stood from ``start`` to ``end``, and the rows that say so.
_Span = tuple[int, int, Box, tuple[int, ...]]


class Stock:
    """The rows of one yard. ``words`` may be shared with other yards."""

    def __init__(self, words: Vocabulary | None = None) -> None:
        self._columns: dict[str, NDArray[Any]] = {name: np.zeros(_FIRST_ROWS, np.int64) for name in _NUMBERS}
        self._columns |= {name: np.zeros(_FIRST_ROWS) for name in _DEGREES}
        self._words = vocabulary() if words is None else words
        self._boxes: list[Box | None] = []
        self._spans: dict[str, list[_Span]] = {}
        self._free: list[int] = []
        self._free_boxes: list[int] = []
        self._rows = 0

    def put(self, container: str, story: Sequence[tuple[int, Box | None]]) -> None:
        """A container's whole story: event times (ms UTC, ascending) and how it stood from then on."""
        known, wanted = self._spans.get(container, []), _spans(story)
        same = 0
        while same < min(len(known), len(wanted)) and known[same][:3] == wanted[same]:
            same += 1
        for span in known[same:]:
            self._forget(span)
        self._spans[container] = known[:same] + [self._keep(*span) for span in wanted[same:]]

    def ask(self, asked: Question) -> Answer:
        """How much, where and whose at that moment."""
        rows = self._wanted(self._standing(asked.time), asked.wanted)
        boxes = np.unique(self._columns["box"][rows])
        page: tuple[Box, ...] = ()
        if asked.limit:
            ordered = sorted(self._in_order(boxes), key=lambda box: box.container not in asked.first)
            page = tuple(ordered[asked.offset : asked.offset + asked.limit])
        mass = int(self._columns["grams"][rows].sum()) / GRAMS
        by = {name: self._shares(rows, name) for name in _CUTS}
        return Answer(asked.time, len(boxes), mass, by["un"], by["hazard_class"], by["owner"], by["block"], page)

    def at(self, time_ms: int | None) -> Inventory:
        """All boxes that stood there, as ``Yard.at`` gives them."""
        return Inventory(time_ms, self._in_order(np.unique(self._columns["box"][self._standing(time_ms)])))

    def lines(self, time_ms: int | None) -> Lines:
        """All lines of goods that stood there, as columns."""
        rows = self._standing(time_ms)
        numbers, place = np.unique(self._columns["box"][rows], return_inverse=True)
        found = [box for each in numbers.tolist() if (box := self._boxes[each]) is not None]
        order = sorted(range(len(found)), key=[box.container for box in found].__getitem__)
        rank = np.empty(len(found), np.int64)
        rank[order] = np.arange(len(found))
        box = rank[place]
        line = self._columns["line"][rows]
        by_box = np.argsort(box * (1 + int(line.max(initial=0))) + line)
        rows, box = rows[by_box], box[by_box]
        columns = {name: self._columns[name][rows] if name != "box" else box for name in COLUMNS}
        first = rows[np.flatnonzero(np.diff(box, prepend=-1))]
        bay, row = self._columns["bay"][first], self._columns["row"][first]
        return Lines(tuple(found[each] for each in order), columns, bay, row, self._words)

    def _standing(self, time_ms: int | None) -> NDArray[np.intp]:
        at = END - 1 if time_ms is None else time_ms
        start, end = self._columns["start"][: self._rows], self._columns["end"][: self._rows]
        return np.flatnonzero((start <= at) & (end > at))

    def _wanted(self, rows: NDArray[np.intp], wanted: Wanted) -> NDArray[np.intp]:
        for name in _CUTS:
            word = getattr(wanted, name)
            if word is not None:
                rows = rows[self._columns[name][rows] == self._words[name].known(word)]
        if wanted.bay is not None:
            placed = self._columns["block"][rows] != self._words["block"].known(UNSAID)
            rows = rows[placed & (self._columns["bay"][rows] == wanted.bay)]
        if wanted.among is not None:
            boxes = np.unique(self._columns["box"][rows]).tolist()
            among = [each for each in boxes if (box := self._boxes[each]) and box.container in wanted.among]
            rows = rows[np.isin(self._columns["box"][rows], among)]
        return rows

    def _in_order(self, numbers: NDArray[np.int64]) -> tuple[Box, ...]:
        found = [box for each in numbers.tolist() if (box := self._boxes[each]) is not None]
        found.sort(key=_container)
        return tuple(found)

    def _shares(self, rows: NDArray[np.intp], name: str) -> tuple[Share, ...]:
        """Masses add up exactly: whole grams, far below what a double holds."""
        words = self._words[name].words
        keys = self._columns[name][rows]
        masses = np.bincount(keys, self._columns["grams"][rows], len(words))
        pairs = np.unique(self._columns["box"][rows] * max(1, len(words)) + keys)
        boxes = np.bincount(pairs % max(1, len(words)), minlength=len(words))
        found = [
            Share(words[each], int(boxes[each]), float(masses[each]) / GRAMS) for each in np.flatnonzero(boxes).tolist()
        ]
        return tuple(sorted(found, key=lambda each: (-each.mass_t, each.key)))

    def _keep(self, start: int, end: int, box: Box) -> _Span:
        number = self._free_boxes.pop() if self._free_boxes else len(self._boxes)
        if number == len(self._boxes):
            self._boxes.append(box)
        else:
            self._boxes[number] = box
        lines = box.goods or (None,)
        rows = tuple(self._row() for _ in lines)
        place = box.place
        bay, row = (place.bay, place.row) if place is not None else (0, 0)
        for number_in_box, (at, line) in enumerate(zip(rows, lines, strict=True)):
            told = {
                "start": start, "end": end, "box": number, "line": number_in_box, "bay": bay, "row": row,
                "grams": 0 if line is None else grams(line),
                "control_c": np.nan if line is None or line.control_c is None else line.control_c,
                "emergency_c": np.nan if line is None or line.emergency_c is None else line.emergency_c,
            } | {name: self._words[name].number(say(line, box)) for name, say in SAID.items()}  # fmt: skip
            for name, value in told.items():
                self._columns[name][at] = value
        return start, end, box, rows

    def _forget(self, span: _Span) -> None:
        rows = span[3]
        number = int(self._columns["box"][rows[0]])
        self._boxes[number] = None
        self._free_boxes.append(number)
        for row in rows:
            self._columns["end"][row] = self._columns["start"][row]
        self._free += rows

    def _row(self) -> int:
        if self._free:
            return self._free.pop()
        if self._rows == len(self._columns["start"]):
            for name, column in self._columns.items():
                self._columns[name] = np.concatenate([column, np.zeros_like(column)])
        self._rows += 1
        return self._rows - 1


def _spans(story: Sequence[tuple[int, Box | None]]) -> list[tuple[int, int, Box]]:
    """The times during which a box stood unchanged (``start <= t < end``)."""
    found: list[tuple[int, int, Box]] = []
    for number, (start, box) in enumerate(story):
        end = story[number + 1][0] if number + 1 < len(story) else END
        if box is None or start >= end:
            continue
        if found and found[-1][1] == start and found[-1][2] == box:
            start, box = found.pop()[0], box
        found.append((start, end, box))
    return found


def _container(box: Box) -> str:
    return box.container
