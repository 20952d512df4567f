"""Cases that people work on (tickets, accidents, declarations, recalls): each is the fold of its events, kept in order
in a table of one form for all, and each event is an entry of the hash chain.

A further kind of case: ``event_table("permit")`` beside its own table ``permit`` with a text key ``id``, a
``CaseEvents`` over it in its desk, and a line in ``CHAINED`` (alerts/ledger/chained.py), which verification reads.
"""

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

import msgspec
import sqlalchemy as sa

from alerts.ledger.chain import append
from alerts.schema import metadata


class Happened(Protocol):
    """What an event of every kind of case has: the city time (ms UTC) at which it was done."""

    @property
    def time(self) -> int:
        """City time, ms UTC."""


EventT = TypeVar("EventT", bound=Happened)


def event_table(case: str) -> sa.Table:
    """The table ``<case>_event``: ``number`` counts 1, 2, 3 … in each case, ``time`` is city time and ``wall`` the
    machine's (ms UTC), ``body`` the event as JSON, ``entry`` its place in the hash chain.
    """
    return sa.Table(
        f"{case}_event",
        metadata,
        sa.Column(f"{case}_id", sa.Text, sa.ForeignKey(f"{case}.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("wall", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("entry", sa.BigInteger, nullable=False),
    )


def case_of(table: sa.Table) -> str:
    """What an event table is of, which is the kind of its entries in the chain too."""
    return table.name.removesuffix("_event")


class CaseEvents(Generic[EventT]):
    """The events of all cases of one kind. ``decode`` reads one event's JSON, ``wall_ms`` gives the wall time."""

    def __init__(self, table: sa.Table, decode: Callable[[str], EventT], wall_ms: Callable[[], int]) -> None:
        self.table = table
        self.case = case_of(table)
        self.decode = decode
        self._of = table.c[f"{self.case}_id"]
        self._wall_ms = wall_ms

    def read(self, connection: sa.Connection, name: str, after: int = 0) -> list[EventT]:
        """The events of one case in order, from the one after the ``after``-th on; empty where there is none."""
        of_case = sa.and_(self._of == name, self.table.c.number > after)
        asked = sa.select(self.table.c.body).where(of_case).order_by(self.table.c.number)
        return [self.decode(body) for body in connection.execute(asked).scalars()]

    def one(self, connection: sa.Connection, name: str, number: int) -> EventT | None:
        """A case's ``number``-th event, ``None`` where there is none."""
        asked = sa.select(self.table.c.body).where(self._of == name, self.table.c.number == number)
        body = connection.execute(asked).scalar()
        return None if body is None else self.decode(body)

    def write(self, connection: sa.Connection, name: str, number: int, event: EventT) -> int:
        """Put an event down as the case's ``number``-th and chain it, in the caller's transaction; the entry's place.

        Raises ``sqlalchemy.exc.IntegrityError`` where another has taken the number meanwhile: ``Store.write`` runs
        its work again then.
        """
        said = {self.case: name, "number": number, "event": msgspec.to_builtins(event)}
        head = append(connection, self.case, said)
        row = {
            self._of.name: name, "number": number, "time": event.time, "wall": self._wall_ms(),
            "body": msgspec.json.encode(event).decode(), "entry": head.sequence,
        }  # fmt: skip
        connection.execute(sa.insert(self.table).values(row))
        return head.sequence


def columns_of(body: dict[str, Any], case: str) -> dict[str, Any]:
    """What the columns of an event must hold by its entry's body; ``body`` as JSON values, not as text."""
    event = body["event"]
    return {f"{case}_id": body[case], "number": body["number"], "time": event["time"], "body": event}
