"""The alarms' log as an outbox: the lines that become messages of a topic, on from where it has been written to."""

from typing import ClassVar

import sqlalchemy as sa

from alerts.promotions.tables import published
from alerts.store import Store


class PublishedLog:
    """Reads the log for ``topic``. The place up to which it is written moves after the broker has kept a message, so
    one may come again, under the same id.
    """

    topic: ClassVar[str]

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen = self.position()

    def position(self) -> int:
        """The line up to which the topic has been written, as last noted."""
        table = published.c
        with self._store.read() as connection:
            query = sa.select(table.position).where(table.topic == self.topic)
            return int(connection.execute(query).scalar() or 0)

    def kept(self, line: int) -> None:
        """The broker has kept the message of this line, and all before it."""
        row = {"topic": self.topic, "position": line}
        self._store.write(lambda connection: connection.execute(self._store.upsert(published), [row]))
        self._seen = line
