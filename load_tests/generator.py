"""Sends a workload: as fast as the broker takes it, or by the clock at a rate that nothing slows down.

Records carry the *intended* send time as their Kafka time stamp, so a stall of the generator or the broker
counts as latency and is not hidden (coordinated omission).
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from aiokafka import AIOKafkaProducer

from load_tests.workload import Message, Workload
from topics.connection import KafkaConnection

BATCH_BYTES = 131_072

#: How often the clocked generator sends what has become due.
STEP_S = 0.01


@dataclass(slots=True)
class Sent:
    """What was offered: ``behind_ms_max`` is the longest an actual send came after its intended time."""

    messages: int = 0
    seconds: float = 0.0
    behind_ms_max: float = 0.0


def load_producer(connection: KafkaConnection) -> Any:
    """A producer for whole pre-built batches; not started."""
    return AIOKafkaProducer(
        **connection.for_aiokafka(), acks="all", max_batch_size=BATCH_BYTES, max_request_size=4 * BATCH_BYTES
    )


class Batches:
    """Fills a batch for each partition and sends those that are full, or all of them on ``flush``."""

    def __init__(self, producer: Any, topic: str) -> None:
        self.producer = producer
        self.topic = topic
        self._open: dict[int, Any] = {}
        self._sent: list[Any] = []

    async def add(self, message: Message, stamp_ms: int) -> None:
        batch = self._open.get(message.partition)
        if batch is None:
            batch = self._open[message.partition] = self.producer.create_batch()
        if batch.append(key=message.key, value=message.value, timestamp=stamp_ms) is None:
            await self._send(message.partition)
            await self.add(message, stamp_ms)

    async def flush(self) -> None:
        """Send what is begun; does not wait for acknowledgements."""
        for partition in list(self._open):
            await self._send(partition)

    async def settle(self) -> None:
        """Send what is begun and return once everything is acknowledged; raises what a send raised."""
        await self.flush()
        await asyncio.gather(*self._sent)
        self._sent.clear()

    async def _send(self, partition: int) -> None:
        batch = self._open.pop(partition)
        self._sent = [future for future in self._sent if not future.done() or future.exception()]
        self._sent.append(await self.producer.send_batch(batch, self.topic, partition=partition))


def take(workload: Workload, start_ms: int, messages: int) -> Iterable[Message]:
    """The first ``messages`` messages of a workload, ticks included."""
    return islice((message for round_ in workload.rounds(start_ms) for message in round_), messages)


async def preload(connection: KafkaConnection, topic: str, workload: Workload, start_ms: int, messages: int) -> Sent:
    """Put a backlog on the topic as fast as it goes. Event time begins at ``start_ms``.

    The records' own time stamps are today's: the broker deletes by them, and a backlog of old ones would
    vanish while it is worked off.
    """
    stamp_ms = int(time.time() * 1000)
    producer = load_producer(connection)
    await producer.start()
    began = time.perf_counter()
    try:
        batches = Batches(producer, topic)
        for message in take(workload, start_ms, messages):
            await batches.add(message, stamp_ms)
        await batches.settle()
    finally:
        await producer.stop()
    return Sent(messages, time.perf_counter() - began)


async def by_the_clock(
    connection: KafkaConnection,
    topic: str,
    workload: Workload,
    rate_per_s: float,
    seconds: float,
    wall: Callable[[], float] = time.time,
) -> Sent:
    """Send ``rate_per_s`` for ``seconds``; message k is intended k / rate after the start, come what may.

    Event time follows the wall, a round each ``interval_ms`` of event time whatever the rate.
    """
    producer = load_producer(connection)
    await producer.start()
    sent = Sent()
    try:
        batches = Batches(producer, topic)
        began = wall()
        messages = take(workload, int(began * 1000), int(rate_per_s * seconds))
        for message in messages:
            intended = began + sent.messages / rate_per_s
            while (ahead := intended - wall()) > 0:
                await batches.flush()
                await asyncio.sleep(max(ahead, STEP_S))
            sent.behind_ms_max = max(sent.behind_ms_max, -ahead * 1000)
            await batches.add(message, int(intended * 1000))
            sent.messages += 1
        await batches.settle()
        sent.seconds = wall() - began
    finally:
        await producer.stop()
    return sent
