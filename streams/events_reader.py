"""The alert server's readers of events topics: events of one kind into the store, on from where it has come to."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Generic, TypeVar

import msgspec
import sqlalchemy as sa
import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from alerts.city import City
from streams.clients import lone_consumer
from streams.event_lane import decode_event
from streams.partitions import partitions_of
from topics.connection import KafkaConnection
from topics.errors import PartMissing
from topics.events import Event
from topics.reading import Control

Told = TypeVar("Told")

log = structlog.get_logger(__name__)

WAIT_S = 1.0
LOOK_S = 5.0


class TopicsReader(ABC, Generic[Told]):
    """Reads topics of domains whose packs have facts of the name ``fact``, one transaction after the other."""

    #: What the store calls this reading: not the topic's own name, which another reader may use one day.
    name: ClassVar[str]
    fact: ClassVar[str]
    #: Records of one fetch.
    most: ClassVar[int] = 1_000

    def __init__(self, connection: KafkaConnection, city: City, *, prefix: str = "") -> None:
        self.connection = connection
        self.city = city
        self.prefix = prefix
        self._caught_up = False

    @abstractmethod
    def take(self, events: Sequence[Told], topic: str, partition: int, next_offset: int) -> object:
        """Store these, which may hold other kinds too, in one transaction with where to read on."""

    @abstractmethod
    def next_offset(self, topic: str, partition: int) -> int:
        """Where to read on."""

    def begins(self) -> None:
        """Called before topics are read, from where ``next_offset`` says, and again whenever they are others."""

    async def heard(self, consumer: Any, places: Sequence[TopicPartition], *, some: bool) -> None:
        """Called after each fetch, ``some`` where it brought records, once they are taken. Raises ``KafkaError`` to
        have it called again.
        """

    async def run(self) -> None:
        """Until cancelled; waits for a pack that needs it, and for its topic."""
        consumer = lone_consumer(self.connection)
        await consumer.start()
        try:
            while True:
                topics = self._topics()
                try:
                    places = await partitions_of(consumer, topics, "server") if topics else []
                    if places:
                        await self._follow(consumer, places)
                except (PartMissing, KafkaError) as error:
                    log.warning(f"{self.name}_waits", error=str(error))
                    self._caught_up = isinstance(error, PartMissing)
                if not topics:
                    self._caught_up = True
                await asyncio.sleep(LOOK_S)
        finally:
            await consumer.stop()

    def caught_up(self) -> bool:
        """Whether all that lay on the topics when the reading began is in the store, or there is no such topic: what
        follows from something not being there may be said.
        """
        return self._caught_up

    @abstractmethod
    def read(self, value: bytes | None) -> Told | None:
        """The message of a record, ``None`` where it is not one for this reader."""

    @abstractmethod
    def _topics(self) -> list[str]:
        """What is to be read by the packs in force, with the prefix."""

    async def _follow(self, consumer: Any, places: Sequence[TopicPartition]) -> None:
        self._caught_up = False
        self.begins()
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        for place in places:
            at = await asyncio.to_thread(self.next_offset, self._called(place.topic), place.partition)
            consumer.seek(place, at if at <= ends[place] else 0)  # beyond its end: the topic was made anew
        topics = self._topics()
        while self._topics() == topics:
            try:
                fetched = await consumer.getmany(timeout_ms=500, max_records=self.most)
                for place, records in fetched.items():
                    await self._take(place, records)
                await self.heard(consumer, places, some=bool(fetched))
            except KafkaError as error:  # the client goes on by itself once the broker is back
                log.warning(f"{self.name}_waits", error=str(error))
                await asyncio.sleep(WAIT_S)
                continue
            if not self._caught_up:
                self._caught_up = all([await consumer.position(place) >= ends[place] for place in places])

    async def _take(self, place: TopicPartition, records: Sequence[Any]) -> None:
        events = [event for record in records if (event := self.read(record.value)) is not None]
        while True:
            try:
                at = records[-1].offset + 1
                await asyncio.to_thread(self.take, events, self._called(place.topic), place.partition, at)
                return
            except sa.exc.OperationalError as error:
                log.error("store_waits", error=str(error.orig))
                await asyncio.sleep(WAIT_S)

    def _called(self, topic: str) -> str:
        return f"{self.name}:{topic}"


class EventsReader(TopicsReader[Event]):
    """Reads the events of every domain whose pack has facts of the name ``fact``."""

    def read(self, value: bytes | None) -> Event | None:
        """The event of a record; what cannot be read is the worker's to dead-letter."""
        try:
            message = decode_event(value or b"")
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None
        return None if isinstance(message, Control) else message

    def _topics(self) -> list[str]:
        packs = self.city.domains.values()
        return sorted(self.prefix + each.events_topic for each in packs if each.events and self.fact in each.facts)
