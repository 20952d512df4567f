"""CAP messages that others send us: the receipt that comes hours after the delivery, a refusal, a warning of theirs.

An Ack signs for the warning it refers to, an Error makes its delivery dead, anything else is kept on record and
acknowledged. A message is known by sender and identifier: what comes again changes nothing, and the same name with
another text is refused.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.alarm_row import from_row, storable
from alerts.flood.joined import made_by_digest
from alerts.ledger.chain import INBOUND, write_chained, write_log
from alerts.ledger.tables import inbound
from alerts.log import log_note
from alerts.store import Store
from alerts.warnings.cap_answer import Answer

#: The channel on which a bureau answers in CAP; where a warning did not go over it, all its deliveries are meant.
CAP_CHANNEL = "cap"

Outcome = Literal["signed-for", "already-signed", "refused", "kept", "unknown-reference", "repeated"]


class Conflict(ValueError):
    """The name of this message was used before, for another one."""


class Received(msgspec.Struct, frozen=True):
    """What a message did: to which deliveries and alarms (ids)."""

    outcome: Outcome
    deliveries: tuple[int, ...] = ()
    alarms: tuple[str, ...] = ()


class Inbox:
    """Takes messages in. ``wall_ms`` gives the wall time."""

    def __init__(self, store: Store, wall_ms: Callable[[], int]) -> None:
        self._store = store
        self._wall_ms = wall_ms

    def take(self, message: Answer, body: str) -> Received:
        """Keep a message and do what it says, in one transaction. Raises ``Conflict``."""
        return self._store.write(lambda connection: self._take(connection, message, storable(body)))

    def _take(self, connection: sa.Connection, message: Answer, body: str) -> Received:
        name = (inbound.c.sender == message.sender) & (inbound.c.identifier == message.identifier)
        known = connection.execute(sa.select(inbound.c.body).where(name)).scalar()
        if known is not None:
            if known != body:
                raise Conflict(f"CAP {message.identifier} of {message.sender}: was used before, for another message")
            return Received("repeated")
        received = self._answer(connection, message) if message.msg_type in ("Ack", "Error") else Received("kept")
        row = {
            "sender": storable(message.sender),
            "identifier": storable(message.identifier),
            "msg_type": message.msg_type,
            "sent": message.sent,
            "received": self._wall_ms(),
            "who": storable(message.source or message.sender),
            "note": storable(message.note),
            "outcome": received.outcome,
            "body": body,
        }
        write_chained(connection, inbound, INBOUND, [row])
        return received

    def _answer(self, connection: sa.Connection, message: Answer) -> Received:
        table, said = schema.delivery.c, schema.warning.c
        query = (
            sa.select(table.id, table.channel, table.status, said.id.label("warning"), said.alarm_id, said.released)
            .join(schema.warning, said.id == table.warning_id)
            .where(said.identifier.in_(message.references) | table.id.in_(made_by_digest(message.references)))
            .order_by(table.id)
        )
        rows = _meant(connection.execute(query).all())
        if not rows:
            return Received("unknown-reference")
        open_rows = [row for row in rows if row.status != "signed-for"]
        alarms = tuple(dict.fromkeys(row.alarm_id for row in rows))
        if not open_rows:
            return Received("already-signed", tuple(row.id for row in rows), alarms)
        numbers = [row.id for row in open_rows]
        change = self._signed(message) if message.msg_type == "Ack" else self._refused(message)
        connection.execute(sa.update(schema.delivery).where(table.id.in_(numbers)).values(**change))
        self._log(connection, message, open_rows)
        return Received("signed-for" if message.msg_type == "Ack" else "refused", tuple(numbers), alarms)

    def _signed(self, message: Answer) -> dict[str, Any]:
        """An Ack proves that the warning has arrived, whatever became of our own call."""
        table, now = schema.delivery.c, self._wall_ms()
        return {
            "status": "signed-for",
            "error": "",
            "next_try": None,
            "delivered_at": sa.func.coalesce(table.delivered_at, now),
            "latency_ms": sa.func.coalesce(table.latency_ms, now - table.created),
            "signed_for_by": storable(message.source or message.sender),
            "signed_for_at": message.sent,
            "receipt": storable(message.identifier),
        }

    def _refused(self, message: Answer) -> dict[str, Any]:
        return {"status": "dead", "next_try": None, "error": storable(f"{message.sender} refused it: {message.note}")}

    def _log(self, connection: sa.Connection, message: Answer, rows: Sequence[Any]) -> None:
        """Its city time is that of the release, as for an answer that comes at once."""
        names = {row.alarm_id for row in rows}
        found = connection.execute(sa.select(schema.alarm).where(schema.alarm.c.id.in_(names))).mappings()
        alarms = {row["id"]: from_row(dict(row)) for row in found}
        signed = message.msg_type == "Ack"
        lines = [
            log_note(
                row.alarm_id,
                alarms[row.alarm_id].life,
                "signed-for" if signed else "delivery-dead",
                time_ms=row.released,
                wall_ms=self._wall_ms(),
                who=storable(message.source or message.sender),
                note=storable(message.identifier if signed else message.note),
            )
            for row in rows
        ]
        write_log(connection, lines)


def _meant(rows: Sequence[Any]) -> list[Any]:
    """Of each warning the delivery over CAP, or all where there is none."""
    over_cap = {row.warning for row in rows if row.channel == CAP_CHANNEL}
    return [row for row in rows if row.channel == CAP_CHANNEL or row.warning not in over_cap]
