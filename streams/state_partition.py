"""One partition of a state topic: written only by the newest owner, read back whole.

The fence is Kafka's own: the producer's transactional id is group, topic and partition, and an owner that
starts takes the id over, so that a paused worker which wakes up cannot put an old state over a newer one
(docs/decisions/0001). One transaction holds a cycle's blocks and the record that says which count.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError, ProducerClosed, ProducerFenced

from streams.clients import fenced_producer, lone_consumer
from streams.snapshots import FRESH, NOTHING, Gathering, Restored, Written, block_records, shared_record
from topics.connection import KafkaConnection

log = structlog.get_logger(__name__)

#: How long a close may wait for a broker that is away; the transaction then times out on the broker.
CLOSE_WITHIN_S = 2.0

#: Where the newest shared record is looked for first: itself, the marker of its transaction, and a little more.
TAIL = 4


class StatePartition:
    """The snapshots of one readings partition. ``written`` says what stands on the topic for each block."""

    def __init__(self, connection: KafkaConnection, group: str, topic: str, partition: int) -> None:
        self.connection = connection
        self.place = TopicPartition(topic, partition)
        self.transactional_id = f"{group}-{topic}-{partition}"
        self.written: list[Written] = list(NOTHING)
        self._producer: Any = None

    async def open(self) -> None:
        """Take the partition over: whoever wrote it before is fenced, its open transaction is undone."""
        self._producer = fenced_producer(self.connection, self.transactional_id)
        await self._producer.start()

    async def close(self) -> None:
        if self._producer is not None:
            producer, self._producer = self._producer, None
            await asyncio.wait([asyncio.ensure_future(producer.stop())], timeout=CLOSE_WITHIN_S)

    async def restore(self) -> Restored:
        """Read back the newest snapshot, ``FRESH`` where there is none.

        The shared record is the last of each transaction and names the oldest record that counts, so the
        tail of the partition says where to begin. Where it does not help, all of it is read.
        """
        consumer = lone_consumer(self.connection, committed_only=True)
        await consumer.start()
        try:
            consumer.assign([self.place])
            beginning = (await consumer.beginning_offsets([self.place]))[self.place]
            end = (await consumer.end_offsets([self.place]))[self.place]
            restored = await self._newest(consumer, beginning, end)
        finally:
            await consumer.stop()
        if restored is None and end > beginning:
            log.error("snapshot_unreadable", topic=self.place.topic, partition=self.place.partition, end=end)
        restored = restored or FRESH
        self.written = list(restored.written)
        return restored

    async def _newest(self, consumer: Any, beginning: int, end: int) -> Restored | None:
        back, start = TAIL, end
        while start > beginning:
            start = max(beginning, end - back)
            gathering = await self._read(consumer, start, end)
            if gathering.oldest is not None:
                if beginning <= gathering.oldest < start:
                    gathering = await self._read(consumer, gathering.oldest, end)
                if (restored := gathering.restored()) is not None:
                    return restored
            back *= 16
        return None

    async def _read(self, consumer: Any, start: int, end: int) -> Gathering:
        consumer.seek(self.place, start)
        gathering = Gathering()
        while await consumer.position(self.place) < end:
            for record in (await consumer.getmany(self.place, timeout_ms=200)).get(self.place, []):
                gathering.take((record.key or b"").decode(), record.value)
        return gathering

    async def write(
        self,
        changed: Sequence[tuple[int, int, bytes, bytes]],
        through: Sequence[int],
        shared: tuple[int, Any],
        safe: Callable[[], Awaitable[None]],
    ) -> None:
        """Write one snapshot as one transaction.

        ``changed`` holds (block, x, body, digest) of the blocks to write, ``through`` for every block the offset
        up to which its state is now right, ``shared`` the offset and state of the whole partition. ``safe``
        returns once everything that came of the input before those offsets is kept, and raises if it is not;
        only then is the snapshot made visible. Raises a ``KafkaError`` if it could not be written or this
        worker is fenced; what was on the topic before then still counts.
        """
        producer = self._producer
        if producer is None:
            raise ProducerClosed(f"{self.place.topic}/{self.place.partition} has been let go")
        try:
            await producer.begin_transaction()
        except AssertionError as error:  # aiokafka's word for a producer that has been fenced before
            raise ProducerFenced(str(error)) from error
        try:
            sent = {
                block: [await self._send(*each) for each in block_records(block, x, body)]
                for block, x, body, _ in changed
            }
            await _kept([future for futures in sent.values() for future in futures])
            written = [
                Written(was.x, max(was.through, now), was.digest, was.place)
                for was, now in zip(self.written, through, strict=True)
            ]
            for block, x, _, digest in changed:
                written[block] = Written(x, max(x, through[block]), digest, sent[block][0].result().offset)
            last = await self._send(*shared_record(shared[0], written, shared[1]))
            await _kept([last])
            await safe()
        except BaseException:
            await self._undo()
            raise
        await producer.commit_transaction()
        self.written = written

    async def _send(self, key: str, value: bytes) -> "asyncio.Future[Any]":
        future: asyncio.Future[Any] = await self._producer.send(
            self.place.topic, value, key=key.encode(), partition=self.place.partition
        )
        future.add_done_callback(_look)  # a failure is told once, by the first send that meets it
        return future

    async def _undo(self) -> None:
        try:
            await asyncio.wait_for(self._producer.abort_transaction(), CLOSE_WITHIN_S)
        except (KafkaError, TimeoutError, AssertionError) as error:
            # The last, again, says that the producer is fenced: then there is nothing to undo.
            log.warning("abort_failed", topic=self.place.topic, partition=self.place.partition, error=repr(error))


async def _kept(futures: Sequence["asyncio.Future[Any]"]) -> None:
    """Wait for acknowledgements; being cancelled meanwhile must not cancel the sends, hence no ``gather``."""
    if futures:
        await asyncio.wait(futures)
    failures = [failure for future in futures if (failure := future.exception()) is not None]
    if failures:
        raise failures[0]


def _look(future: "asyncio.Future[Any]") -> None:
    if not future.cancelled():
        future.exception()
