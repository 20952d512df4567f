"""The names under which dangerous goods travel: the list's own, other names of ours, and a pack's own cases."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from topics.errors import ConfigurationError
from topics.goods import FOLDER, GoodsEntry


class Reading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words by which a name is read: ``indifferent`` ones change nothing, what follows
    ``ends`` says what for or whence, ``denials`` say it is something else (the two
    others are Chinese, for what stands just before and just after a name), ``right`` ones are no slips of the pen.
    """

    indifferent: tuple[str, ...]
    ends: tuple[str, ...]
    denials: tuple[str, ...]
    denials_before: tuple[str, ...]
    denials_after: tuple[str, ...]
    right: tuple[str, ...]


class GoodsNames(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names by UN number, in either language, and how a name is read."""

    source: str
    confirmed: bool
    names: dict[str, tuple[str, ...]]
    reading: Reading


class OwnName(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of ``[facts.goods_names]``."""

    un: str
    source: str
    confirmed: bool


def load_goods_names(path: Path = FOLDER / "names.toml") -> GoodsNames:
    """Our own names. Raises ``ConfigurationError`` for a file that is not as it should be."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), GoodsNames)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigurationError(f"{path.name}: {error}") from error


def names_of(goods: Mapping[str, GoodsEntry], known: GoodsNames, facts: Mapping[str, Any]) -> dict[str, list[str]]:
    """All names by UN number: of the goods list, of ours and of a pack. Raises ``ConfigurationError`` for its rows."""
    names = {un: [entry.title.en, entry.title.zh, *(each.name for each in entry.also)] for un, entry in goods.items()}
    for un, more in known.names.items():
        names.setdefault(un, []).extend(more)
    try:
        own = msgspec.convert(facts.get("goods_names", {}), dict[str, OwnName])
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"facts.goods_names: {error}") from error
    for name, row in own.items():
        names.setdefault(row.un, []).append(name)
    return names
