"""Questions about very many names at once, each one statement with one parameter.

A list of parameters is compiled, sent and planned anew for every number of names; an array (PostgreSQL) or a JSON
text (SQLite) is not, and both databases go through it by the index of the column asked for.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from records.custody import END

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
    """The rows of ``asked`` (given what the names ask of column ``by``), for all names, as the driver gives them.

    PostgreSQL would rather read a whole table than look up thousands of names; a subquery that it may not join in its
    own way (``OFFSET 0``) makes it look up each.
    """
    sqlite = connection.dialect.name == "sqlite"
    for part in parts_of(names):
        if sqlite:
            given = sa.func.json_each(_json(part)).table_valued("value")
            yield from rows_of(connection, asked(by.in_(sa.select(given.c.value))))
        else:
            each = sa.func.unnest(sa.bindparam(None, part, type_=ARRAY(sa.Text))).table_valued("name").render_derived()
            rows = asked(by == each.c.name).offset(sa.literal_column("0")).lateral()
            yield from rows_of(connection, sa.select(rows).select_from(each.join(rows, sa.true())))


def during(
    connection: sa.Connection,
    table: sa.Table,
    columns: Sequence[sa.ColumnElement[Any]],
    windows: Mapping[str, Sequence[Window]],
    by: Sequence[sa.ColumnElement[Any]] = (),
) -> Iterator[Any]:
    """The rows of a table with ``element`` and ``time`` that lie in an element's own windows (``start <= t < end``,
    ms UTC): what lies outside, however much of it there is, is not even looked at. ``by``: one row for each of these,
    the element among them.
    """
    for part in parts_of(windows):
        for wanted, element, start, end in _windows(part, windows, connection.dialect.name == "sqlite"):
            own = sa.and_(table.c.element == element, table.c.time >= start, table.c.time < end)
            if connection.dialect.name == "sqlite":
                asked = sa.select(*columns).select_from(wanted.join(table, own)).group_by(*by)
            else:
                seen = sa.select(*columns).where(own).group_by(*by).offset(sa.literal_column("0")).lateral()
                asked = sa.select(seen).select_from(wanted.join(seen, sa.true()))
            yield from rows_of(connection, asked)


def rows_of(connection: sa.Connection, asked: sa.Select[Any]) -> list[tuple[Any, ...]]:
    """All rows as the driver gives them: a row of SQLAlchemy's for each of a hundred thousand names costs more than
    their look-up. For columns that need no conversion (text, whole numbers) alone.
    """
    with connection.execute(asked) as result:
        return list(result.cursor.fetchall())


def _json(names: Any) -> str:
    return msgspec.json.encode(names).decode()


_Wanted = tuple[sa.FromClause, sa.ColumnElement[str], sa.ColumnElement[int], sa.ColumnElement[int]]


def _windows(names: Sequence[str], windows: Mapping[str, Sequence[Window]], sqlite: bool) -> Iterator[_Wanted]:
    """Tables of the windows of these names, with their columns ``element``, ``start`` and ``end``."""
    if sqlite:
        # A pair of a JSON object is had without reading its value again: most have one window that does not end.
        lasting = {
            name: windows[name][0][0] for name in names if len(windows[name]) == 1 and windows[name][0][1] == END
        }
        given = sa.func.json_each(_json(lasting)).table_valued("key", "value")
        yield given, given.c.key, given.c.value, sa.literal(END)
        rows = [(name, *window) for name in names if name not in lasting for window in windows[name]]
        given = sa.func.json_each(_json(rows)).table_valued("value")
        element, start, end = (sa.func.json_extract(given.c.value, f"$[{each}]") for each in range(3))
        yield given, element, start, end
        return
    rows = [(name, *window) for name in names for window in windows[name]]
    each, starts, ends = zip(*rows, strict=True) if rows else ((), (), ())
    arrays = [
        sa.bindparam(None, list(values), type_=ARRAY(kind))
        for values, kind in ((each, sa.Text), (starts, sa.BigInteger), (ends, sa.BigInteger))
    ]
    wanted = sa.func.unnest(*arrays).table_valued("element", "start", "end").render_derived()
    yield wanted, wanted.c.element, wanted.c.start, wanted.c.end
