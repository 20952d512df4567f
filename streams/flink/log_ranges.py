"""Ranges of partitions' logs, read by one consumer that stays where it has come to."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from aiokafka import TopicPartition

from streams.clients import group_consumer
from streams.lane import Record
from streams.partitions import partitions_of
from streams.whole_batches import take_whole_batches
from topics.connection import KafkaConnection
from topics.errors import NotKept

#: Records judged at once: the Faust worker's own measure.
MOST_RECORDS = 8_000

#: A range that Flink's source has seen and that does not come within this time is not there any more.
COME_WITHIN_S = 60.0


class LogRanges:
    """``read`` gives a range in batches. Ranges of a partition that follow on each other cost no seek."""

    def __init__(self, connection: KafkaConnection) -> None:
        self.connection = connection
        self._consumer: Any = None
        self._places: list[TopicPartition] = []
        #: By partition: records that were fetched beyond the range asked for, and the offset behind them.
        self._left: dict[TopicPartition, list[Record]] = {}
        self._at: dict[TopicPartition, int] = {}

    async def start(self) -> None:
        """Raises a ``KafkaError`` if no broker answers."""
        self._consumer = group_consumer(self.connection, None)
        await self._consumer.start()
        take_whole_batches(self._consumer)

    async def stop(self) -> None:
        if self._consumer is not None:
            consumer, self._consumer = self._consumer, None
            await consumer.stop()

    async def partitions(self, topic: str) -> int:
        """How many partitions the topic has."""
        return len(await partitions_of(self._consumer, [topic], "flink"))

    async def beginning(self, topic: str, partition: int) -> int:
        """The first offset that is still kept."""
        place = TopicPartition(topic, partition)
        return int((await self._consumer.beginning_offsets([place]))[place])

    def end(self, topic: str, partition: int) -> int:
        """The offset behind the last record, as of the newest fetch; 0 where there was none yet."""
        place = TopicPartition(topic, partition)
        return (self._consumer.highwater(place) or 0) if place in self._places else 0

    async def read(self, topic: str, partition: int, first: int, last: int) -> AsyncIterator[list[Record]]:
        """The records with offsets from ``first`` to ``last``, both included, in log order.

        Raises ``NotKept`` where the log begins behind ``first`` or nothing comes.
        """
        place = TopicPartition(topic, partition)
        if self._at.get(place) != first:
            self._go_to(place, first)
        while self._at[place] <= last:
            records = self._left.pop(place, None) or await self._fetch(place, last)
            inside = records
            if records and records[-1].offset > last:
                cut = next(number for number, record in enumerate(records) if record.offset > last)
                inside, self._left[place] = records[:cut], records[cut:]
                self._at[place] = last + 1
            elif records:
                self._at[place] = records[-1].offset + 1
            if inside:
                yield inside

    def _go_to(self, place: TopicPartition, offset: int) -> None:
        self._left.pop(place, None)
        self._at[place] = offset
        if place not in self._places:
            # A new assignment forgets where the others stand.
            self._places.append(place)
            self._consumer.assign(self._places)
            for other in self._places:
                left = self._left.get(other)
                self._consumer.seek(other, left[-1].offset + 1 if left else self._at[other])
        else:
            self._consumer.seek(place, offset)

    async def _fetch(self, place: TopicPartition, last: int) -> list[Record]:
        """The next records. None are there where the end of the range holds none (ends of transactions)."""
        loop = asyncio.get_running_loop()
        until = loop.time() + COME_WITHIN_S
        while True:
            fetched = await self._consumer.getmany(place, timeout_ms=200, max_records=MOST_RECORDS)
            records: list[Record] = fetched.get(place, [])
            if records:
                if records[0].offset > self._at[place] and await self._cut(place):
                    raise NotKept(
                        f"{place.topic}:{place.partition}: expected the log from offset {self._at[place]}, "
                        f"got {records[0].offset}: it is not kept for so long"
                    )
                return records
            position = await self._consumer.position(place)
            if position > last:
                self._at[place] = position
                return []
            if loop.time() > until:
                raise NotKept(
                    f"{place.topic}:{place.partition}: expected records up to {last}, got none after {self._at[place]}"
                )

    async def _cut(self, place: TopicPartition) -> bool:
        return await self.beginning(place.topic, place.partition) > self._at[place]
