"""Puts what declarations say on their topics."""

from collections.abc import Callable, Sequence
from typing import ClassVar

import sqlalchemy as sa

from alerts.declarations import tables
from alerts.store import Store
from streams.store_publisher import Put, StorePublisher, Word

AT_ONCE = 100


class DeclarationWords(StorePublisher):
    """Each word names its topic; ``prefix`` stands before it (tests have topics of their own)."""

    name: ClassVar[str] = "declarations"

    def __init__(self, store: Store, put: Put, wall_ms: Callable[[], int], *, prefix: str = "") -> None:
        super().__init__(put)
        self._store = store
        self._wall_ms = wall_ms
        self._prefix = prefix

    def unsaid(self) -> Sequence[Word]:
        table = tables.declaration_word.c
        asked = sa.select(table.id, table.topic, table.key, table.body).where(table.kept.is_(None))
        with self._store.read() as connection:
            rows = connection.execute(asked.order_by(table.id).limit(AT_ONCE)).all()
        return [Word(row.id, self._prefix + row.topic, row.key.encode(), row.body.encode()) for row in rows]

    def kept(self, line: int) -> None:
        table = tables.declaration_word
        done = sa.update(table).where(table.c.id == line).values(kept=self._wall_ms())
        self._store.write(lambda connection: connection.execute(done))
