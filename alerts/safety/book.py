"""The book of safety work: every form of every record, each chained in the ledger; the newest form is what holds."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from alerts.kept_from_log import KeptFromLog
from alerts.ledger.chain import append
from alerts.safety import tables
from alerts.store import Store
from records.safety.forms import KINDS, Record, key_of

KIND = "safety"

R = TypeVar("R")


class Book(KeptFromLog):
    """Keeps records and gives them back. ``changes`` counts what was entered since the start."""

    def __init__(self, store: Store, wall_ms: Callable[[], int]) -> None:
        super().__init__(store)
        self.changes = 0
        self._wall_ms = wall_ms

    def enter(self, *records: Record) -> int:
        """Keep one more form of each of these; how many were new. A form that is there already changes nothing."""
        return self.take(records)

    def take(self, records: Sequence[Record], topic: str = "", partition: int = 0, next_offset: int = 0) -> int:
        """The same in one transaction with where to read on."""

        def work(connection: sa.Connection) -> int:
            new = sum(self._enter(connection, each) for each in records)
            self._reached(connection, topic, partition, next_offset)
            return new

        new = self.store.write(work)
        self.changes += new
        return new

    def one(self, kind: type[R], name: str) -> R | None:
        """The newest form of a record."""
        word = kind_of(kind)
        table = tables.safety_record.c
        asked = sa.select(table.body).where(table.kind == word, table.id == name, table.newest)
        with self.store.read() as connection:
            body = connection.execute(asked).scalar()
        return None if body is None else msgspec.json.decode(body, type=kind)

    def forms(self, kind: type[R], name: str) -> list[R]:
        """Every form of a record, in the order in which they came."""
        table = tables.safety_record.c
        asked = (
            sa.select(table.body)
            .where(table.kind == kind_of(kind), table.id == name)
            .order_by(table.made, table.number)
        )
        with self.store.read() as connection:
            return [msgspec.json.decode(body, type=kind) for body in connection.execute(asked).scalars()]

    def newest(
        self,
        kind: type[R],
        *,
        sites: Sequence[str] | None = None,
        about: str = "",
        start: int | None = None,
        end: int | None = None,
        unfinished: bool = False,
        first: bool = False,
        limit: int | None = None,
    ) -> list[R]:
        """Records in their newest form (their ``first`` instead, where asked), the youngest beginning first.

        They touch ``[start, end)``; ``unfinished`` leaves those of which something is still expected; ``sites`` those
        of these sites, ``about`` those that belong to it.
        """
        table = tables.safety_record.c
        asked = sa.select(table.body).where(table.kind == kind_of(kind))
        asked = asked.where(_earliest() if first else table.newest)
        if sites is not None:
            asked = asked.where(table.site.in_(sites))
        if about:
            asked = asked.where(table.about == about)
        if end is not None:
            asked = asked.where(table.start < end)
        if start is not None:
            asked = asked.where(sa.or_(table.end.is_(None), table.end > start))
        if unfinished:
            asked = asked.where(table.closed.is_(None))
        asked = asked.order_by(table.start.desc(), table.id).limit(limit)
        with self.store.read() as connection:
            return [msgspec.json.decode(body, type=kind) for body in connection.execute(asked).scalars()]

    def _enter(self, connection: sa.Connection, record: Record) -> bool:
        table, key = tables.safety_record, key_of(record)
        body = msgspec.json.encode(record).decode()
        asked = sa.select(table.c.number, table.c.made, table.c.newest, table.c.body).where(
            table.c.kind == key.kind, table.c.id == key.id
        )
        forms = connection.execute(asked.order_by(table.c.number)).all()
        if any(each.body == body for each in forms):
            return False
        newest = all(key.made >= each.made for each in forms)  # what was on its way for long is no news
        if newest and forms:
            connection.execute(
                sa.update(table).where(table.c.kind == key.kind, table.c.id == key.id).values(newest=False)
            )
        said = {"record": key.kind, "id": key.id, "number": len(forms) + 1, "form": msgspec.to_builtins(record)}
        head = append(connection, KIND, said)
        row = msgspec.to_builtins(key) | {
            "number": len(forms) + 1, "newest": newest, "wall": self._wall_ms(), "body": body, "entry": head.sequence,
        }  # fmt: skip
        connection.execute(sa.insert(table).values(row))
        return True


def _earliest() -> sa.ColumnElement[bool]:
    """That no form of the same record was made before: what was on its way for long may be the first all the same."""
    table, other = tables.safety_record.c, tables.safety_record.alias().c
    before = sa.or_(other.made < table.made, sa.and_(other.made == table.made, other.number < table.number))
    return sa.not_(sa.exists().where(other.kind == table.kind, other.id == table.id, before))


def kind_of(kind: type[Any]) -> str:
    """What the store calls records of this type."""
    return next(name for name, each in KINDS.items() if each is kind)
