"""Digests in the store: what waited is joined when its time has come, and a digest is made again until it is taken.

A digest is written down before it is sent, so that it goes out again with the same identifier and the same
content whatever moment the process dies in. Its deliveries stay deliveries: each is owed, tried, signed for
and listed by itself.
"""

import hashlib
from collections.abc import Collection
from itertools import groupby, islice
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.flood.digest import Colour, digest_of
from alerts.flood.tables import digest, digest_item
from alerts.ledger import Due
from alerts.ledger.chain_order import earlier_owed
from alerts.store import Store
from alerts.warnings.statement import Statement

#: Warnings of one digest: a message somebody can still read, and a transaction nobody waits for.
MOST = 200
#: One that waited alone goes out by itself.
LEAST = 2
#: Deliveries gathered in one go, and digests sent at the same time.
AT_ONCE = 1_000
PARALLEL = 4

_STATEMENT = msgspec.json.Decoder(Statement)

#: Each digest beside the deliveries it makes.
_DIGESTS = digest.join(digest_item, digest_item.c.digest_id == digest.c.id).join(
    schema.delivery, schema.delivery.c.id == digest_item.c.delivery_id
)
#: Each delivery that is made by a digest, beside the warning it delivers.
_DELIVERIES = digest_item.join(schema.delivery, schema.delivery.c.id == digest_item.c.delivery_id).join(
    schema.warning, schema.warning.c.id == schema.delivery.c.warning_id
)


class Digest(msgspec.Struct, frozen=True):
    """One digest to send now over ``channel``, and the deliveries it makes."""

    id: int
    channel: str
    said: Statement
    deliveries: list[Due]


class Digests:
    """Joins and finds digests; ``sender`` is our name in warnings, ``colour`` gives the title of a level's code."""

    def __init__(self, store: Store, sender: str, colour: Colour) -> None:
        self._store = store
        self._sender = sender
        self._colour = colour

    def due(self, wall_ms: int, under_way: Collection[int] = (), alone: Collection[int] = ()) -> list[Digest]:
        """What is to be sent now, beside the digests ``under_way`` (by number).

        ``alone`` are the deliveries that are under way by themselves: they must not go out joined as well.
        """
        with self._store.read() as connection:
            some = connection.execute(_ripe(wall_ms, alone).limit(LEAST)).first() is not None
        if some:
            self._store.write(lambda connection: self._join(connection, wall_ms, alone))
        return self._open(wall_ms, under_way)

    def refuse(self, number: int) -> None:
        """The recipient would not have this one: its deliveries go one by one."""
        self._store.write(lambda connection: _set(connection, [number], "refused"))

    def _join(self, connection: sa.Connection, wall_ms: int, alone: Collection[int]) -> None:
        rows = connection.execute(_ripe(wall_ms, alone).limit(AT_ONCE)).all()
        for (recipient, channel), waited in groupby(rows, key=lambda row: (row.recipient, row.channel)):
            while len(part := list(islice(waited, MOST))) >= LEAST:
                self._write(connection, recipient, channel, part, wall_ms)

    def _write(self, connection: sa.Connection, recipient: str, channel: str, rows: list[Any], wall_ms: int) -> None:
        # Named by its first delivery, which is in no other digest.
        name = f"{self._sender}-{self._store.id}-digest-{_short(recipient)}-{rows[0].id}-{channel}"
        said = digest_of([_STATEMENT.decode(row.statement) for row in rows], name, self._colour)
        number = connection.execute(
            sa.insert(digest).returning(digest.c.id),
            {
                "identifier": name, "recipient": recipient, "channel": channel, "status": "open",
                "created": wall_ms, "statement": msgspec.json.encode(said).decode(),
            },
        ).scalar_one()  # fmt: skip
        connection.execute(sa.insert(digest_item), [{"delivery_id": row.id, "digest_id": number} for row in rows])

    def _open(self, wall_ms: int, under_way: Collection[int]) -> list[Digest]:
        """Those of which all that is owed has come due; those of which nothing is owed any more are closed."""
        next_try = schema.delivery.c.next_try  # none where nothing is owed any more
        query = (
            sa.select(digest.c.id, sa.func.count(next_try).label("owed"), sa.func.max(next_try).label("due"))
            .select_from(_DIGESTS)
            .where(digest.c.status == "open", digest.c.id.not_in(under_way))
            .group_by(digest.c.id)
            .order_by(digest.c.id)
        )
        with self._store.read() as connection:
            rows = connection.execute(query).all()
            ready = [row.id for row in rows if row.owed and row.due <= wall_ms]
            room = max(0, PARALLEL - len(under_way))
            found = [self._read(connection, number) for number in ready[:room]]
        done = [row.id for row in rows if not row.owed]
        if done:
            self._store.write(lambda connection: _set(connection, done, "closed"))
        return found

    def _read(self, connection: sa.Connection, number: int) -> Digest:
        sent = schema.delivery.c
        whole = connection.execute(sa.select(digest.c.channel, digest.c.statement).where(digest.c.id == number)).one()
        query = (
            sa.select(sent.id, sent.channel, sent.attempts, sent.created, schema.warning.c.statement)
            .select_from(_DELIVERIES)
            .where(digest_item.c.digest_id == number, sent.next_try.is_not(None))
            .order_by(sent.id)
        )
        deliveries = [
            Due(row.id, row.channel, row.attempts, row.created, _STATEMENT.decode(row.statement))
            for row in connection.execute(query)
        ]
        return Digest(number, whole.channel, _STATEMENT.decode(whole.statement), deliveries)


def _ripe(wall_ms: int, alone: Collection[int]) -> sa.Select[Any]:
    """What waited to be joined and whose time has come, by recipient and channel, the oldest first.

    A message whose chain has an earlier one that is owed and goes out another way waits for that.
    """
    mine, said = schema.delivery.alias(), schema.warning.alias()
    waits = earlier_owed(mine, said, lambda before: ~_waited(before, wall_ms))
    return (
        sa.select(mine.c.id, mine.c.recipient, mine.c.channel, said.c.statement)
        .join(said, said.c.id == mine.c.warning_id)
        .where(_waited(mine, wall_ms), mine.c.id.not_in(alone), ~waits)
        .order_by(mine.c.recipient, mine.c.channel, mine.c.id)
    )


def _waited(delivery: Any, wall_ms: int) -> sa.ColumnElement[bool]:
    """Whether this one was released to wait (patience.py), is due now, and has not been tried or joined yet."""
    column = delivery.c
    joined = sa.select(digest_item.c.delivery_id).where(digest_item.c.delivery_id == column.id).exists()
    return sa.and_(
        column.status == "pending",
        column.attempts == 0,
        column.next_try.is_not(None),
        column.next_try > column.created,
        column.next_try <= wall_ms,
        ~joined,
    )


def _set(connection: sa.Connection, numbers: list[int], status: str) -> None:
    connection.execute(sa.update(digest).where(digest.c.id.in_(numbers)).values(status=status))


def _short(recipient: str) -> str:
    """A recipient may be any text; a name in CAP may not."""
    return hashlib.blake2b(recipient.encode(), digest_size=4).hexdigest()
