"""Dangerous goods as data: the list of the goods a yard meets, as it stands and as it stood.

It lies in ``goods/`` beside the tables by which they must stand apart (``segregation_table.py``,
``segregation_rules.py``); every row says where it comes from and whether that was confirmed. What a pack adds is in
``pack_goods.py``.
"""

import datetime as dt
import tomllib
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

from topics.editions import back_to
from topics.errors import ConfigurationError
from topics.finding import Text

FOLDER = Path(__file__).parent / "goods"
FILE = FOLDER / "goods.toml"


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


class OtherName(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another proper shipping name of the same UN number, as the list gives several with "or" between them."""

    name: str
    source: str
    confirmed: bool


class GoodsEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One UN number: proper shipping name, class or division, subsidiary hazards, packing group.

    ``groups`` are segregation groups of IMDG 3.1.4.4; ``no_water`` says that a fire must not be fought with water.
    ``ems`` are the emergency schedules for fire and spillage (``F-A, S-Q``), "" where they are not known.
    ``temperatures`` have a source of their own; ``None`` = nothing is known of them. ``also`` are the other proper
    shipping names of the number, if it has several.
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
    also: tuple[OtherName, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All names under which it may be declared."""
        return (self.title.zh, self.title.en, *(each.name for each in self.also))


class OlderGoods(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stood in the list before a day of the city: rows that stood otherwise, whole, and the UN numbers that were
    not in it.
    """

    day: dt.date
    edition: str
    source: str
    confirmed: bool
    goods: tuple[GoodsEntry, ...] = ()
    absent: tuple[str, ...] = ()


class GoodsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file of the list: which edition it is, its rows, and ``until`` what stood in it before."""

    edition: str
    source: str
    confirmed: bool
    goods: tuple[GoodsEntry, ...]
    until: tuple[OlderGoods, ...] = ()

    def on(self, day: dt.date | None) -> "GoodsFile":
        """The list as it stood on a day of the city, ``None`` = as it stands."""
        rows, then = {each.un: each for each in self.goods}, self
        for older in back_to(day, self.until):
            rows |= {each.un: each for each in older.goods}
            for un in older.absent:
                rows.pop(un, None)
            then = msgspec.structs.replace(
                then, edition=older.edition, source=older.source, confirmed=older.confirmed
            )  # fmt: skip
        return msgspec.structs.replace(then, goods=tuple(rows.values()))


def load_goods_file(path: Path = FILE) -> GoodsFile:
    """The whole file. Raises ``ConfigurationError`` if a number stands twice in an edition or a row is wrong."""
    found: GoodsFile = read_toml(path, GoodsFile)
    for where, entries in (("", found.goods), *((f"until {each.day}: ", each.goods) for each in found.until)):
        twice = sorted(un for un, times in Counter(each.un for each in entries).items() if times > 1)
        if twice:
            raise ConfigurationError(f"{path.name}: {where}expected each UN number once, got {twice} more than once")
        for each in entries:
            sound(each, f"{path.name}: {where}{each.un}")
    return found


def load_goods(path: Path = FILE, day: dt.date | None = None) -> dict[str, GoodsEntry]:
    """Goods by UN number as they stood on a day of the city (``None`` = as they stand); raises likewise."""
    return {each.un: each for each in load_goods_file(path).on(day).goods}


def disordered(known: GoodsTemperatures) -> str:
    """What is wrong with temperatures that must rise from control to emergency to decomposition; "" = nothing."""
    named = (("control_c", known.control_c), ("emergency_c", known.emergency_c), ("sadt_c", known.sadt_c))
    there = [(name, value) for name, value in named if value is not None]
    for (low, below), (high, above) in pairwise(there):
        if below >= above:
            return f"{low}: expected less than {high} = {above:g}, got {below:g}"
    return ""


def sound(entry: GoodsEntry, where: str) -> GoodsEntry:
    """The row itself. Raises ``ConfigurationError`` where its temperatures are out of order."""
    if entry.temperatures is not None and (wrong := disordered(entry.temperatures)):
        raise ConfigurationError(f"{where}.temperatures.{wrong}")
    return entry


def read_toml(path: Path, kind: Any) -> Any:
    """A file of this folder as ``kind``. Raises ``ConfigurationError`` naming the file and what is wrong in it."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), kind)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigurationError(f"{path.name}: {error}") from error
