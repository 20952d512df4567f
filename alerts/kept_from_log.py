"""What is kept from a log of Kafka: where to read on moves in the transaction that keeps what the records said."""

import sqlalchemy as sa

from alerts import schema
from alerts.store import Store


class KeptFromLog:
    """A part of the store that a reader of topics fills."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def next_offset(self, topic: str, partition: int = 0) -> int:
        """Where to read on."""
        table = schema.kafka_offset.c
        asked = sa.select(table.next_offset).where(table.topic == topic, table.partition == partition)
        with self.store.read() as connection:
            return connection.execute(asked).scalar() or 0

    def _reached(self, connection: sa.Connection, topic: str, partition: int, next_offset: int) -> None:
        """Note where to read on; without a topic the records came by another road."""
        if topic:
            place = {"topic": topic, "partition": partition, "next_offset": next_offset}
            connection.execute(self.store.upsert(schema.kafka_offset), [place])
