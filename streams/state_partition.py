"""One partition of a state topic: written only by the newest owner, read back whole.

The fence is Kafka's own: the producer's transactional id is group, topic and partition, and an owner that
starts takes the id over, so that a paused worker which wakes up cannot put an old state over a newer one
(docs/decisions/0001). One transaction holds a cycle's blocks and the record that says which count.
Keys begin with the group, so that a second group beside it (a trial of other detectors) has a state of its own.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError, ProducerClosed, ProducerFenced

from streams.clients import close_within, fenced_producer, lone_consumer
from streams.snapshots import FRESH, NOTHING, Gathering, Restored, Written, block_records, blocks_of, shared_record
from topics.connection import KafkaConnection

log = structlog.get_logger(__name__)

#: How long a close may wait for a broker that is away; the transaction then times out on the broker.
CLOSE_WITHIN_S = 1.0

#: Where the newest shared record is looked for first: itself, the marker of its transaction, and a little more.
TAIL = 4


class StatePartition:
    """The snapshots of one readings partition. ``written`` says what stands on the topic for each block."""

    def __init__(self, connection: KafkaConnection, group: str, topic: str, partition: int) -> None:
        self.connection = connection
        self.prefix = f"{group}/"
        self.place = TopicPartition(topic, partition)
        self.transactional_id = f"{group}-{topic}-{partition}"
        self.written: list[Written] = list(NOTHING)
        self._producer: Any = None
        #: False from asking for a commit to its answer: what stands on the topic then is not known.
        self._sure = True

    async def open(self) -> None:
        """Take the partition over: whoever wrote it before is fenced, its open transaction is undone."""
        self._producer = fenced_producer(self.connection, self.transactional_id)
        await self._producer.start()

    async def close(self) -> None:
        """Write no more; to be called after ``open`` in any case, even if that has failed."""
        if self._producer is not None:
            producer, self._producer = self._producer, None
            await close_within(producer, CLOSE_WITHIN_S)

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
        self.written = list(restored.written)
        return restored

    async def _newest(self, consumer: Any, beginning: int, end: int) -> Restored:
        back, start, gathering = TAIL, end, Gathering()
        while start > beginning:
            start = max(beginning, end - back)
            gathering = await self._read(consumer, start, end)
            if gathering.oldest is not None:
                if beginning <= gathering.oldest < start:
                    gathering = await self._read(consumer, gathering.oldest, end)
                if (restored := gathering.restored()) is not None:
                    return restored
            back *= 16
        # What a killed owner had not committed does not come: a partition of nothing else is simply fresh.
        if not gathering.empty:
            log.error("snapshot_unreadable", topic=self.place.topic, partition=self.place.partition, end=end)
        return FRESH

    async def _read(self, consumer: Any, start: int, end: int) -> Gathering:
        consumer.seek(self.place, start)
        gathering = Gathering()
        while await consumer.position(self.place) < end:
            for record in (await consumer.getmany(self.place, timeout_ms=200)).get(self.place, []):
                key = (record.key or b"").decode()
                if key.startswith(self.prefix):
                    gathering.take(key.removeprefix(self.prefix), record.value)
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
        if not self._sure:
            raise ProducerFenced("expected an answer to the last commit, got none; the topic must be read again")
        with _fences():
            await producer.begin_transaction()
            try:
                sent = {
                    block: [await self._send(producer, *each) for each in block_records(block, x, body)]
                    for block, x, body, _ in changed
                }
                await _kept([future for futures in sent.values() for future in futures])
                written = [
                    Written(was.x, max(was.through, now), was.digest, was.place)
                    for was, now in zip(blocks_of(self.written, len(through)), through, strict=True)
                ]
                for block, x, _, digest in changed:
                    written[block] = Written(x, max(x, through[block]), digest, sent[block][0].result().offset)
                await _kept([await self._send(producer, *shared_record(shared[0], written, shared[1]))])
                await safe()
            except BaseException:
                await self._undo(producer)
                raise
            self._sure = False
            await producer.commit_transaction()
        self._sure = True
        self.written = written

    async def _send(self, producer: Any, key: str, value: bytes) -> "asyncio.Future[Any]":
        future: asyncio.Future[Any] = await producer.send(
            self.place.topic, value, key=f"{self.prefix}{key}".encode(), partition=self.place.partition
        )
        future.add_done_callback(_look)  # a failure is told once, by the first send that meets it
        return future

    async def _undo(self, producer: Any) -> None:
        try:
            with _fences():
                await asyncio.wait_for(producer.abort_transaction(), CLOSE_WITHIN_S)
        except ProducerFenced:
            pass  # the next owner has undone it; whoever wrote is told by the error that led here
        except (KafkaError, TimeoutError) as error:
            log.warning("abort_failed", topic=self.place.topic, partition=self.place.partition, error=repr(error))


@contextlib.contextmanager
def _fences() -> Iterator[None]:
    """An assertion about its transaction's state is aiokafka's word for a producer that has been fenced before."""
    try:
        yield
    except AssertionError as error:
        raise ProducerFenced(str(error)) from error


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
