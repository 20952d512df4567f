"""The goods list's own rules of segregation (SG codes) and the groups they speak of (IMDG 3.1.4.4), as data."""

import datetime as dt
from pathlib import Path

import msgspec

from topics.editions import Edition, back_to, file_digest
from topics.finding import Text
from topics.goods import FOLDER, read_toml

FILE = FOLDER / "groups.toml"


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


class OlderRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stood in the file before a day of the city: groups and overrides that stood otherwise, whole, and by their
    codes those that were not there.
    """

    day: dt.date
    edition: str
    source: str
    confirmed: bool
    groups: tuple[SegregationGroup, ...] = ()
    overrides: tuple[Override, ...] = ()
    absent: tuple[str, ...] = ()


class GroupRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file of segregation groups and of the goods list's own rules; ``until`` what stood in it before."""

    edition: str
    source: str
    confirmed: bool
    groups: tuple[SegregationGroup, ...]
    overrides: tuple[Override, ...]
    until: tuple[OlderRules, ...] = ()

    def on(self, day: dt.date | None) -> "GroupRules":
        """Groups and rules as they stood on a day of the city, ``None`` = as they stand."""
        groups = {each.code: each for each in self.groups}
        overrides = {each.code: each for each in self.overrides}
        then = self
        for older in back_to(day, self.until):
            groups |= {each.code: each for each in older.groups}
            overrides |= {each.code: each for each in older.overrides}
            for code in older.absent:
                groups.pop(code, None)
                overrides.pop(code, None)
            then = msgspec.structs.replace(
                then, edition=older.edition, source=older.source, confirmed=older.confirmed
            )  # fmt: skip
        return msgspec.structs.replace(then, groups=tuple(groups.values()), overrides=tuple(overrides.values()))


def load_group_rules(path: Path = FILE) -> GroupRules:
    """The whole file. Raises ``ConfigurationError`` for one that is not as it should be."""
    return read_toml(path, GroupRules)  # type: ignore[no-any-return]


def load_overrides(path: Path = FILE, day: dt.date | None = None) -> tuple[Override, ...]:
    """The goods list's own rules, as they stood on a day of the city (``None`` = as they stand)."""
    return load_group_rules(path).on(day).overrides


def load_groups(path: Path = FILE, day: dt.date | None = None) -> tuple[SegregationGroup, ...]:
    """The segregation groups of IMDG 3.1.4.4, likewise."""
    return load_group_rules(path).on(day).groups


def rules_edition(day: dt.date, path: Path = FILE) -> Edition:
    """Which edition of groups and rules holds on a day of the city."""
    rules = load_group_rules(path)
    then, until = rules.on(day), min((each.day for each in rules.until if day < each.day), default=None)
    return Edition("rules", then.edition, then.source, file_digest(path), then.confirmed, until)
