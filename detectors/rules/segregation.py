"""Segregation of dangerous goods in a yard: IMDG 7.2.4 with subsidiary hazards, goods-list overrides and distances.

The pure rule over plain data. ``require`` says what two goods ask for, ``conflicts`` which of the boxes
near one box stand too close to it. A code asks for a least gap between the boxes' walls; boxes on top of
each other, and goods in one box, have none.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

#: Pairs of goods whose requirement is remembered; a city's yards hold some hundred kinds.
KNOWN_PAIRS = 65_536


@dataclass(frozen=True, slots=True)
class Hazard:
    """What the rule must know of one line of goods: UN number, class, subsidiary hazards, segregation groups."""

    un: str
    hazard_class: str
    subsidiary: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """A box: where its middle is, in metres (x along the bays, y along the rows) of the ground named ``space``.

    Boxes of different spaces are taken to be far apart.
    """

    container: str
    space: str
    x_m: float
    y_m: float
    hazards: tuple[Hazard, ...]


@dataclass(frozen=True, slots=True)
class Meant:
    """Whom a side of a goods-list rule means: these UN numbers, goods of this group, or of these classes, be it as a
    subsidiary hazard. A class without a division means all of its divisions.
    """

    uns: tuple[str, ...] = ()
    group: str = ""
    classes: tuple[str, ...] = ()

    def has(self, goods: Hazard) -> bool:
        """Whether these goods are meant."""
        if goods.un in self.uns or (self.group and self.group in goods.groups):
            return True
        divisions = [_division(each)[0] for each in (goods.hazard_class, *goods.subsidiary)] if self.classes else []
        return any(each in self.classes or each.partition(".")[0] in self.classes for each in divisions)


@dataclass(frozen=True, slots=True)
class ListRule:
    """A goods-list rule: goods of one side from goods of the other."""

    code: str
    first: Meant
    second: Meant
    require: int


@dataclass(frozen=True, slots=True)
class Requirement:
    """The code two goods ask for (0 = none) and the rule that says so: "table", "class 1" or an SG code."""

    code: int
    rule: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two boxes (in the order of their numbers; equal = goods within one box) that stand too close."""

    first: str
    second: str
    first_un: str
    second_un: str
    code: int
    rule: str
    gap_m: float
    least_m: float


@dataclass(frozen=True)
class Segregation:
    """The table and its measures. ``matrix`` maps (row, column) to 0–4, or to -1 for "within class 1"."""

    matrix: Mapping[tuple[str, str], int]
    same_row: Mapping[str, str]
    together: Sequence[str]
    otherwise: int
    list_rules: Sequence[ListRule]
    distances_m: Mapping[int, float]
    box_length_m: float
    box_width_m: float
    _known: dict[tuple[Hazard, Hazard], Requirement] = field(default_factory=dict, compare=False, repr=False)

    @property
    def reach_m(self) -> float:
        """Boxes whose middles are further apart than this in x or y never conflict."""
        return max(self.distances_m.values()) + max(self.box_length_m, self.box_width_m)

    def require(self, one: Hazard, other: Hazard) -> Requirement:
        """What the two goods ask for: the most stringent of all goods-list rules about them and of all pairs of
        their hazards. A substance needs no distance from itself, whatever its subsidiary hazards.
        """
        key = (one, other)
        if key not in self._known:
            if len(self._known) >= KNOWN_PAIRS:
                self._known.clear()
            self._known[key] = self._require(one, other)
        return self._known[key]

    def _require(self, one: Hazard, other: Hazard) -> Requirement:
        if one.un == other.un:
            return Requirement(0, "same goods")
        special = [
            Requirement(each.require, each.code)
            for each in self.list_rules
            if (each.first.has(one) and each.second.has(other)) or (each.first.has(other) and each.second.has(one))
        ]
        pairs = [
            self._by_table(mine, theirs)
            for mine in (one.hazard_class, *one.subsidiary)
            for theirs in (other.hazard_class, *other.subsidiary)
        ]
        table = max(pairs, key=lambda requirement: requirement.code)
        listed = min(special, key=lambda requirement: (-requirement.code, requirement.rule), default=table)
        return listed if listed.code >= table.code else table

    def _by_table(self, mine: str, theirs: str) -> Requirement:
        row, my_letter = _division(mine)
        column, their_letter = _division(theirs)
        marks = [self.matrix[a, b] for a in self._rows(row) for b in self._rows(column)]
        if max(marks) >= 0:
            return Requirement(max(marks), "table")
        alike = my_letter == their_letter != "L"  # of group L only the same type, which is the same number
        if alike or any(my_letter in each and their_letter in each for each in self.together):
            return Requirement(0, "class 1")
        return Requirement(self.otherwise, "class 1")

    def _rows(self, division: str) -> list[str]:
        """The rows a division falls in; one the table does not know falls in all of its class, to be safe."""
        row = self.same_row.get(division, division)
        if (row, row) in self.matrix:
            return [row]
        of_class = sorted({name for name, _ in self.matrix if name[0] == row[:1]})
        if not of_class:
            raise ValueError(f'hazard class: expected one of classes 1 to 9, got "{division}"')
        return of_class

    def gap_m(self, one: Standing, other: Standing) -> float:
        """Metres between the walls of two boxes as seen from above; infinite between spaces."""
        if one.space != other.space:
            return math.inf
        dx = max(0.0, abs(one.x_m - other.x_m) - self.box_length_m)
        dy = max(0.0, abs(one.y_m - other.y_m) - self.box_width_m)
        return math.hypot(dx, dy)

    def conflict(self, one: Standing, other: Standing) -> Conflict | None:
        """The worst conflict between two boxes, or between the goods in one if both are the same box."""
        if other.container < one.container:
            one, other = other, one
        gap = 0.0 if one.container == other.container else self.gap_m(one, other)
        worst: Conflict | None = None
        for mine in one.hazards:
            for theirs in other.hazards:
                asked = self.require(mine, theirs)
                least = self.distances_m.get(asked.code, 0.0)
                if asked.code > 0 and gap < least and (worst is None or asked.code > worst.code):
                    worst = Conflict(
                        one.container, other.container, mine.un, theirs.un, asked.code, asked.rule, gap, least
                    )
        return worst

    def conflicts(self, box: Standing, near: Iterable[Standing]) -> list[Conflict]:
        """All conflicts of one box: with itself, and with each of those near it."""
        found = [self.conflict(box, box)]
        found += [self.conflict(box, other) for other in near if other.container != box.container]
        return [each for each in found if each is not None]


def read_matrix(columns: Sequence[str], rows: Sequence[str]) -> dict[tuple[str, str], int]:
    """The table as (row, column) → code from its printed marks: digit, X (0) or * (-1).

    Raises ``ValueError`` if it is not square or not symmetric.
    """
    marks = [row.split() for row in rows]
    if len(marks) != len(columns) or any(len(row) != len(columns) for row in marks):
        raise ValueError(f"segregation table: expected {len(columns)} rows of {len(columns)} marks")
    codes = {"X": 0, "*": -1}
    matrix = {
        (columns[i], columns[j]): codes[mark] if mark in codes else int(mark)
        for i, row in enumerate(marks)
        for j, mark in enumerate(row)
    }
    for (one, other), code in matrix.items():
        if matrix[other, one] != code:
            raise ValueError(f"segregation table: expected a symmetric table, got {one}/{other} unlike its mirror")
    return matrix


def _division(hazard_class: str) -> tuple[str, str]:
    """``1.1D`` → (``1.1``, ``D``); only class 1 has a compatibility group."""
    if hazard_class[-1:].isalpha():
        return hazard_class[:-1], hazard_class[-1]
    return hazard_class, ""
