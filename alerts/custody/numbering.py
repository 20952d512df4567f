"""The numbers by which what was told of custody is kept. The empty name is 0 and stands in no table."""

from collections.abc import Collection, Iterable

import numpy as np
import sqlalchemy as sa

from alerts.custody.asking import by_number, many
from alerts.custody.tables import custody_name
from records.links import Array

NAMELESS = 0


def numbers_of(connection: sa.Connection, names: Collection[str]) -> dict[str, int]:
    """The numbers of these names; one that was never told is left out."""
    table = custody_name.c
    found = dict(many(connection, table.name, sa.select(table.name, table.number).where, set(names)))
    return found | {"": NAMELESS} if "" in names else found


def numbered(connection: sa.Connection, names: Iterable[str]) -> dict[str, int]:
    """The numbers of these names, within a transaction that writes: what has none yet gets the next, in this order."""
    ordered = dict.fromkeys(names)
    found = numbers_of(connection, ordered.keys())
    last = connection.execute(sa.select(sa.func.max(custody_name.c.number))).scalar() or NAMELESS
    new = {name: number for number, name in enumerate((each for each in ordered if each not in found), start=last + 1)}
    if new:
        rows = [{"number": number, "name": name} for name, number in new.items()]
        connection.execute(sa.insert(custody_name), rows)
    return found | new


def names_of(connection: sa.Connection, numbers: Array) -> dict[int, str]:
    """The names that these numbers stand for."""
    table = custody_name.c
    asked = sa.select(table.number, table.name).where
    found: dict[int, str] = {NAMELESS: ""} if NAMELESS in numbers else {}
    for rows in by_number(connection, table.number, asked, np.unique(numbers)):
        found.update(rows)
    return found
