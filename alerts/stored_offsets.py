"""How far each partition of Kafka is in the store: it moves in the transaction of what the records caused, so that a
crash between the two skips nothing and repeats nothing.
"""

from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from alerts import schema
from alerts.store import Store

#: A topic and the number of one of its partitions.
Place = tuple[str, int]


class StoredOffsets:
    """The next offset to read of each partition. It only ever moves forward, but for ``forget``."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> dict[Place, int]:
        """Of each partition that anything was stored of, as last stored."""
        with self._store.read() as connection:
            return self._asked(connection, sa.true())

    def forget(self, topic: str, partition: int) -> None:
        """Read this partition from its beginning: it is not the one whose offset was stored."""
        table = schema.kafka_offset
        gone = sa.delete(table).where(table.c.topic == topic, table.c.partition == partition)
        self._store.write(lambda connection: connection.execute(gone))

    def reached(self, connection: sa.Connection, places: Iterable[Place]) -> dict[Place, int]:
        """Of all partitions of the topics of these places, as the caller's transaction sees them."""
        topics = sorted({topic for topic, _ in places})
        return self._asked(connection, schema.kafka_offset.c.topic.in_(topics))

    def move(self, connection: sa.Connection, ends: Mapping[Place, int], reached: Mapping[Place, int]) -> None:
        """On to these, in the caller's transaction, which found ``reached`` there; who is further on already stays."""
        ahead = [
            {"topic": place[0], "partition": place[1], "next_offset": offset}
            for place, offset in ends.items()
            if offset > reached.get(place, -1)
        ]
        if ahead:
            connection.execute(self._store.upsert(schema.kafka_offset), ahead)

    def _asked(self, connection: sa.Connection, which: sa.ColumnElement[bool]) -> dict[Place, int]:
        table = schema.kafka_offset.c
        rows = connection.execute(sa.select(table.topic, table.partition, table.next_offset).where(which))
        return {(row.topic, row.partition): row.next_offset for row in rows}
