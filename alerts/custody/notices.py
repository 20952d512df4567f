"""Notices to the holders of a recall in the store: one row for each, written with the event that says it.

So a notice is owed exactly once, however often a recall is drawn anew: a late event makes a new event, and with it a
notice, only for those who are new to it.
"""

import secrets
from collections.abc import Collection
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts.custody import tables
from records.recall_events import Notified, Signed, Withdrawn

#: Statuses that a person may have tried again.
STOPPED = ("dead", "unaddressed")


class Notice(msgspec.Struct, frozen=True):
    """One notice that is owed. ``kind`` is ``notified`` or ``withdrawn``, ``created`` wall time in ms UTC."""

    recall: str
    number: int
    kind: str
    holder: str
    token: str
    attempts: int
    created: int

    @property
    def identifier(self) -> str:
        """Its name for ever: a repeat bears the same."""
        return f"{self.recall}/{self.number}"


class Outcome(msgspec.Struct, frozen=True):
    """What came of one try. ``why`` and ``http_status`` as the recipient answered; ``next_try`` in wall time."""

    status: str
    why: str = ""
    http_status: int | None = None
    next_try: int | None = None
    signed_by: str = ""


def owed(recall: str, number: int, event: Notified | Withdrawn, wall_ms: int) -> dict[str, Any]:
    """The row of a notice that is to be sent at once."""
    return {
        "recall_id": recall, "number": number, "kind": "notified" if isinstance(event, Notified) else "withdrawn",
        "holder": event.holder, "token": secrets.token_urlsafe(24), "created": wall_ms, "status": "pending",
        "attempts": 0, "next_try": 0, "http_status": None, "error": "", "delivered": None, "signed": None,
        "signed_by": "",
    }  # fmt: skip


def due(connection: sa.Connection, wall_ms: int, limit: int) -> list[Notice]:
    """What is to be sent now, the oldest first. One holder's notices of a recall keep their order: a withdrawal never
    overtakes what it withdraws.
    """
    table = tables.recall_notice
    owed_still = table.c.next_try.is_not(None)
    # The first of each holder in one pass: to look for an earlier one beside each is to go through a recall of
    # thousands once for each of its notices.
    turn = sa.func.row_number().over(partition_by=(table.c.recall_id, table.c.holder), order_by=table.c.number)
    queue = sa.select(table.c.recall_id, table.c.number, turn.label("turn")).where(owed_still).subquery()
    asked = (
        sa.select(table)
        .join(queue, sa.and_(table.c.recall_id == queue.c.recall_id, table.c.number == queue.c.number))
        .where(queue.c.turn == 1, table.c.next_try <= wall_ms)
        .order_by(table.c.created, table.c.recall_id, table.c.number)
        .limit(limit)
    )
    return [read(row) for row in connection.execute(asked)]


def record(connection: sa.Connection, notice: Notice, outcome: Outcome, wall_ms: int) -> None:
    """Write down what came of a try; a signature that came meanwhile by its own way stands."""
    table = tables.recall_notice
    values: dict[str, Any] = {
        "attempts": notice.attempts + 1, "http_status": outcome.http_status, "error": outcome.why,
        "next_try": sa.case((table.c.signed.is_(None), sa.literal(outcome.next_try, sa.BigInteger))),
        "status": sa.case((table.c.signed.is_not(None), "signed-for"), else_=outcome.status),
    }  # fmt: skip
    if outcome.status == "delivered":
        values["delivered"] = wall_ms
    connection.execute(sa.update(table).where(_is(notice.recall, notice.number)).values(values))


def last_told(connection: sa.Connection, recall: str, holder: str) -> int:
    """The number of the last notice to this holder that something is bad; 0 where it got none."""
    table = tables.recall_notice.c
    told = sa.and_(table.recall_id == recall, table.holder == holder, table.kind == "notified")
    return connection.execute(sa.select(sa.func.max(table.number)).where(told)).scalar() or 0


def signed(connection: sa.Connection, recall: str, event: Signed) -> None:
    """The holder has signed for all it was told so far: nothing of it needs to be sent again."""
    table = tables.recall_notice
    told = sa.and_(table.c.recall_id == recall, table.c.holder == event.holder, table.c.signed.is_(None))
    values = {"status": "signed-for", "next_try": None, "signed": event.time, "signed_by": event.who}
    connection.execute(sa.update(table).where(told).values(values))


def by_token(connection: sa.Connection, token: str) -> sa.Row[Any] | None:
    """The row of the notice that this word signs for."""
    return connection.execute(sa.select(tables.recall_notice).where(tables.recall_notice.c.token == token)).first()


def sign_alone(connection: sa.Connection, notice: Notice, time_ms: int, who: str) -> None:
    """Somebody has signed for this notice and no other: its holder has been told more since, or the recall is over."""
    values = {"status": "signed-for", "next_try": None, "signed": time_ms, "signed_by": who}
    connection.execute(sa.update(tables.recall_notice).where(_is(notice.recall, notice.number)).values(values))


def read(row: sa.Row[Any]) -> Notice:
    """The notice of a row."""
    return Notice(row.recall_id, row.number, row.kind, row.holder, row.token, row.attempts, row.created)


def outcomes(connection: sa.Connection, recall: str, holders: Collection[str] | None = None) -> list[dict[str, Any]]:
    """Each notice of a recall (to these holders) and what came of it, without the word to sign by."""
    table = tables.recall_notice
    columns = [column for column in table.c if column.name not in ("token", "recall_id")]
    asked = sa.select(*columns).where(table.c.recall_id == recall).order_by(table.c.number)
    if holders is not None:
        asked = asked.where(table.c.holder.in_(holders))
    return [dict(row) for row in connection.execute(asked).mappings()]


def revive(connection: sa.Connection, statuses: Collection[str], recall: str = "", number: int = 0) -> int:
    """Try stopped notices again at once, one or (without ``recall``) all; how many."""
    table = tables.recall_notice
    which = sa.and_(table.c.status.in_(statuses), _is(recall, number) if recall else sa.true())
    return connection.execute(sa.update(table).where(which).values(status="retrying", next_try=0)).rowcount


def _is(recall: str, number: int) -> sa.ColumnElement[bool]:
    table = tables.recall_notice.c
    return sa.and_(table.recall_id == recall, table.number == number)
