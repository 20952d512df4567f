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

import numpy as np
from aiokafka import AIOKafkaProducer
from numpy.typing import NDArray

from load_tests.workload import Message, Workload
from topics.connection import KafkaConnection

BATCH_BYTES = 131_072

#: Behind its schedule it lets the sender go on after so many.
MOST_AT_ONCE = 5_000

#: How often the clocked generator sends what has become due; what waits so long counts as latency.
STEP_S = 0.02


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


@dataclass(frozen=True, slots=True)
class Schedule:
    """When which message is due: ``rate_per_s``, after ``ramp_s`` in which the rate grows evenly from nought."""

    rate_per_s: float
    ramp_s: float = 0.0

    def due(self, seconds: float) -> float:
        """How many are due so long after the start."""
        if seconds < self.ramp_s:
            return self.rate_per_s * seconds**2 / (2 * self.ramp_s)
        return self.rate_per_s * (seconds - self.ramp_s / 2)

    def at(self, numbers: NDArray[np.int64]) -> NDArray[np.float64]:
        """Seconds after the start at which these are intended; the first has number 0."""
        steady = numbers / self.rate_per_s + self.ramp_s / 2
        growing = np.sqrt(2 * self.ramp_s * numbers / self.rate_per_s)
        return np.where(steady < self.ramp_s, growing, steady)


class Batches:
    """Fills a batch for each partition and sends those that are full, or all of them on ``flush``."""

    def __init__(self, producer: Any, topic: str) -> None:
        self.producer = producer
        self.topic = topic
        self._open: dict[int, Any] = {}
        self._sent: list[Any] = []

    async def add(self, message: Message, stamp_ms: int) -> None:
        """Append a message, and send the batch before it where that is full."""
        if not self.put(message, stamp_ms):
            await self._send(message.partition)
            self.put(message, stamp_ms)

    def put(self, message: Message, stamp_ms: int) -> bool:
        """Append a message; ``False`` where its partition's batch must be sent first."""
        partition, key, value = message
        batch = self._open.get(partition)
        if batch is None:
            batch = self._open[partition] = self.producer.create_batch()
        return batch.append(key=key, value=value, timestamp=stamp_ms) is not None

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
    ramp_s: float = 0.0,
) -> Sent:
    """Send ``rate_per_s`` for ``seconds``; message k is intended k / rate after the start, come what may.

    Before that the rate grows evenly from nought for ``ramp_s``, so that compilers and caches are warm.
    Event time follows the messages, a round each ``interval_ms`` of event time whatever the rate.
    """
    schedule = Schedule(rate_per_s, ramp_s)
    producer = load_producer(connection)
    await producer.start()
    sent = Sent()
    try:
        batches = Batches(producer, topic)
        began = wall()
        total = int(schedule.due(ramp_s + seconds))
        messages = iter(take(workload, int(began * 1000), total))
        while sent.messages < total:
            due = min(total, sent.messages + MOST_AT_ONCE, int(schedule.due(wall() - began)))
            intended = began + schedule.at(np.arange(sent.messages, max(due, sent.messages + 1)))
            ahead = float(intended[0]) - wall()
            if due <= sent.messages:
                await asyncio.sleep(max(ahead, STEP_S))
                continue
            sent.behind_ms_max = max(sent.behind_ms_max, -ahead * 1000)
            # The times first: zip asks its first iterable once too often, and a message would be gone.
            for stamp_ms, message in zip((intended * 1000).astype(np.int64).tolist(), messages, strict=False):
                if not batches.put(message, stamp_ms):
                    await batches.add(message, stamp_ms)
            sent.messages = due
            await batches.flush()
        await batches.settle()
        sent.seconds = wall() - began
    finally:
        await producer.stop()
    return sent
