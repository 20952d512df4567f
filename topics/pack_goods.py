"""The goods list with what a pack adds to it or says otherwise, on any day, and which editions that makes.

``[facts.goods.NUMBER]`` has the rows of now, ``[facts.goods_until.DAY]`` those of before a day: all of them, not what
differed, since a list of one's own is brought in whole (``goods_list.py``). Rows of a pack go before ours.
"""

import datetime as dt
import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from topics.editions import Edition, back_to, file_digest
from topics.errors import ConfigurationError
from topics.goods import FILE, GoodsEntry, load_goods_file, sound

#: Days whose list is kept put together: those of today, of a replay, and the days before a change.
KEPT_DAYS = 16


class ListBroughtIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[facts.goods_list]``, of the file that was brought in last: its name and its SHA-256 (hex)."""

    source: str
    digest: str
    confirmed: bool


class OlderList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[facts.goods_until.DAY]``: a pack's rows as they were before that day; ``digest`` of the file, if any."""

    day: dt.date
    source: str
    confirmed: bool
    rows: dict[str, dict[str, Any]]
    digest: str = ""


def goods_of(facts: Mapping[str, Any], day: dt.date | None = None) -> dict[str, GoodsEntry]:
    """The goods by UN number with the pack's rows, as they stood on a day of the city (``None`` = as they stand).

    Raises ``ConfigurationError`` naming the row that is wrong.
    """
    older = _older(facts, day)
    rows, where = (facts.get("goods", {}), "facts.goods") if older is None else (older.rows, _where(older))
    goods = dict(_ours(day))
    for un, row in rows.items():
        try:
            goods[un] = sound(msgspec.convert({"un": un, **row}, GoodsEntry), f"{where}.{un}")
        except (msgspec.ValidationError, TypeError) as error:
            raise ConfigurationError(f"{where}.{un}: {error}") from error
    return goods


def goods_editions(facts: Mapping[str, Any], day: dt.date) -> tuple[Edition, ...]:
    """The edition of our list that holds on a day, and that of the pack's own rows where it has any then. Raises
    ``ConfigurationError`` for tables of the pack that cannot be read.
    """
    ours = load_goods_file()
    then, until = ours.on(day), min((each.day for each in ours.until if day < each.day), default=None)
    found = [Edition("goods", then.edition, then.source, file_digest(FILE), then.confirmed, until)]
    older = _older(facts, day)
    if older is not None:
        digest = older.digest or _rows_digest(older.rows)
        if older.rows:
            found.append(Edition("own-goods", older.source, older.source, digest, older.confirmed, older.day))
    elif rows := facts.get("goods", {}):
        brought = _brought_in(facts)
        if brought is None:
            said = "; ".join(sorted({str(row.get("source", "")) for row in rows.values()}))
            sure = all(row.get("confirmed", False) for row in rows.values())
            brought = ListBroughtIn(said, _rows_digest(rows), sure)
        found.append(Edition("own-goods", brought.source, brought.source, brought.digest, brought.confirmed))
    return tuple(found)


def goods_days(facts: Mapping[str, Any]) -> set[dt.date]:
    """The days from which the list, ours or the pack's, reads otherwise than before."""
    return {each.day for each in load_goods_file().until} | {each.day for each in _all_older(facts)}


@lru_cache(maxsize=KEPT_DAYS)
def _ours(day: dt.date | None) -> Mapping[str, GoodsEntry]:
    """The product's own list, put together once a day: it is asked for with every declaration."""
    return {each.un: each for each in load_goods_file().on(day).goods}


def _older(facts: Mapping[str, Any], day: dt.date | None) -> OlderList | None:
    """The pack's rows of a day, where they are not those of now."""
    return next(reversed(list(back_to(day, _all_older(facts)))), None)


def _all_older(facts: Mapping[str, Any]) -> list[OlderList]:
    found = []
    for day, table in facts.get("goods_until", {}).items():
        try:
            found.append(msgspec.convert({"day": day, **table}, OlderList))
        except (msgspec.ValidationError, TypeError) as error:
            raise ConfigurationError(f"facts.goods_until.{day}: {error}") from error
    return found


def _brought_in(facts: Mapping[str, Any]) -> ListBroughtIn | None:
    try:
        return msgspec.convert(facts["goods_list"], ListBroughtIn) if "goods_list" in facts else None
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"facts.goods_list: {error}") from error


def _where(older: OlderList) -> str:
    return f"facts.goods_until.{older.day}.rows"


def _rows_digest(rows: Mapping[str, Any]) -> str:
    """Of rows that no file was named for: of their JSON, keys in order."""
    return hashlib.sha256(msgspec.json.encode(rows, order="sorted")).hexdigest()
