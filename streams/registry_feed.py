"""The registry over the wire: publish records to the compacted ``registry`` topic, load and follow it.

Everyone who must know the city's sites reads this topic from its beginning; nobody reads a file.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any

import structlog
from aiokafka.errors import KafkaError

from records.registry import Device, Registry, Site, message
from streams.clients import lone_consumer, sure_producer
from streams.partitions import partitions_of
from topics.connection import KafkaConnection
from topics.errors import NotKept

REGISTRY_TOPIC = "registry"

log = structlog.get_logger(__name__)


async def publish_records(
    connection: KafkaConnection, records: Iterable[Site | Device], *, topic: str = REGISTRY_TOPIC
) -> int:
    """Write these records to the topic and return how many, once the broker has kept them all.

    Raises ``NotKept`` if it has not; some may then be there, and publishing all again is harmless.
    """
    producer = sure_producer(connection)
    try:
        await producer.start()
        sent = []
        for record in records:
            key, value = message(record)
            sent.append(await producer.send(topic, value, key=key.encode()))
        answers = await asyncio.gather(*sent, return_exceptions=True)
    except KafkaError as error:
        raise NotKept(
            f"registry: expected {topic} on {connection.brokers} to take the records, got: {error}"
        ) from error
    finally:
        await producer.stop()
    failed = [answer for answer in answers if isinstance(answer, BaseException)]
    if failed:
        raise NotKept(f"registry: expected {len(answers)} records to be kept, got {len(failed)} refused: {failed[0]}")
    return len(answers)


async def load_registry(connection: KafkaConnection, *, topic: str = REGISTRY_TOPIC) -> Registry:
    """The registry as the topic has it now."""
    async with RegistryFeed(connection, topic=topic) as feed:
        return feed.registry


class RegistryFeed:
    """A registry that follows the topic.

    After ``start`` the registry holds all the topic had at that moment; later changes are applied by
    a task of this object, between two awaits of the reader, never in the midst of one. ``revision``
    grows with each change, and ``on_change`` is called with the record's key. What cannot be read
    is counted in ``bad`` and left out.
    """

    def __init__(
        self,
        connection: KafkaConnection,
        *,
        topic: str = REGISTRY_TOPIC,
        on_change: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.connection = connection
        self.topic = topic
        self.on_change = on_change
        self.registry = Registry()
        self.revision = 0
        self.bad = 0
        self._consumer: Any = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Load the topic, then follow it. Raises ``PartMissing`` if the topic is not there."""
        self._consumer = lone_consumer(self.connection)
        try:
            await self._consumer.start()
            await self._load()
        except BaseException:
            await self.stop()
            raise
        self._task = asyncio.create_task(self._follow(), name="registry-feed")

    async def stop(self) -> None:
        """Follow no more; the registry stays as it is."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        if self._consumer is not None:
            consumer, self._consumer = self._consumer, None
            await consumer.stop()

    async def __aenter__(self) -> "RegistryFeed":
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _load(self) -> None:
        places = await partitions_of(self._consumer, [self.topic], "registry")
        self._consumer.assign(places)
        ends = await self._consumer.end_offsets(places)
        await self._consumer.seek_to_beginning(*places)
        for place in places:
            while await self._consumer.position(place) < ends[place]:
                self._apply(await self._consumer.getmany(timeout_ms=500))

    async def _follow(self) -> None:
        while True:
            try:
                self._apply(await self._consumer.getmany(timeout_ms=1000))
            except KafkaError as error:  # the client goes on by itself once the broker is back
                log.warning("registry_feed_waits", error=str(error))
                await asyncio.sleep(1)

    def _apply(self, fetched: dict[Any, list[Any]]) -> None:
        for records in fetched.values():
            for record in records:
                key = (record.key or b"").decode("utf-8", "replace")
                try:
                    self.registry.apply(key, record.value)
                except ValueError as error:
                    self.bad += 1
                    log.warning("registry_record_refused", offset=record.offset, error=str(error))
                    continue
                self.revision += 1
                self.on_change(key)
