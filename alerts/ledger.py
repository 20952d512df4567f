"""The ledger of deliveries: what is owed to whom over which channel, every try, and who signed for it.

A delivery is ``pending`` until tried, ``retrying`` after a failure that may pass, ``delivered`` or
``signed-for`` once taken, ``dead`` when refused for good. Nothing leaves the ledger.
"""

from collections.abc import Collection
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.alarm_row import from_row, storable
from alerts.log import log_note
from alerts.sinks.base import Receipt
from alerts.store import Store
from alerts.warnings.statement import Statement

OWED = ("pending", "retrying")

_STATEMENT = msgspec.json.Decoder(Statement)


class Due(msgspec.Struct, frozen=True):
    """One delivery to make now."""

    id: int
    channel: str
    attempts: int
    created: int
    said: Statement


class Outcome(msgspec.Struct, frozen=True):
    """What came of one try: the delivery's status after it, and for a taken one how long it took in all."""

    channel: str
    status: str
    latency_ms: int | None = None


class Ledger:
    """Reads and writes deliveries; each call is one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def due(self, wall_ms: int, limit: int, under_way: Collection[int] = ()) -> list[Due]:
        """What is to be delivered now, the worst first, then the oldest.

        Messages of one chain to one recipient keep their order: an Update waits for its Alert.
        """
        mine, said = schema.delivery.alias(), schema.warning.alias()
        before, earlier = schema.delivery.alias(), schema.warning.alias()
        waits_for = (
            sa.select(before.c.id)
            .join(earlier, earlier.c.id == before.c.warning_id)
            .where(
                before.c.status.in_(OWED),
                before.c.recipient == mine.c.recipient,
                before.c.channel == mine.c.channel,
                earlier.c.alarm_id == said.c.alarm_id,
                earlier.c.number < said.c.number,
            )
        )
        query = (
            sa.select(mine.c.id, mine.c.channel, mine.c.attempts, mine.c.created, said.c.statement)
            .join(said, said.c.id == mine.c.warning_id)
            .where(mine.c.status.in_(OWED), mine.c.next_try <= wall_ms, ~waits_for.exists())
            .where(mine.c.id.not_in(under_way))
            .order_by(mine.c.rank.desc(), mine.c.id)
            .limit(limit)
        )
        with self._store.read() as connection:
            rows = connection.execute(query)
            return [
                Due(row.id, row.channel, row.attempts, row.created, _STATEMENT.decode(row.statement)) for row in rows
            ]

    def taken(self, delivery: int, receipt: Receipt, wall_ms: int) -> None:
        """The recipient has it; with a signature it is signed for."""
        change = {
            "status": "signed-for" if receipt.signed_by else "delivered",
            "http_status": receipt.status,
            "error": "",
            "next_try": None,
            "delivered_at": wall_ms,
            "latency_ms": wall_ms - schema.delivery.c.created,
            "signed_for_by": storable(receipt.signed_by) or None,
            "signed_for_at": receipt.signed_at,
            "receipt": storable(receipt.reference) or None,
        }
        note = ("signed-for" if receipt.signed_by else "delivered", receipt.signed_by or None, receipt.reference)
        self._store.write(lambda connection: self._change(connection, delivery, change, wall_ms, note))

    def failed(self, delivery: int, why: str, wall_ms: int, *, status: int | None, next_try: int | None) -> None:
        """A try failed; without a next one the delivery is dead and the alarm's log says so."""
        change = {
            "status": "retrying" if next_try is not None else "dead",
            "http_status": status,
            "error": storable(why),
            "next_try": next_try,
        }
        note = ("delivery-dead", None, why) if next_try is None else None
        self._store.write(lambda connection: self._change(connection, delivery, change, wall_ms, note))

    def revive(self, delivery: int) -> bool:
        """Try a dead delivery again at once; false where there is no dead one of this number."""
        table = schema.delivery
        change = (
            sa.update(table)
            .where(table.c.id == delivery, table.c.status == "dead")
            .values(status="retrying", next_try=0)
        )
        return self._store.write(lambda connection: connection.execute(change).rowcount) == 1

    def listed(self, status: str | None, limit: int) -> list[dict[str, Any]]:
        """Deliveries with this status (None = any), the youngest first, each with its warning's identifier."""
        table, said = schema.delivery, schema.warning
        query = (
            sa.select(table, said.c.identifier, said.c.alarm_id)
            .join(said, said.c.id == table.c.warning_id)
            .order_by(table.c.id.desc())
            .limit(limit)
        )
        if status is not None:
            query = query.where(table.c.status == status)
        with self._store.read() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def _change(
        self,
        connection: sa.Connection,
        delivery: int,
        change: dict[str, Any],
        wall_ms: int,
        note: tuple[str, str | None, str] | None,
    ) -> None:
        table = schema.delivery
        tried = sa.update(table).where(table.c.id == delivery).values(attempts=table.c.attempts + 1, **change)
        connection.execute(tried)
        if note is None:
            return
        query = (
            sa.select(schema.alarm, schema.warning.c.released)
            .join(schema.warning, schema.warning.c.alarm_id == schema.alarm.c.id)
            .join(table, table.c.warning_id == schema.warning.c.id)
            .where(table.c.id == delivery)
        )
        row = dict(connection.execute(query).mappings().one())
        name, who, text = note
        line = log_note(
            row["id"],
            from_row(row).life,
            name,
            time_ms=row["released"],
            wall_ms=wall_ms,
            who=storable(who) if who else None,
            note=storable(text),
        )
        connection.execute(sa.insert(schema.alarm_log), line)
