"""Lines of goods as columns: each line of each box that stood in a yard at a moment is one row of numbers.

What is asked of tens of thousands of boxes (how much, of what, whose, how near) is answered by a few operations over
whole columns; the boxes themselves are only looked at where they are named.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from records.stays import Box
from records.yard import GRAMS

#: Stands for what is not said: goods nobody has named, an owner of nothing declared, a box in no block.
UNSAID = ""

Word = TypeVar("Word", bound=Hashable)


class Words(Generic[Word]):
    """Words as small numbers."""

    def __init__(self) -> None:
        self.words: list[Word] = []
        self._numbers: dict[Word, int] = {}

    def number(self, word: Word) -> int:
        """The word's number, a new one where it is new."""
        found = self._numbers.get(word)
        if found is None:
            found = self._numbers[word] = len(self.words)
            self.words.append(word)
        return found

    def known(self, word: Word) -> int:
        """Its number, -1 where no row has it."""
        return self._numbers.get(word, -1)


#: What is said by words, of a line of goods (``None`` where the box has none) and its box.
SAID: dict[str, Callable[[Any, Box], Hashable]] = {
    "un": lambda line, box: line.un if line is not None else UNSAID,
    "hazard_class": lambda line, box: line.hazard_class if line is not None else UNSAID,
    "owner": lambda line, box: box.consignor,
    "block": lambda line, box: box.place.block if box.place is not None else UNSAID,
    "subsidiary": lambda line, box: line.subsidiary if line is not None else (),
    "contact": lambda line, box: box.emergency_contact,
}

#: The words of several yards, so that their numbers mean the same: by the names of ``SAID``.
Vocabulary = dict[str, Words[Any]]


def vocabulary() -> Vocabulary:
    """An empty one."""
    return {name: Words() for name in SAID}


#: The columns of ``Lines``.
COLUMNS = ("box", "grams", "control_c", "emergency_c", *SAID)
_NONE = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Lines:
    """All lines of goods that stood at a moment, box by box in the order of the boxes' numbers and in each box as
    declared. A box without goods has one row, whose ``un`` is that of ``UNSAID``.

    ``boxes``: (boxes,). ``columns``: (rows,) each, with the box (its index in ``boxes``), ``grams``, the declared
    ``control_c`` and ``emergency_c`` (NaN = none), and the numbers of the words of ``SAID``. ``bay`` and ``row``:
    (boxes,); of a box that has not been stacked they mean nothing, and its block is ``UNSAID``.
    """

    boxes: tuple[Box, ...]
    columns: dict[str, NDArray[Any]]
    bay: NDArray[np.int64]
    row: NDArray[np.int64]
    words: Vocabulary

    def of_boxes(self, name: str) -> NDArray[Any]:
        """What a column says of each box itself, such as its owner or block: (boxes,)."""
        found: NDArray[Any] = self.columns[name][np.flatnonzero(np.diff(self.columns["box"], prepend=-1))]
        return found

    def masses_t(self) -> dict[str, float]:
        """Tonnes by UN number."""
        words = self.words["un"].words
        whole = np.bincount(self.columns["un"], self.columns["grams"], len(words)) / GRAMS
        return {words[each]: float(whole[each]) for each in np.flatnonzero(whole).tolist()}


def together(parts: Sequence[Lines]) -> Lines:
    """The lines of several yards that share their words, one yard after the other."""
    if not parts:
        return Lines((), {name: np.zeros(0, np.int64) for name in COLUMNS}, _NONE, _NONE, vocabulary())
    boxes: list[Box] = []
    columns: dict[str, list[NDArray[Any]]] = {name: [] for name in COLUMNS}
    for part in parts:
        for name, column in part.columns.items():
            columns[name].append(column + len(boxes) if name == "box" else column)
        boxes += part.boxes
    whole = {name: np.concatenate(each) for name, each in columns.items()}
    bay, row = (np.concatenate([getattr(part, name) for part in parts]) for name in ("bay", "row"))
    return Lines(tuple(boxes), whole, bay, row, parts[0].words)
