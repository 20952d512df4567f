"""The names that warnings bear in the form of GB/T 35965: a second of city time and a digit, each given once for ever.

Ten names a second are all that the form has. In a flood the next free one is taken, which then shows a later second
than the warning's own ``sendTime``.
"""

from collections.abc import Mapping

import sqlalchemy as sa

from alerts.ledger.tables import gb_name
from alerts.store import Store
from alerts.warnings.gbt35965 import gb_identifier
from alerts.warnings.statement import Statement


class GbNames:
    """Gives names under ``sender_code``."""

    def __init__(self, store: Store, sender_code: str) -> None:
        self._store = store
        self._sender_code = sender_code

    def names(self, said: Statement) -> Mapping[str, str]:
        """The names of a warning and of all it refers to, by our identifiers; the same whenever asked again.

        Raises ``ValueError`` for a sender code that is none.
        """
        sent = {each.identifier: each.sent for each in said.references} | {said.identifier: said.sent}
        slots = self._store.write(lambda connection: _slots(connection, sent))
        return {identifier: gb_identifier(self._sender_code, slot) for identifier, slot in slots.items()}


def _slots(connection: sa.Connection, sent: Mapping[str, int]) -> dict[str, int]:
    table = gb_name.c
    query = sa.select(table.identifier, table.slot).where(table.identifier.in_(sent))
    slots = {row.identifier: row.slot for row in connection.execute(query)}
    for identifier, time_ms in sent.items():
        if identifier not in slots:
            slots[identifier] = _free(connection, time_ms // 1000 * 10)
            connection.execute(sa.insert(gb_name), {"slot": slots[identifier], "identifier": identifier})
    return slots


def _free(connection: sa.Connection, least: int) -> int:
    """The first slot from ``least`` on that nobody has."""
    table, after = gb_name.c, gb_name.alias().c
    if connection.execute(sa.select(table.slot).where(table.slot == least)).scalar() is None:
        return least
    last = (
        sa.select(table.slot)
        .where(table.slot >= least, ~sa.select(after.slot).where(after.slot == table.slot + 1).exists())
        .order_by(table.slot)
        .limit(1)
    )
    return int(connection.execute(last).scalar_one()) + 1
