"""The numbers by which what was told of custody is kept. The empty name is 0 and stands in no table.

All wordings of one GS1 key (``one_name``) have one number. What stands under it is called by the wording that came
first.
"""

from collections.abc import Collection, Iterable

import numpy as np
import sqlalchemy as sa

from alerts.custody.asking import by_number, many
from alerts.custody.tables import custody_name
from records.digital_link import one_name
from records.links import Array

NAMELESS = 0


def numbers_of(connection: sa.Connection, names: Collection[str]) -> dict[str, int]:
    """The numbers of these names, in whatever wording; one that was never told is left out."""
    one = {name: one_name(name) for name in names}
    known = _known(connection, one.values())
    return {name: known[each] for name, each in one.items() if each in known}


def numbered(connection: sa.Connection, names: Iterable[str]) -> dict[str, int]:
    """The numbers of these names, within a transaction that writes: what has none yet gets the next, in this order."""
    one = {name: one_name(name) for name in names}
    known = _known(connection, one.values())
    last = connection.execute(sa.select(sa.func.max(custody_name.c.number))).scalar() or NAMELESS
    rows = []
    for wording, name in one.items():
        if name not in known:
            known[name] = last = last + 1
            rows.append({"number": last, "name": name, "wording": wording})
    if rows:
        connection.execute(sa.insert(custody_name), rows)
    return {wording: known[name] for wording, name in one.items()}


def names_of(connection: sa.Connection, numbers: Array) -> dict[int, str]:
    """What is called by these numbers, in the wording that came first."""
    table = custody_name.c
    asked = sa.select(table.number, table.wording).where
    found: dict[int, str] = {NAMELESS: ""} if NAMELESS in numbers else {}
    for rows in by_number(connection, table.number, asked, np.unique(numbers)):
        found.update(rows)
    return found


def _known(connection: sa.Connection, names: Collection[str]) -> dict[str, int]:
    table = custody_name.c
    found = dict(many(connection, table.name, sa.select(table.name, table.number).where, set(names)))
    return found | {"": NAMELESS}
