"""Ranges of partitions' logs, read by one consumer that stays where it has come to and takes what comes meanwhile."""

import asyncio
import contextlib
from bisect import bisect_right
from collections.abc import AsyncIterator
from typing import Any

from aiokafka import TopicPartition

from streams.batch import Record
from streams.clients import group_consumer
from streams.partitions import partitions_of
from streams.whole_batches import take_whole_batches
from topics.connection import KafkaConnection
from topics.errors import NotKept

#: Records judged at once: the Faust worker's own measure.
MOST_RECORDS = 8_000

#: So many records may lie ready; beyond that only those that are waited for are fetched.
MOST_READY = 8 * MOST_RECORDS

#: A fetch waits for so much, or so long: what comes in between costs neither side anything.
FETCH_BYTES, WAIT_MS = 524_288, 25

#: How long a fetch is waited for before it is looked whether the consumer has passed the end of a transaction.
LOOK_MS = 200

#: A range that Flink's source has seen and that does not come within this time is not there any more.
COME_WITHIN_S = 60.0


class LogRanges:
    """``read`` gives a range in batches of at most ``most_records``. Ranges of a partition that follow on each other
    cost no seek, and nobody waits for the broker where their records have come already: a task takes what comes for
    all partitions, because the client asks its broker for nothing more while anything lies with it.
    """

    def __init__(self, connection: KafkaConnection, most_records: int = MOST_RECORDS) -> None:
        self.connection = connection
        self.most_records = most_records
        self._consumer: Any = None
        self._following: asyncio.Task[None] | None = None
        self._places: list[TopicPartition] = []
        #: By partition: records that have come and were not read, the offset behind those that were, and that behind
        #: all that have come.
        self._left: dict[TopicPartition, list[Record]] = {}
        self._at: dict[TopicPartition, int] = {}
        self._come: dict[TopicPartition, int] = {}
        #: The partition whose records are waited for.
        self._needed: TopicPartition | None = None
        self._news, self._room = asyncio.Event(), asyncio.Event()

    async def start(self) -> None:
        """Raises a ``KafkaError`` if no broker answers."""
        self._consumer = group_consumer(self.connection, None, wait_ms=WAIT_MS, gathered_bytes=FETCH_BYTES)
        await self._consumer.start()
        take_whole_batches(self._consumer)

    async def stop(self) -> None:
        """Close the consumer."""
        await self._halt()
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
        batch holds what has come behind them too, even where ``last`` lies before ``first``.

        Raises ``NotKept`` where the log begins behind ``first`` or nothing comes.
        """
        place = TopicPartition(topic, partition)
        if self._at.get(place) != first:
            await self._go_to(place, first)
        if beyond and place in self._left:
            last = max(last, first)  # it has come: nothing is waited for
        while self._at[place] <= last:
            records = await self._gather(place, last)
            if records and records[-1].offset > last and not beyond:
                self._cut(place, records, bisect_right(records, last, key=lambda record: record.offset))
                self._at[place] = last + 1
            elif records:
                self._at[place] = records[-1].offset + 1
            if records:
                yield records

    async def _go_to(self, place: TopicPartition, offset: int) -> None:
        await self._halt()  # what it had asked for before would come from the old place
        self._left.pop(place, None)
        self._at[place] = self._come[place] = offset
        if place not in self._places:
            # A new assignment forgets where the others stand.
            self._places.append(place)
            self._consumer.assign(self._places)
            for other in self._places:
                self._consumer.seek(other, self._come[other])
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
                self._room.set()
                await self._check(place, records[-1].offset + 1 if records else self._at[place], more[0].offset)
                records = records + more if records else more
                until = loop.time() + COME_WITHIN_S
                if len(records) > self.most_records:
                    self._cut(place, records, self.most_records)
                if records[-1].offset >= last or len(records) >= self.most_records:
                    return records
                continue  # something may have come meanwhile
            if self._come[place] > last:
                if not records:
                    self._at[place] = self._come[place]
                return records
            if loop.time() > until:
                at = records[-1].offset + 1 if records else self._at[place]
                where = f"{place.topic}:{place.partition}"
                raise NotKept(f"{where}: expected records up to {last}, got none from {at} on")
            await self._wait_for(place)

    async def _wait_for(self, place: TopicPartition) -> None:
        """Return once anything has come, or the consumer has looked for it in vain. Raises what the consumer raises."""
        if self._following is None or self._following.done():
            if self._following is not None:
                following, self._following = self._following, None
                following.result()
            self._following = asyncio.create_task(self._follow())
        self._needed = place
        self._news.clear()
        self._room.set()
        news = asyncio.create_task(self._news.wait())
        await asyncio.wait({news, self._following}, return_when=asyncio.FIRST_COMPLETED)
        news.cancel()
        self._needed = None

    async def _follow(self) -> None:
        """Take what comes, of all partitions while there is room, else of that which is waited for."""
        while True:
            wanted = self._wanted()
            if not wanted:
                self._room.clear()
                await self._room.wait()
                continue
            for place, records in (await self._consumer.getmany(*wanted, timeout_ms=LOOK_MS)).items():
                self._left[place] = self._left.get(place, []) + records
            for place in wanted:
                self._come[place] = await self._consumer.position(place)
            self._news.set()

    def _wanted(self) -> list[TopicPartition]:
        if sum(map(len, self._left.values())) < MOST_READY:
            return list(self._places)
        return [self._needed] if self._needed is not None and self._needed not in self._left else []

    async def _halt(self) -> None:
        """End the task that takes what comes."""
        following, self._following = self._following, None
        if following is not None:
            following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await following

    def _cut(self, place: TopicPartition, records: list[Record], count: int) -> None:
        """Leave so many in ``records`` and put the others by."""
        self._left[place] = records[count:] + self._left.get(place, [])
        del records[count:]

    async def _check(self, place: TopicPartition, expected: int, got: int) -> None:
        """Raises ``NotKept`` where the log was cut off between these offsets; ends of transactions may lie there."""
        if got > expected and await self.beginning(place.topic, place.partition) > expected:
            where = f"{place.topic}:{place.partition}"
            raise NotKept(f"{where}: expected the log from offset {expected}, got {got}: it is not kept for so long")
