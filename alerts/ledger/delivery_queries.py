"""Reading the ledger of deliveries, and putting dead ones back to be tried."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.ledger.chain import head_of
from alerts.ledger.tables import delivery_try, inbound
from alerts.store import Store

#: The columns of a try that its reader sees.
TRY_COLUMNS = (
    "number", "wall", "took_ms", "status", "http_status", "error", "signed_for_by", "signed_for_at", "receipt", "entry",
)  # fmt: skip

Condition = sa.ColumnElement[bool]


class Wanted(msgspec.Struct, frozen=True):
    """Which deliveries: each field narrows, ``None`` does not. ``among`` is a condition on their alarms."""

    status: str | None = None
    channel: str | None = None
    recipient: str | None = None
    among: Any = None

    def narrow(self, query: Any) -> Any:
        """The query over delivery and warning with these conditions."""
        table, said = schema.delivery.c, schema.warning.c
        for column, value in (
            (table.status, self.status),
            (table.channel, self.channel),
            (table.recipient, self.recipient),
        ):
            if value is not None:
                query = query.where(column == value)
        if self.among is not None:
            query = query.join(schema.alarm, schema.alarm.c.id == said.alarm_id).where(self.among)
        return query


class DeliveryQueries:
    """Each call is one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def listed(self, wanted: Wanted, limit: int, before: int | None = None) -> list[dict[str, Any]]:
        """The youngest first, each with its warning's identifier and kind; only those ``before`` this number."""
        said = schema.warning.c
        query = (
            sa.select(schema.delivery, said.identifier, said.alarm_id, said.msg_type, said.severity)
            .join(schema.warning, said.id == schema.delivery.c.warning_id)
            .order_by(schema.delivery.c.id.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(schema.delivery.c.id < before)
        with self._store.read() as connection:
            return [dict(row) for row in connection.execute(wanted.narrow(query)).mappings()]

    def one(self, number: int) -> dict[str, Any] | None:
        """A delivery with the headline of what is said, every try of it, and the CAP messages that answered it."""
        said, table = schema.warning.c, schema.delivery.c
        query = (
            sa.select(schema.delivery, said.identifier, said.alarm_id, said.msg_type, said.severity, said.statement)
            .join(schema.warning, said.id == table.warning_id)
            .where(table.id == number)
        )
        tries = sa.select(*(delivery_try.c[name] for name in TRY_COLUMNS))
        with self._store.read() as connection:
            row = connection.execute(query).mappings().first()
            if row is None:
                return None
            found = connection.execute(tries.where(delivery_try.c.delivery_id == number).order_by(delivery_try.c.id))
            made = [dict(each) for each in found.mappings()]
        view = dict(row)
        statement = msgspec.json.decode(view.pop("statement"))
        return view | {"headline": statement["headline"], "tries": made}

    def replay(self, wanted: Wanted) -> list[int]:
        """Try all dead deliveries of these again at once; which they were."""

        def work(connection: sa.Connection) -> list[int]:
            table = schema.delivery
            query = sa.select(table.c.id).join(schema.warning, schema.warning.c.id == table.c.warning_id)
            dead = wanted.narrow(query).where(table.c.status == "dead").order_by(table.c.id)
            numbers = list(connection.execute(dead).scalars())
            for each in _parts(numbers):
                change = sa.update(table).where(table.c.id.in_(each)).values(status="retrying", next_try=0)
                connection.execute(change)
            return numbers

        return self._store.write(work)

    def received(self, limit: int, before: int | None = None) -> list[dict[str, Any]]:
        """CAP messages that others sent us, the youngest first, without their text; only ``before`` this number."""
        columns = [column for column in inbound.c if column.name != "body"]
        query = sa.select(*columns).order_by(inbound.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(inbound.c.id < before)
        with self._store.read() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def head(self) -> dict[str, Any]:
        """The head of the ledger, as it is published."""
        with self._store.read() as connection:
            head = head_of(connection)
        return {"store": self._store.id, "sequence": head.sequence, "hash": head.hash}


def _parts(numbers: Sequence[int], most: int = 500) -> list[Sequence[int]]:
    return [numbers[place : place + most] for place in range(0, len(numbers), most)]
