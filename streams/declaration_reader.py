"""The alert server's reader of gate and yard: what happens to a box moves its declaration on."""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from alerts.city import City
from alerts.declarations.box import BoxSteps
from records.declaration_terms import TERMS
from streams.clients import lone_consumer
from streams.event_lane import decode_event
from streams.partitions import partitions_of
from topics.connection import KafkaConnection
from topics.errors import PartMissing
from topics.events import Event
from topics.reading import Control

log = structlog.get_logger(__name__)

WAIT_S = 1.0
LOOK_S = 5.0


class DeclarationReader:
    """Reads the events of every domain in which something can be declared, on from where the store has come to."""

    def __init__(self, connection: KafkaConnection, city: City, steps: BoxSteps, *, prefix: str = "") -> None:
        self.connection = connection
        self.city = city
        self.steps = steps
        self.prefix = prefix

    async def run(self) -> None:
        """Until cancelled; waits for a pack that takes declarations, and for its topic."""
        consumer = lone_consumer(self.connection)
        await consumer.start()
        try:
            while True:
                topics = self._topics()
                try:
                    places = await partitions_of(consumer, topics, "server") if topics else []
                except (PartMissing, KafkaError) as error:
                    log.warning("declarations_wait", error=str(error))
                    places = []
                if places:
                    await self._follow(consumer, topics, places)
                await asyncio.sleep(LOOK_S)
        finally:
            await consumer.stop()

    def _topics(self) -> list[str]:
        packs = self.city.domains.values()
        return sorted(self.prefix + each.events_topic for each in packs if each.events and TERMS in each.facts)

    async def _follow(self, consumer: Any, topics: list[str], places: Sequence[TopicPartition]) -> None:
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        for place in places:
            at = await asyncio.to_thread(self.steps.next_offset, _store_name(place.topic), place.partition)
            consumer.seek(place, at if at <= ends[place] else 0)  # beyond its end: the topic was made anew
        while self._topics() == topics:
            try:
                fetched = await consumer.getmany(timeout_ms=500, max_records=1_000)
            except KafkaError as error:  # the client goes on by itself once the broker is back
                log.warning("declarations_wait", error=str(error))
                await asyncio.sleep(WAIT_S)
                continue
            for place, records in fetched.items():
                await self._take(place, records)

    async def _take(self, place: TopicPartition, records: Sequence[Any]) -> None:
        events = [event for record in records if (event := _event(record.value)) is not None]
        while True:
            try:
                at = records[-1].offset + 1
                await asyncio.to_thread(self.steps.take, events, _store_name(place.topic), place.partition, at)
                return
            except sa.exc.OperationalError as error:
                log.error("store_waits", error=str(error.orig))
                await asyncio.sleep(WAIT_S)


def _store_name(topic: str) -> str:
    """What the store calls this reading: the topic's own name and custody's belong to other readers."""
    return f"declarations:{topic}"


def _event(value: bytes | None) -> Event | None:
    """The event of a record; what cannot be read is the worker's to dead-letter."""
    try:
        event = decode_event(value or b"")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return None if isinstance(event, Control) else event
