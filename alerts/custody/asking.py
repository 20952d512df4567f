"""Questions about very many names at once, each one statement with one parameter.

A list of parameters is compiled, sent and planned anew for every number of names; an array (PostgreSQL) or a JSON
text (SQLite) is not, and both databases go through it by the index of the column asked for. PostgreSQL would rather
read a whole table than look up thousands of names; a subquery that it may not join in its own way (``OFFSET 0``)
makes it look up each.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Any

import msgspec
import numpy as np
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from records.custody import END
from records.joins import Windows
from records.links import Array, columns

#: Names in one statement. Of twice as many PostgreSQL thinks it worth while to compile it, which takes longer than
#: to answer it.
NAMES = 10_000
#: More than so many numbers, of which one in so many or more is asked for, PostgreSQL goes through as one stretch of
#: the index, in half the time that it takes to look up each.
FEW, DENSE = 1_000, 4
#: Rows taken off the driver at once.
ROWS = 500

Asked = Callable[[sa.ColumnElement[bool]], sa.Select[Any]]


def parts_of(names: Collection[str]) -> Iterator[list[str]]:
    """Names in portions that one statement takes."""
    ordered = sorted(names)  # as the indexes are: neighbours lie on the same pages
    return (ordered[at : at + NAMES] for at in range(0, len(ordered), NAMES))


def many(
    connection: sa.Connection, by: sa.ColumnElement[str], asked: Asked, names: Collection[str]
) -> Iterator[tuple[Any, ...]]:
    """The rows of ``asked`` (given what the names ask of column ``by``), for all names, as the driver gives them."""
    for part in parts_of(names):
        if connection.dialect.name == "sqlite":
            yield from rows_of(connection, asked(_listed(by, part)))
        else:
            yield from rows_of(connection, _each(by, asked, sa.bindparam(None, part, type_=ARRAY(sa.Text))))


def by_number(
    connection: sa.Connection, by: sa.ColumnElement[int], asked: Asked, numbers: Array
) -> Iterator[list[tuple[Any, ...]]]:
    """As ``many`` for numbers, given in ascending order; a portion of rows at a time."""
    return (rows_of(connection, each) for each in _by_number(connection, by, asked, numbers))


def columns_by_number(
    connection: sa.Connection, by: sa.ColumnElement[int], asked: sa.Select[Any], numbers: Array
) -> list[Array]:
    """The rows of a question whose answer is whole numbers, as columns; ``numbers`` ascend."""
    width = len(asked.selected_columns)
    parts = [_columns(connection, each, width) for each in _by_number(connection, by, asked.where, numbers)]
    return list(np.concatenate([columns((), width), *parts], axis=1))


def during(
    connection: sa.Connection, table: sa.Table, wanted: Sequence[sa.ColumnElement[Any]], windows: Windows
) -> list[Array]:
    """The rows of a table with ``element`` and ``time`` that lie in an element's own windows, as columns: what lies
    outside, however much of it there is, is not even looked at. No two windows of an element touch.
    """
    parts = [columns((), len(wanted))]
    for at in range(0, len(windows.of), NAMES):
        part = Windows(*(column[at : at + NAMES] for column in windows))
        for given, element, start, end in _windows(part, connection.dialect.name == "sqlite"):
            own = sa.and_(table.c.element == element, table.c.time >= start, table.c.time < end)
            if connection.dialect.name == "sqlite":
                asked = sa.select(*wanted).select_from(given.join(table, own))
            else:
                seen = sa.select(*wanted).where(own).offset(sa.literal_column("0")).lateral()
                asked = sa.select(seen).select_from(given.join(seen, sa.true()))
            parts.append(_columns(connection, asked, len(wanted)))
    return list(np.concatenate(parts, axis=1))


def rows_of(connection: sa.Connection, asked: sa.Select[Any]) -> list[tuple[Any, ...]]:
    """All rows as the driver gives them: a row of SQLAlchemy's for each of a hundred thousand names costs more than
    their look-up. For columns that need no conversion (text, whole numbers) alone.
    """
    with connection.execute(asked) as result:
        return list(result.cursor.fetchall())


def _columns(connection: sa.Connection, asked: sa.Select[Any], width: int) -> Array:
    """Whole numbers a few rows at a time: hundreds of thousands of rows at once call the collector of cycles."""
    with connection.execute(asked) as result:
        few = partial(result.cursor.fetchmany, ROWS)
        return columns(chain.from_iterable(iter(few, [])), width)


def _by_number(
    connection: sa.Connection, by: sa.ColumnElement[int], asked: Asked, numbers: Array
) -> Iterator[sa.Select[Any]]:
    for at in range(0, len(numbers), NAMES):
        part = numbers[at : at + NAMES].tolist()
        if connection.dialect.name == "sqlite":
            yield asked(_listed(by, part))
        elif len(part) > FEW and part[-1] - part[0] < DENSE * len(part):
            # As a condition of its own it is not turned into look-ups again, but into a table of the wanted.
            wanted = by.in_(sa.select(sa.func.unnest(_array(part)))).is_(True)
            yield asked(sa.and_(by.between(part[0], part[-1]), wanted))
        else:
            yield _each(by, asked, _array(part))


def _listed(by: sa.ColumnElement[Any], part: Sequence[Any]) -> sa.ColumnElement[bool]:
    given = sa.func.json_each(_json(part)).table_valued("value")
    return by.in_(sa.select(given.c.value))


def _each(by: sa.ColumnElement[Any], asked: Asked, array: sa.ColumnElement[Any]) -> sa.Select[Any]:
    given = sa.func.unnest(array).table_valued("name").render_derived()
    rows = asked(by == given.c.name).offset(sa.literal_column("0")).lateral()
    return sa.select(rows).select_from(given.join(rows, sa.true()))


def _array(numbers: Sequence[int]) -> sa.ColumnElement[Any]:
    """Whole numbers as PostgreSQL writes them: the driver's own way goes number by number."""
    return sa.cast(sa.bindparam(None, "{" + _json(numbers)[1:-1] + "}", type_=sa.Text), ARRAY(sa.BigInteger))


def _json(values: Any) -> str:
    return msgspec.json.encode(values).decode()


_Given = tuple[sa.FromClause, sa.ColumnElement[int], sa.ColumnElement[int], sa.ColumnElement[int]]


def _windows(windows: Windows, sqlite: bool) -> Iterator[_Given]:
    """Tables of these windows, with their columns ``element``, ``start`` and ``end``."""
    if not sqlite:
        arrays = [_array(column.tolist()) for column in windows]
        given = sa.func.unnest(*arrays).table_valued("element", "start", "end").render_derived()
        yield given, given.c.element, given.c.start, given.c.end
        return
    # A pair of a JSON object is had without reading its value again: most have a window that does not end.
    lasting = windows.end == END
    of, start = windows.of[lasting].tolist(), windows.start[lasting].tolist()
    pairs = sa.func.json_each(_json(dict(zip(of, start, strict=True)))).table_valued("key", "value")
    yield pairs, sa.cast(pairs.c.key, sa.BigInteger), pairs.c.value, sa.literal(END)
    rows = list(zip(*(column[~lasting].tolist() for column in windows), strict=True))
    given = sa.func.json_each(_json(rows)).table_valued("value")
    element, start_, end = (sa.func.json_extract(given.c.value, f"$[{each}]") for each in range(3))
    yield given, element, start_, end
