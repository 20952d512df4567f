"""Dangerous goods as data: the goods a yard meets, and the tables by which they must stand apart.

The files lie in ``goods/``; every row says where it comes from and whether that was confirmed.
"""

import datetime as dt
import tomllib
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

from topics.errors import ConfigurationError
from topics.finding import Text

FOLDER = Path(__file__).parent / "goods"


class GoodsTemperatures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What goods endure, °C; ``None`` = the source does not say. ``sadt_c`` is the self-accelerating decomposition
    temperature, ``control_c`` and ``emergency_c`` those of IMDG 7.3.7, ``ceiling_c`` what no box of it should pass.
    """

    source: str
    confirmed: bool
    sadt_c: float | None = None
    control_c: float | None = None
    emergency_c: float | None = None
    ceiling_c: float | None = None


class GoodsEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One UN number: proper shipping name, class or division, subsidiary hazards, packing group.

    ``groups`` are segregation groups of IMDG 3.1.4.4; ``no_water`` says that a fire must not be fought with water.
    ``ems`` are the emergency schedules for fire and spillage (``F-A, S-Q``), "" where they are not known.
    ``temperatures`` have a source of their own; ``None`` = nothing is known of them.
    """

    un: str
    title: Text
    hazard_class: str
    source: str
    confirmed: bool
    subsidiary: tuple[str, ...] = ()
    packing_group: str = ""
    groups: tuple[str, ...] = ()
    no_water: bool = False
    ems: str = ""
    temperatures: GoodsTemperatures | None = None


class Side(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom one side of an override means: UN numbers, a segregation group or classes (also as a subsidiary hazard),
    one of the three. A class without a division (``1``) means all of its divisions.
    """

    uns: tuple[str, ...] = ()
    group: str = ""
    classes: tuple[str, ...] = ()


class SegregationGroup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A group of the goods list's segregation column: its code (``SGG1``), and how rows and rules here call it."""

    code: str
    name: str
    title: Text


class Override(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule of the goods list (an SG code) that goes before the general table."""

    code: str
    first: Side
    second: Side
    require: int
    title: Text
    source: str
    confirmed: bool


class GroupRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file of segregation groups and of the goods list's own rules."""

    source: str
    confirmed: bool
    groups: tuple[SegregationGroup, ...]
    overrides: tuple[Override, ...]


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
    marks: tuple[tuple[str, str, str], ...]
    source: str
    confirmed: bool


class SegregationTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The general table (IMDG 7.2.4). ``rows[i]`` holds one mark for each of ``columns``; ``until`` what stood in it
    before."""

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
        rows, newest = [row.split() for row in self.rows], self
        for older in sorted(self.until, key=lambda each: each.day, reverse=True):
            if day >= older.day:
                break
            for one, other, mark in older.marks:
                if not {one, other} <= set(self.columns):
                    raise ConfigurationError(
                        f"segregation.toml: until {older.day}: expected two of {', '.join(self.columns)}, "
                        f"got {one}, {other}"
                    )
                first, second = self.columns.index(one), self.columns.index(other)
                rows[first][second] = rows[second][first] = mark
            newest = msgspec.structs.replace(newest, source=older.source, confirmed=older.confirmed)
        return msgspec.structs.replace(newest, rows=tuple(" ".join(row) for row in rows))


def load_goods(path: Path = FOLDER / "goods.toml") -> dict[str, GoodsEntry]:
    """Goods by UN number. Raises ``ConfigurationError`` if a number stands twice or a row is wrong."""
    entries = _read(path, dict[str, tuple[GoodsEntry, ...]])["goods"]
    goods = {entry.un: _sound(entry, f"{path.name}: {entry.un}") for entry in entries}
    if len(goods) != len(entries):
        twice = sorted({each.un for each in entries if sum(other.un == each.un for other in entries) > 1})
        raise ConfigurationError(f"{path.name}: expected each UN number once, got {twice} more than once")
    return goods


@cache
def _own_goods() -> dict[str, GoodsEntry]:
    """The product's own list, read once: it is asked for with every declaration."""
    return load_goods()


def goods_of(facts: Mapping[str, Any]) -> dict[str, GoodsEntry]:
    """The goods with those that a pack adds or says otherwise (``[facts.goods.NUMBER]``), whose rows go before ours.

    Raises ``ConfigurationError`` naming the row that is wrong.
    """
    goods = dict(_own_goods())
    for un, row in facts.get("goods", {}).items():
        try:
            goods[un] = _sound(msgspec.convert({"un": un, **row}, GoodsEntry), f"facts.goods.{un}")
        except (msgspec.ValidationError, TypeError) as error:
            raise ConfigurationError(f"facts.goods.{un}: {error}") from error
    return goods


def disordered(known: GoodsTemperatures) -> str:
    """What is wrong with temperatures that must rise from control to emergency to decomposition; "" = nothing."""
    named = (("control_c", known.control_c), ("emergency_c", known.emergency_c), ("sadt_c", known.sadt_c))
    there = [(name, value) for name, value in named if value is not None]
    for (low, below), (high, above) in pairwise(there):
        if below >= above:
            return f"{low}: expected less than {high} = {above:g}, got {below:g}"
    return ""


def _sound(entry: GoodsEntry, where: str) -> GoodsEntry:
    if entry.temperatures is not None and (wrong := disordered(entry.temperatures)):
        raise ConfigurationError(f"{where}.temperatures.{wrong}")
    return entry


def load_overrides(path: Path = FOLDER / "groups.toml") -> tuple[Override, ...]:
    """The goods list's own rules."""
    return _read(path, GroupRules).overrides  # type: ignore[no-any-return]


def load_groups(path: Path = FOLDER / "groups.toml") -> tuple[SegregationGroup, ...]:
    """The segregation groups of IMDG 3.1.4.4."""
    return _read(path, GroupRules).groups  # type: ignore[no-any-return]


def load_segregation(
    path: Path = FOLDER / "segregation.toml", yard: Mapping[str, Any] | None = None
) -> SegregationTable:
    """The general table. ``yard`` replaces keys of its yard part (a domain pack's ``[facts.segregation]``)."""
    table: SegregationTable = _read(path, SegregationTable)
    if not yard:
        return table
    own = {**msgspec.to_builtins(table.yard), "confirmed": False, **yard}
    try:
        measures = msgspec.convert(own, YardMeasures)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"facts.segregation: {error}") from error
    return msgspec.structs.replace(table, yard=measures)


def _read(path: Path, kind: Any) -> Any:
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), kind)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigurationError(f"{path.name}: {error}") from error
