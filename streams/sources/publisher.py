"""The broker's publisher: records gathered into batches of our own, one future for each message of a sender."""

import asyncio
import contextlib
from collections.abc import Sequence
from functools import partial
from typing import Any

import structlog
from aiokafka.errors import KafkaConnectionError, KafkaError, KafkaTimeoutError

from streams.clients import sure_producer
from streams.sources.base import Headers, Record
from streams.sources.publisher_lanes import Group, Lane, Lanes, refuse
from topics.connection import KafkaConnection
from topics.errors import NotKept

log = structlog.get_logger(__name__)

RECONNECT_S = 1.0
STOP_WITHIN_S = 5.0
#: How long stopping waits for what is not yet in a batch; with the broker away it waits in vain.
FLUSH_WITHIN_S = 1.5

#: How long records wait for others to share their batch: a request to the broker costs what 50 records do.
LINGER_S = 0.008


class KafkaPublisher:
    """Keeps records on the broker: idempotent, acks=all, at most one batch of a partition under way.

    ``start`` returns at once; until the broker answers, and again after a fatal error of the client, records
    are refused. Batches are made here, not by the client, which spends a future and two tasks' turns on each record.
    """

    def __init__(self, connection: KafkaConnection) -> None:
        self.connection = connection
        self._producer: Any = None
        self._connecting: asyncio.Task[None] | None = None
        self._pump: asyncio.Task[None] | None = None
        self._some = asyncio.Event()
        self._lanes = Lanes()
        self._asking: dict[str, asyncio.Task[None]] = {}

    async def start(self) -> None:
        """Begin to look for the broker, for as long as it takes."""
        self._connect()

    async def connected(self) -> None:
        """Wait until the broker has answered."""
        if self._connecting is not None:
            await self._connecting

    def publish(self, topic: str, key: str, value: bytes, headers: Headers = ()) -> "asyncio.Future[None]":
        return self.publish_all((Record(topic, key, value, tuple(headers)),))

    def publish_all(self, records: Sequence[Record]) -> "asyncio.Future[None]":
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if not records:
            kept.set_result(None)
            return kept
        if self._producer is None:
            absent = f"{records[0].topic}: expected the broker on {self.connection.brokers} to answer, it does not"
            kept.set_exception(NotKept(absent))
            return kept
        self._lanes.put(records, Group(len(records), kept))
        self._some.set()
        return kept

    async def stop(self) -> None:
        """Give what is under way some seconds to be kept, then refuse it."""
        if self._connecting is not None:
            self._connecting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._connecting
        producer = self._producer
        if producer is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FLUSH_WITHIN_S):
                    while self._lanes.waiting():
                        self._some.set()
                        await asyncio.sleep(LINGER_S)
            self._producer = None
            await _stop(producer)
        tasks = [task for task in (self._pump, *self._asking.values()) if task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        self._lanes.refuse_all("the publisher has stopped")

    def _connect(self) -> None:
        if self._connecting is None or self._connecting.done():
            self._connecting = asyncio.create_task(self._look_for_broker(), name="publisher-connect")
        if self._pump is None:
            self._pump = asyncio.create_task(self._run(), name="publisher-pump")

    async def _look_for_broker(self) -> None:
        told = False
        while True:
            producer = sure_producer(self.connection)
            try:
                await producer.start()
            except (KafkaError, OSError) as error:
                with contextlib.suppress(KafkaError):
                    await producer.stop()
                if not told:
                    log.warning("publisher_waits_for_broker", brokers=self.connection.brokers, error=str(error))
                told = True
                await asyncio.sleep(RECONNECT_S)
            except BaseException:
                await producer.client.close()
                raise
            else:
                self._producer = producer
                return

    async def _run(self) -> None:
        """Make batches of all that waits, every few milliseconds while anything does."""
        while True:
            await self._some.wait()
            await asyncio.sleep(LINGER_S)
            self._some.clear()
            for topic in self._lanes.unknown():
                if topic not in self._asking:
                    self._asking[topic] = asyncio.create_task(self._ask(topic), name=f"partitions-{topic}")
            for lane in self._lanes.ready():
                await self._send(lane)

    async def _ask(self, topic: str) -> None:
        """How many partitions the topic has; by itself, because a topic that is not there is waited for long."""
        producer = self._producer
        try:
            if producer is None:
                raise KafkaConnectionError("the client ended")
            count = len(await producer.partitions_for(topic))
        except KafkaError as error:
            self._lanes.refuse_unknown(topic, _said(error))
            self._renew_after(producer, error)
        else:
            self._lanes.known(topic, count)
            self._some.set()
        finally:
            del self._asking[topic]

    async def _send(self, lane: Lane) -> None:
        producer = self._producer
        if producer is None:
            refuse(lane.queue, lane.topic, "the client ended")
            return
        batch, groups, queue = producer.create_batch(), [], lane.queue
        while queue:
            record, group = queue[0]
            if batch.append(
                timestamp=None, key=record.key.encode(), value=record.value, headers=list(record.headers)
            ) is None:  # fmt: skip
                break
            queue.popleft()
            groups.append(group)
        batch.close()  # full or not: it has lingered here already
        lane.under_way = True
        try:
            sent = await producer.send_batch(batch, lane.topic, partition=lane.partition)
        except KafkaError as error:
            self._failed(lane, groups, _said(error))
            self._renew_after(producer, error)
        else:
            sent.add_done_callback(partial(self._answered, producer, lane, groups))

    def _answered(self, producer: Any, lane: Lane, groups: list[Group], sent: "asyncio.Future[Any]") -> None:
        error = None if sent.cancelled() else sent.exception()
        if error is not None or sent.cancelled():
            self._failed(lane, groups, _said(error))
            if isinstance(error, KafkaError):
                self._renew_after(producer, error)
            return
        lane.under_way = False
        for group in groups:
            group.one_kept()
        if lane.queue:
            self._some.set()

    def _failed(self, lane: Lane, groups: list[Group], why: str) -> None:
        """All that waits is refused with the batch, so that nothing passes a record that is sent again."""
        lane.under_way = False
        for group in groups:
            group.refuse(f"{lane.topic}: {why}")
        refuse(lane.queue, lane.topic, why)

    def _renew_after(self, producer: Any, error: KafkaError) -> None:
        """An error that is not the broker's absence may have ended the client for good: take a new one."""
        if error.retriable or isinstance(error, KafkaTimeoutError | KafkaConnectionError):
            return
        if producer is not None and producer is self._producer:
            log.error("publisher_renews_client", error=_said(error))
            self._producer = None
            self._ending = asyncio.create_task(_stop(producer), name="publisher-renew")
            self._connect()


async def _stop(producer: Any) -> None:
    """``producer.stop`` waits for ever for a broker that is away: let it, then close what it holds."""
    try:
        async with asyncio.timeout(STOP_WITHIN_S):
            await producer.stop()
    except TimeoutError:
        log.warning("publisher_left_records_unkept")
        # No public way to end a client that waits for its broker: end the sender, fail what waits, hang up. In this
        # order, because a sender that still runs takes a failed batch of ours up again and dies of it.
        await producer._sender.close()
        producer._message_accumulator.fail_all(KafkaTimeoutError())
        await producer.client.close()


def _said(error: BaseException | None) -> str:
    return f"{type(error).__name__}: {error}" if error is not None else "the send was cancelled"
