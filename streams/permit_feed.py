"""The register of permits on its topic."""

from collections.abc import Iterable

from aiokafka.errors import KafkaError

from streams.clients import sure_producer
from topics.codec import encode
from topics.connection import KafkaConnection
from topics.errors import NotKept
from topics.positions import PERMITS, Permit


async def publish_permits(connection: KafkaConnection, permits: Iterable[Permit], *, topic: str = PERMITS) -> None:
    """Put these on the register; returns once the broker keeps them all. Raises ``NotKept``: send all of them again;
    ``KafkaError`` where no broker answers.
    """
    producer = sure_producer(connection)
    try:
        await producer.start()
    except KafkaError:
        await producer.stop()
        raise
    try:
        for answer in [await producer.send(topic, encode(each), key=each.key.encode()) for each in permits]:
            await answer
    except KafkaError as error:
        raise NotKept(f"permits: expected {topic} on {connection.brokers} to take them, got: {error!r}") from error
    finally:
        await producer.stop()
