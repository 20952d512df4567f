"""What the ledger and the work bench must know of digests: what is made by one, and what must not wait for one."""

from collections.abc import Collection

import sqlalchemy as sa

from alerts import schema
from alerts.flood.tables import digest, digest_item


def in_open_digest(delivery: sa.ColumnElement[int]) -> sa.Exists:
    """Whether this delivery is made by a digest, so that it must not be made by itself as well."""
    query = (
        sa.select(digest_item.c.delivery_id)
        .join(digest, digest.c.id == digest_item.c.digest_id)
        .where(digest_item.c.delivery_id == delivery, digest.c.status == "open")
    )
    return query.exists()


def made_by_digest(identifiers: Collection[str]) -> sa.Select[int]:
    """The deliveries that these digests make or made."""
    return (
        sa.select(digest_item.c.delivery_id)
        .join(digest, digest.c.id == digest_item.c.digest_id)
        .where(digest.c.identifier.in_(identifiers))
    )


def hurry(connection: sa.Connection, alarm: str, authority: str, number: int, precedence: int) -> None:
    """What was said before in this chain and is still owed goes as urgently as its ``number``-th message, which
    would wait for it otherwise.
    """
    table, said = schema.delivery, schema.warning.c
    before = sa.select(said.id).where(said.alarm_id == alarm, said.authority == authority, said.number < number)
    connection.execute(
        sa.update(table)
        .where(table.c.next_try.is_not(None), table.c.precedence > precedence, table.c.warning_id.in_(before))
        .values(
            precedence=precedence, next_try=sa.case((table.c.attempts == 0, table.c.created), else_=table.c.next_try)
        )
    )
