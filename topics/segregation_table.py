"""The general segregation table (IMDG 7.2.4) as data, with what stood in it before, and what it asks for in a yard."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from topics.editions import Edition, back_to, file_digest
from topics.errors import ConfigurationError
from topics.goods import FOLDER, read_toml

FILE = FOLDER / "segregation.toml"


class WithinClassOne(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Compatibility groups (letters) that may stand together, and the code for those that may not."""

    together: tuple[str, ...]
    otherwise: int
    source: str
    confirmed: bool


class YardMeasures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a code asks for in a yard: metres between the boxes' walls, and the severity of less."""

    distances_m: dict[str, float]
    severities: dict[str, str]
    bay_m: float
    row_m: float
    box_length_m: float
    box_width_m: float
    source: str
    confirmed: bool


class OlderMarks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Marks of the general table as they stood before a day of the city: row, column and mark, each pair once."""

    day: dt.date
    edition: str
    marks: tuple[tuple[str, str, str], ...]
    source: str
    confirmed: bool


class SegregationTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The general table (IMDG 7.2.4). ``rows[i]`` holds one mark for each of ``columns``; ``until`` what stood in it
    before."""

    edition: str
    columns: tuple[str, ...]
    rows: tuple[str, ...]
    same_row: dict[str, str]
    within_class_1: WithinClassOne
    yard: YardMeasures
    source: str
    confirmed: bool
    until: tuple[OlderMarks, ...] = ()

    def on(self, day: dt.date) -> "SegregationTable":
        """The table as it stood on a day of the city. Raises ``ConfigurationError`` for a mark outside the table."""
        rows, then = [row.split() for row in self.rows], self
        for older in back_to(day, self.until):
            for one, other, mark in older.marks:
                if not {one, other} <= set(self.columns):
                    raise ConfigurationError(
                        f"segregation.toml: until {older.day}: expected two of {', '.join(self.columns)}, "
                        f"got {one}, {other}"
                    )
                first, second = self.columns.index(one), self.columns.index(other)
                rows[first][second] = rows[second][first] = mark
            then = msgspec.structs.replace(
                then, edition=older.edition, source=older.source, confirmed=older.confirmed
            )  # fmt: skip
        return msgspec.structs.replace(then, rows=tuple(" ".join(row) for row in rows))


def load_segregation(path: Path = FILE, yard: Mapping[str, Any] | None = None) -> SegregationTable:
    """The general table. ``yard`` replaces keys of its yard part (a domain pack's ``[facts.segregation]``)."""
    table: SegregationTable = read_toml(path, SegregationTable)
    if not yard:
        return table
    own = {**msgspec.to_builtins(table.yard), "confirmed": False, **yard}
    try:
        measures = msgspec.convert(own, YardMeasures)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"facts.segregation: {error}") from error
    return msgspec.structs.replace(table, yard=measures)


def segregation_edition(day: dt.date, path: Path = FILE) -> Edition:
    """Which edition of the table holds on a day of the city."""
    table = load_segregation(path)
    then, until = table.on(day), min((each.day for each in table.until if day < each.day), default=None)
    return Edition("segregation", then.edition, then.source, file_digest(path), then.confirmed, until)
