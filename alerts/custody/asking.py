"""Questions about very many names at once, each one statement with one parameter.

A list of parameters is compiled, sent and planned anew for every number of names; an array (PostgreSQL) or a JSON
text (SQLite) is not, and both databases go through it by the index of the column asked for.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

#: Names in one statement: what one answer may hold in memory on its way.
NAMES = 20_000

Window = tuple[int, int]


def parts_of(names: Collection[str]) -> Iterator[list[str]]:
    """Names in portions that one statement takes."""
    ordered = sorted(names)  # as the indexes are: neighbours lie on the same pages
    return (ordered[at : at + NAMES] for at in range(0, len(ordered), NAMES))


def many(
    connection: sa.Connection,
    by: sa.ColumnElement[str],
    asked: Callable[[sa.ColumnElement[bool]], sa.Select[Any]],
    names: Collection[str],
) -> Iterator[Any]:
    """The rows of ``asked`` (given what the names ask of column ``by``), for all names.

    PostgreSQL would rather read a whole table than look up thousands of names; a subquery that it may not join in its
    own way (``OFFSET 0``) makes it look up each.
    """
    sqlite = connection.dialect.name == "sqlite"
    for part in parts_of(names):
        if sqlite:
            given = sa.func.json_each(json.dumps(part)).table_valued("value")
            yield from connection.execute(asked(by.in_(sa.select(given.c.value)))).all()
        else:
            each = sa.func.unnest(sa.bindparam(None, part, type_=ARRAY(sa.Text))).table_valued("name").render_derived()
            rows = asked(by == each.c.name).offset(sa.literal_column("0")).lateral()
            yield from connection.execute(sa.select(rows).select_from(each.join(rows, sa.true()))).all()


def during(
    connection: sa.Connection,
    table: sa.Table,
    columns: Sequence[sa.ColumnElement[Any]],
    windows: Mapping[str, Sequence[Window]],
) -> Iterator[Any]:
    """The rows of a table with ``element`` and ``time`` that lie in an element's own windows (``start <= t < end``,
    ms UTC): what lies outside, however much of it there is, is not even looked at.
    """
    sqlite = connection.dialect.name == "sqlite"
    for part in parts_of(windows):
        rows = [(name, *window) for name in part for window in windows[name]]
        wanted, element, start, end = _windows(rows, sqlite)
        own = sa.and_(table.c.element == element, table.c.time >= start, table.c.time < end)
        if sqlite:
            asked = sa.select(*columns).select_from(wanted.join(table, own))
        else:
            seen = sa.select(*columns).where(own).offset(sa.literal_column("0")).lateral()
            asked = sa.select(seen).select_from(wanted.join(seen, sa.true()))
        yield from connection.execute(asked).all()


def _windows(
    rows: Sequence[tuple[str, int, int]], sqlite: bool
) -> tuple[sa.FromClause, sa.ColumnElement[str], sa.ColumnElement[int], sa.ColumnElement[int]]:
    if sqlite:
        given = sa.func.json_each(json.dumps(rows)).table_valued("value")
        element, start, end = (sa.func.json_extract(given.c.value, f"$[{each}]") for each in range(3))
        return given, element, start, end
    names, starts, ends = zip(*rows, strict=True) if rows else ((), (), ())
    arrays = [
        sa.bindparam(None, list(values), type_=ARRAY(kind))
        for values, kind in ((names, sa.Text), (starts, sa.BigInteger), (ends, sa.BigInteger))
    ]
    wanted = sa.func.unnest(*arrays).table_valued("element", "start", "end").render_derived()
    return wanted, wanted.c.element, wanted.c.start, wanted.c.end
