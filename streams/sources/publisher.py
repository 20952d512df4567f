"""Publishers: the broker's, and beside it the fake that tests use, with outages on demand."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Literal, TypeAlias

import structlog
from aiokafka.errors import KafkaConnectionError, KafkaError, KafkaTimeoutError

from streams.clients import sure_producer
from streams.sources.base import Headers, Record
from topics.connection import KafkaConnection
from topics.errors import NotKept

log = structlog.get_logger(__name__)

RECONNECT_S = 1.0
STOP_WITHIN_S = 5.0

_Queue: TypeAlias = "deque[tuple[Record, asyncio.Future[None]]]"


class KafkaPublisher:
    """Keeps records on the broker: idempotent, acks=all, gathered in batches.

    ``start`` returns at once; until the broker answers, and again after a fatal error of the client, records
    are refused. Records wait in one queue per topic, because the client itself keeps no order among sends
    that wait for room in a batch.
    """

    def __init__(self, connection: KafkaConnection) -> None:
        self.connection = connection
        self._producer: Any = None
        self._connecting: asyncio.Task[None] | None = None
        self._queues: dict[str, _Queue] = {}
        self._pumps: dict[str, asyncio.Task[None]] = {}

    async def start(self) -> None:
        """Begin to look for the broker, for as long as it takes."""
        self._connect()

    async def connected(self) -> None:
        """Wait until the broker has answered."""
        if self._connecting is not None:
            await self._connecting

    def publish(self, topic: str, key: str, value: bytes, headers: Headers = ()) -> "asyncio.Future[None]":
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._producer is None:
            absent = f"{topic}: expected the broker on {self.connection.brokers} to answer, it does not"
            kept.set_exception(NotKept(absent))
            return kept
        queue = self._queues.setdefault(topic, deque())
        queue.append((Record(topic, key, value, tuple(headers)), kept))
        if topic not in self._pumps:
            self._pumps[topic] = asyncio.create_task(self._pump(topic, queue), name=f"publish-{topic}")
        return kept

    async def stop(self) -> None:
        """Give what is under way some seconds to be kept, then refuse it."""
        if self._connecting is not None:
            self._connecting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._connecting
        producer, self._producer = self._producer, None
        if producer is not None:
            await _stop(producer)
        for pump in list(self._pumps.values()):
            pump.cancel()
        if self._pumps:
            await asyncio.wait(list(self._pumps.values()))
        for topic in list(self._queues):
            self._refuse(topic, "the publisher has stopped")

    def _connect(self) -> None:
        if self._connecting is None or self._connecting.done():
            self._connecting = asyncio.create_task(self._look_for_broker(), name="publisher-connect")

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

    async def _pump(self, topic: str, queue: _Queue) -> None:
        while queue:
            record, kept = queue[0]
            producer = self._producer
            if producer is None:
                self._refuse(topic, "the client ended")
                break
            try:
                sent = await producer.send(topic, record.value, key=record.key.encode(), headers=list(record.headers))
            except KafkaError as error:
                # All that waits is refused with it, so that nothing passes a record that is sent again.
                self._refuse(topic, _said(error))
                self._renew_after(producer, error)
                break
            queue.popleft()
            sent.add_done_callback(partial(self._answered, producer, topic, kept))
        del self._pumps[topic]

    def _answered(self, producer: Any, topic: str, kept: "asyncio.Future[None]", sent: "asyncio.Future[Any]") -> None:
        error = None if sent.cancelled() else sent.exception()
        if kept.done():
            return
        if error is None and not sent.cancelled():
            kept.set_result(None)
            return
        kept.set_exception(NotKept(f"{topic}: {_said(error)}"))
        if isinstance(error, KafkaError):
            self._renew_after(producer, error)

    def _refuse(self, topic: str, why: str) -> None:
        queue = self._queues.get(topic, deque())
        while queue:
            _, kept = queue.popleft()
            if not kept.done():
                kept.set_exception(NotKept(f"{topic}: {why}"))

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
        # No public way to end a client that waits for its broker: fail what waits, end the sender, hang up.
        producer._message_accumulator.fail_all(KafkaTimeoutError())
        await producer._sender.close()
        await producer.client.close()


def _said(error: BaseException | None) -> str:
    return f"{type(error).__name__}: {error}" if error is not None else "the send was cancelled"


#: ``keeps``, ``refuses`` (NotKept at once), or ``silent``: no answer until the state changes, then as that says.
State: TypeAlias = Literal["keeps", "refuses", "silent"]


class MemoryPublisher:
    """The fake: keeps records in a list. ``state`` says what it does now; ``script`` (call number from 0 →
    state) goes before it, so that outages are items of a list.
    """

    def __init__(self, state: State = "keeps", script: Mapping[int, State] | None = None) -> None:
        self.records: list[Record] = []
        self.calls = 0
        self.script = dict(script or {})
        self._state = state
        self._changed = asyncio.Event()

    @property
    def state(self) -> State:
        return self._state

    @state.setter
    def state(self, state: State) -> None:
        self._state = state
        self._changed.set()
        self._changed = asyncio.Event()

    async def publish(self, topic: str, key: str, value: bytes, headers: Headers = ()) -> None:
        state = self.script.get(self.calls, self._state)
        self.calls += 1
        while state == "silent":
            await self._changed.wait()
            state = self._state
        if state == "refuses":
            raise NotKept(f"{topic}: refused, as the test asked")
        self.records.append(Record(topic, key, value, tuple(headers)))

    def of(self, topic: str) -> list[Record]:
        """What was kept of one topic, in order."""
        return [record for record in self.records if record.topic == topic]

    def values(self, topic: str) -> Sequence[bytes]:
        """The values of one topic, in order."""
        return [record.value for record in self.of(topic)]
