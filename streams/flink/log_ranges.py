"""Ranges of partitions' logs, read by one consumer that stays where it has come to."""

import asyncio
from bisect import bisect_right
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

#: So long at most a partition with nothing new holds up the others of its broker.
WAIT_MS = 50

#: A range that Flink's source has seen and that does not come within this time is not there any more.
COME_WITHIN_S = 60.0


class LogRanges:
    """``read`` gives a range in batches of at most ``most_records``. Ranges of a partition that follow on each other
    cost no seek, and what comes for other partitions meanwhile is kept for theirs: the client asks its broker for
    nothing more while anything lies with it.
    """

    def __init__(self, connection: KafkaConnection, most_records: int = MOST_RECORDS) -> None:
        self.connection = connection
        self.most_records = most_records
        self._consumer: Any = None
        self._places: list[TopicPartition] = []
        #: By partition: records that were fetched and not yet read, and the offset behind those that were.
        self._left: dict[TopicPartition, list[Record]] = {}
        self._at: dict[TopicPartition, int] = {}

    async def start(self) -> None:
        """Raises a ``KafkaError`` if no broker answers."""
        self._consumer = group_consumer(self.connection, None, wait_ms=WAIT_MS)
        await self._consumer.start()
        take_whole_batches(self._consumer)

    async def stop(self) -> None:
        """Close the consumer."""
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

    async def read(
        self, topic: str, partition: int, first: int, last: int, *, beyond: bool = False
    ) -> AsyncIterator[list[Record]]:
        """The records with offsets from ``first`` to ``last``, both included, in log order; with ``beyond`` the last
        batch holds what has come behind them too.

        Raises ``NotKept`` where the log begins behind ``first`` or nothing comes.
        """
        place = TopicPartition(topic, partition)
        if self._at.get(place) != first:
            self._go_to(place, first)
        while self._at[place] <= last:
            records = await self._gather(place, last)
            if records and records[-1].offset > last and not beyond:
                self._cut(place, records, bisect_right(records, last, key=lambda record: record.offset))
                self._at[place] = last + 1
            elif records:
                self._at[place] = records[-1].offset + 1
            if records:
                yield records

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

    async def _gather(self, place: TopicPartition, last: int) -> list[Record]:
        """The next records, up to ``last`` or as many as are read at once. None are there where the end of the range
        holds none (ends of transactions)."""
        loop = asyncio.get_running_loop()
        until = loop.time() + COME_WITHIN_S
        records: list[Record] = []
        while True:
            if more := self._left.pop(place, None):
                await self._check(place, records[-1].offset + 1 if records else self._at[place], more[0].offset)
                records = records + more if records else more
                until = loop.time() + COME_WITHIN_S
                if len(records) > self.most_records:
                    self._cut(place, records, self.most_records)
                if records[-1].offset >= last or len(records) >= self.most_records:
                    return records
            if (position := await self._consumer.position(place)) > last:
                if not records:
                    self._at[place] = position
                return records
            if loop.time() > until:
                at = records[-1].offset + 1 if records else self._at[place]
                where = f"{place.topic}:{place.partition}"
                raise NotKept(f"{where}: expected records up to {last}, got none from {at} on")
            await self._fetch()

    async def _fetch(self) -> None:
        """Take what has come, of each partition of which nothing is left; wait a little where nothing has."""
        wanted = [place for place in self._places if place not in self._left]
        self._left |= await self._consumer.getmany(*wanted, timeout_ms=200)

    def _cut(self, place: TopicPartition, records: list[Record], count: int) -> None:
        """Leave so many in ``records`` and put the others by."""
        self._left[place] = records[count:] + self._left.get(place, [])
        del records[count:]

    async def _check(self, place: TopicPartition, expected: int, got: int) -> None:
        """Raises ``NotKept`` where the log was cut off between these offsets; ends of transactions may lie there."""
        if got > expected and await self.beginning(place.topic, place.partition) > expected:
            where = f"{place.topic}:{place.partition}"
            raise NotKept(f"{where}: expected the log from offset {expected}, got {got}: it is not kept for so long")
