"""The ledger of deliveries: what is owed to whom over which channel, every try, and who signed for it.

A delivery is ``pending`` until tried, ``retrying`` after a failure that may pass, ``delivered`` or
``signed-for`` once taken, ``dead`` when refused for good; it is owed as long as it has a ``next_try``.
Nothing leaves the ledger.
"""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.alarm_row import AlarmRow, from_row, storable
from alerts.flood.joined import in_open_digest
from alerts.ledger.chain import TRY, write_chained, write_log
from alerts.ledger.chain_order import earlier_owed
from alerts.ledger.tables import delivery_try
from alerts.log import log_note
from alerts.sinks.base import Receipt
from alerts.store import Store
from alerts.warnings.statement import Statement

_STATEMENT = msgspec.json.Decoder(Statement)


class Due(msgspec.Struct, frozen=True):
    """One delivery to make now."""

    id: int
    channel: str
    attempts: int
    created: int
    said: Statement


class Tried(msgspec.Struct, frozen=True):
    """One try and what came of it: a receipt, or ``why`` not and when to try next (None = never).

    ``http_status`` is what was really answered (SMTP's reply code on e-mail); ``took_ms`` is how long the try took.
    """

    due: Due
    wall_ms: int
    receipt: Receipt | None = None
    why: str = ""
    http_status: int | None = None
    next_try: int | None = None
    took_ms: int | None = None

    @property
    def status(self) -> str:
        """The delivery's status after this try."""
        if self.receipt is None:
            return "dead" if self.next_try is None else "retrying"
        return "signed-for" if self.receipt.signed_by else "delivered"

    @property
    def latency_ms(self) -> int | None:
        """From release to receipt, ``None`` where there is no receipt."""
        return None if self.receipt is None else self.wall_ms - self.due.created


class Ledger:
    """Reads and writes deliveries; each call is one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def due(self, wall_ms: int, limit: int, under_way: Collection[int] = ()) -> list[Due]:
        """What is to be delivered now, the worst first, then the oldest.

        Messages of one chain to one recipient keep their order: an Update waits for its Alert. What a digest makes
        (alerts/flood/digests.py) is not made here as well.
        """
        mine, said = schema.delivery.alias(), schema.warning.alias()
        query = (
            sa.select(mine.c.id, mine.c.channel, mine.c.attempts, mine.c.created, said.c.statement)
            .join(said, said.c.id == mine.c.warning_id)
            .where(mine.c.next_try.is_not(None), mine.c.next_try <= wall_ms, ~earlier_owed(mine, said))
            .where(mine.c.id.not_in(under_way), ~in_open_digest(mine.c.id))
            .order_by(mine.c.precedence, mine.c.id)
            .limit(limit)
        )
        with self._store.read() as connection:
            rows = connection.execute(query)
            return [
                Due(row.id, row.channel, row.attempts, row.created, _STATEMENT.decode(row.statement)) for row in rows
            ]

    def record(self, tries: Sequence[Tried]) -> None:
        """Write down what came of these tries; what ended well or for good stands in the alarm's log too."""
        self._store.write(lambda connection: _record(connection, tries))

    def revive(self, delivery: int) -> bool:
        """Try a dead delivery again at once; false where there is no dead one of this number."""
        table = schema.delivery
        change = (
            sa.update(table)
            .where(table.c.id == delivery, table.c.status == "dead")
            .values(status="retrying", next_try=0)
        )
        return self._store.write(lambda connection: connection.execute(change).rowcount) == 1

    def listed(
        self, status: str | None, limit: int, among: sa.ColumnElement[bool] | None = None
    ) -> list[dict[str, Any]]:
        """Deliveries with this status (None = any), the youngest first, each with its warning's identifier.

        ``among`` is a condition on the alarms they are about, ``None`` = all.
        """
        table, said = schema.delivery, schema.warning
        query = (
            sa.select(table, said.c.identifier, said.c.alarm_id)
            .join(said, said.c.id == table.c.warning_id)
            .order_by(table.c.id.desc())
            .limit(limit)
        )
        if status is not None:
            query = query.where(table.c.status == status)
        if among is not None:
            query = query.join(schema.alarm, schema.alarm.c.id == said.c.alarm_id).where(among)
        with self._store.read() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]


def told(alarms: Collection[str]) -> sa.Select[str, str]:
    """Of these alarms, (alarm, authority) of every chain of which some message has been delivered."""
    said, sent = schema.warning.c, schema.delivery.c
    return (
        sa.select(said.alarm_id, said.authority)
        .join(schema.delivery, sent.warning_id == said.id)
        .where(said.alarm_id.in_(alarms), sent.delivered_at.is_not(None))
        .distinct()
    )


def _record(connection: sa.Connection, tries: Sequence[Tried]) -> None:
    table = schema.delivery
    # Whoever has signed meanwhile (inbound.py) keeps it, whatever became of our own call.
    change = sa.update(table).where(table.c.id == sa.bindparam("which"), table.c.signed_for_by.is_(None))
    connection.execute(change, [_columns(each) for each in tries])
    counted = table.c.id.in_([each.due.id for each in tries])
    connection.execute(sa.update(table).where(counted).values(attempts=table.c.attempts + 1))
    _write_tries(connection, tries)
    ended = [each for each in tries if each.next_try is None]
    if not ended:
        return
    names = {each.due.said.alarm for each in ended}
    rows = connection.execute(sa.select(schema.alarm).where(schema.alarm.c.id.in_(names))).mappings()
    alarms = {row["id"]: from_row(dict(row)) for row in rows}
    write_log(connection, [_line(each, alarms[each.due.said.alarm]) for each in ended])


def _write_tries(connection: sa.Connection, tries: Sequence[Tried]) -> None:
    """Each try is a line of its own, chained, and vouches for what was said to whom over which channel."""
    rows, more = [], {}
    for place, each in enumerate(tries):
        columns = _columns(each)
        taken = ("status", "http_status", "error", "signed_for_by", "signed_for_at", "receipt")
        rows.append(
            {"delivery_id": each.due.id, "number": each.due.attempts + 1, "wall": each.wall_ms, "took_ms": each.took_ms}
            | {name: columns[name] for name in taken}
        )
        said = each.due.said
        more[place] = {"identifier": said.identifier, "recipient": said.authority, "channel": each.due.channel}
    write_chained(connection, delivery_try, TRY, rows, more)


def _columns(tried: Tried) -> dict[str, Any]:
    receipt = tried.receipt or Receipt()
    return {
        "which": tried.due.id,
        "status": tried.status,
        "http_status": receipt.status if tried.receipt is not None else tried.http_status,
        "error": storable(tried.why),
        "next_try": tried.next_try,
        "delivered_at": tried.wall_ms if tried.receipt is not None else None,
        "latency_ms": tried.latency_ms,
        "signed_for_by": storable(receipt.signed_by) or None,
        "signed_for_at": receipt.signed_at,
        "receipt": storable(receipt.reference) or None,
    }


def _line(tried: Tried, alarm: AlarmRow) -> dict[str, Any]:
    """The log's line: who signed for what, or why it is dead. Its city time is that of the release."""
    receipt = tried.receipt
    return log_note(
        alarm.id,
        alarm.life,
        "delivery-dead" if receipt is None else tried.status,
        time_ms=tried.due.said.sent,
        wall_ms=tried.wall_ms,
        who=storable(receipt.signed_by) or None if receipt is not None else None,
        note=storable(tried.why if receipt is None else receipt.reference),
    )
