"""What follows city time and does, domain by domain, what is due at it: off the path of readings, once a tick.

What is due must be a function of city time and of what is on record, so that a follower that was killed goes on where
it was: asked again it does nothing twice.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import msgspec
import structlog
from aiokafka.errors import KafkaError

from streams.artefacts import Artefacts
from streams.citytime import CITY_TIME, last_tick
from streams.clients import lone_consumer
from streams.followers import Follower
from streams.partitions import partitions_of
from topics.connection import KafkaConnection
from topics.domain import Domain
from topics.errors import NotKept
from topics.reading import Control

log = structlog.get_logger(__name__)


class CityFollower(ABC):
    """Follows city time and the packs on the `config` topic. A member says what it needs beside them, and what is due.

    ``city_time`` is the newest tick heard, ms UTC, 0 = none yet.
    """

    #: Who speaks in errors and in the log.
    name: ClassVar[str]

    def __init__(self, connection: KafkaConnection, *, city_topic: str = CITY_TIME) -> None:
        self.connection = connection
        self.city_topic = city_topic
        self.city_time = 0
        self.artefacts = Artefacts()
        self._follower = Follower(connection, {"config": self.artefacts.take_config})
        self._consumer: Any = None

    @abstractmethod
    async def open(self) -> None:
        """Start what this one needs beside city time and packs; called once, before anything is due."""

    @abstractmethod
    async def close(self) -> None:
        """Stop it; called also where ``open`` failed half-way."""

    @abstractmethod
    async def heed(self, name: str, domain: Domain) -> None:
        """Do what is due for a domain at ``city_time``; ``KafkaError`` and ``NotKept`` are tried again at the next
        tick, any other error ends the follower.
        """

    async def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Follow until the task is cancelled; ``ready`` is called once it follows city time.

        Raises ``PartMissing`` if a topic is not there.
        """
        try:
            await self.start()
            ready()
            while True:
                await self.step()
        finally:
            await self.stop()

    async def start(self) -> None:
        """Follow the topics from what they hold now, and city time from its last tick. Raises ``PartMissing`` where a
        topic is not there.
        """
        await self._follower.start()
        await self.open()
        self._consumer = lone_consumer(self.connection)
        await self._consumer.start()
        places = await partitions_of(self._consumer, [self.city_topic], self.name)
        self._consumer.assign(places)
        await self._consumer.seek_to_end(*places)
        self.city_time = await last_tick(self.connection, self.city_topic) or 0

    async def stop(self) -> None:
        """Follow no more."""
        if self._consumer is not None:
            consumer, self._consumer = self._consumer, None
            await consumer.stop()
        await self.close()
        await self._follower.stop()

    async def step(self) -> None:
        """Hear the newest tick and do what is due at it."""
        try:
            await self._hear()
            for name, domain in sorted(self.artefacts.packs.items()):
                await self.heed(name, domain)
        except (KafkaError, NotKept) as error:  # the next tick tries again: what is due stays due
            log.warning(f"{self.name}_waits", error=repr(error))

    async def _hear(self) -> None:
        """Take the ticks up to the newest: of the points that something long has let pass only the last is due."""
        self._take(await self._consumer.getmany(timeout_ms=500))
        for place, end in (await self._consumer.end_offsets(self._consumer.assignment())).items():
            while await self._consumer.position(place) < end:
                self._take(await self._consumer.getmany(place, timeout_ms=200))

    def _take(self, fetched: Mapping[Any, list[Any]]) -> None:
        for record in (record for records in fetched.values() for record in records):
            try:
                self.city_time = max(self.city_time, msgspec.json.decode(record.value or b"", type=Control).time)
            except msgspec.MsgspecError as error:
                log.warning("tick_refused", offset=record.offset, error=str(error))
