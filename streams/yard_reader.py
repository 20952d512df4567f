"""The alert server's reader of the yards: every event of the packs that keep yards, from the beginning of the log.

Nothing of it is in the store: the events topics are kept for ever, so the yards are rebuilt when the server starts.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, get_args

import msgspec
import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from alerts.city import City
from alerts.responder.reference import keeps_yards
from alerts.responder.yards import Yards
from records.stays import YardEvent
from streams.clients import lone_consumer
from streams.event_lane import decode_event
from streams.partitions import partitions_of
from topics.connection import KafkaConnection
from topics.errors import PartMissing

log = structlog.get_logger(__name__)

WAIT_S = 1.0
LOOK_S = 2.0
_KINDS = get_args(YardEvent)


class YardReader:
    """Keeps ``yards`` as the log says, and says how far behind it they are."""

    def __init__(self, connection: KafkaConnection, city: City, yards: Yards, *, prefix: str = "") -> None:
        self.connection = connection
        self.city = city
        self.yards = yards
        self.prefix = prefix

    async def run(self) -> None:
        """Until cancelled; waits for a pack that keeps yards, and for its topic."""
        consumer = lone_consumer(self.connection)
        await consumer.start()
        try:
            while True:
                topics = self._topics()
                try:
                    places = await partitions_of(consumer, topics, "server") if topics else []
                    if places:
                        await self._follow(consumer, places, topics)
                except (PartMissing, KafkaError) as error:
                    log.warning("yards_wait", error=str(error))
                await asyncio.sleep(LOOK_S)
        finally:
            await consumer.stop()

    def _topics(self) -> list[str]:
        return sorted(self.prefix + each.events_topic for each in self.city.domains.values() if keeps_yards(each))

    async def _follow(self, consumer: Any, places: Sequence[TopicPartition], topics: list[str]) -> None:
        self.yards.forget()
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        while self._topics() == topics:
            fetched = await self._fetch(consumer)
            events = [event for records in fetched.values() for each in records if (event := _event(each.value))]
            if events:
                await asyncio.to_thread(self.yards.take, events)
            if not fetched or self.yards.behind:
                self.yards.behind = await _left(consumer, places)

    async def _fetch(self, consumer: Any) -> dict[TopicPartition, list[Any]]:
        while True:
            try:
                fetched: dict[TopicPartition, list[Any]] = await consumer.getmany(timeout_ms=500, max_records=5_000)
                return fetched
            except KafkaError as error:  # the client goes on by itself once the broker is back
                log.warning("yards_wait", error=str(error))
                await asyncio.sleep(WAIT_S)


async def _left(consumer: Any, places: Sequence[TopicPartition]) -> int:
    """Records of the log that have not been read."""
    ends = await consumer.end_offsets(places)
    return sum([max(0, ends[place] - await consumer.position(place)) for place in places])


def _event(value: bytes | None) -> YardEvent | None:
    """The yard's event of a record; what cannot be read is the worker's to dead-letter."""
    try:
        event = decode_event(value or b"")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return event if isinstance(event, _KINDS) else None
