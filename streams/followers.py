"""Followers of the compacted topics: every worker reads registry, config and models whole, then stays with them.

They are outside any consumer group, because each worker needs all of them, not its share. Each of these
topics has one partition (topics/catalog.py), so that its readers see changes in the order they were made.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import msgspec
import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from streams.clients import lone_consumer
from topics.connection import KafkaConnection
from topics.errors import PartMissing

log = structlog.get_logger(__name__)

#: Called with key and value (None = removed) of each record in log order; raises ``ValueError`` to refuse it.
Taker: TypeAlias = Callable[[str, bytes | None], None]


class Follower:
    """Reads topics from their beginning; ``start`` returns once their ends of that moment have been reached.

    A record that its taker refuses is logged and counted in ``refused``; what was known before stays in force.
    """

    def __init__(self, connection: KafkaConnection, takers: Mapping[str, Taker]) -> None:
        self.connection = connection
        self.takers = dict(takers)
        self.refused = 0
        self._consumer: Any = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Raises ``PartMissing`` naming the topics that are not declared."""
        self._consumer = lone_consumer(self.connection)
        await self._consumer.start()
        if missing := self.takers.keys() - await self._consumer.topics():
            await self.stop()
            raise PartMissing(
                f"expected topics {sorted(missing)} on {self.connection.brokers}, got none; "
                "declare them first (citybrain topics declare)"
            )
        places = [TopicPartition(topic, 0) for topic in self.takers]
        self._consumer.assign(places)
        await self._consumer.seek_to_beginning(*places)
        for place, end in (await self._consumer.end_offsets(places)).items():
            while await self._consumer.position(place) < end:
                self._take(await self._consumer.getmany(timeout_ms=100))
        self._task = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        """Follow no more."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._consumer is not None:
            await self._consumer.stop()

    async def _follow(self) -> None:
        while True:
            try:
                self._take(await self._consumer.getmany(timeout_ms=500))
            except KafkaError as error:
                log.warning("follower_waits", topics=sorted(self.takers), error=str(error))
                await asyncio.sleep(0.5)

    def _take(self, fetched: Mapping[TopicPartition, list[Any]]) -> None:
        for place, records in fetched.items():
            for record in records:
                try:
                    self.takers[place.topic]((record.key or b"").decode(), record.value)
                except (ValueError, msgspec.MsgspecError) as error:
                    self.refused += 1
                    log.warning("record_refused", topic=place.topic, offset=record.offset, error=str(error))
