"""Sends a workload: as fast as the broker takes it, or by the clock at a rate that nothing slows down.

Records carry the *intended* send time as their Kafka time stamp, so a stall of the generator or the broker
counts as latency and is not hidden (coordinated omission).
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

import numpy as np
from aiokafka import AIOKafkaProducer
from numpy.typing import NDArray

from load_tests.workload import Message, Workload
from topics.connection import KafkaConnection

BATCH_BYTES = 131_072

#: How often the clocked generator sends what has become due; what waits so long counts as latency.
STEP_S = 0.02

#: What is built before the clock starts takes memory: some 300 bytes each.
MOST_AHEAD = 8_000_000

#: A backlog is built and sent in parts of so many.
AT_ONCE = 50_000


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


@dataclass(frozen=True, slots=True)
class Step:
    """What is sent at one time: batches with their partitions, ``last_s`` after the start, when the last is due.

    ``first_s`` is when its first message is intended, ``messages`` how many there are.
    """

    first_s: float
    last_s: float
    messages: int
    batches: list[tuple[int, Any]]


def filled(producer: Any, stamped: Iterable[tuple[int, Message]]) -> list[tuple[int, Any]]:
    """The messages (each with its time stamp, ms) in batches of the producer's size, each with its partition; the
    order within a partition stays."""
    batches: list[tuple[int, Any]] = []
    open_: dict[int, Any] = {}
    for stamp_ms, (partition, key, value) in stamped:
        batch = open_.get(partition)
        if batch is None or batch.append(key=key, value=value, timestamp=stamp_ms) is None:
            batch = open_[partition] = producer.create_batch()
            batches.append((partition, batch))
            batch.append(key=key, value=value, timestamp=stamp_ms)
    return batches


class Sending:
    """Hands batches to the producer, and knows which are not acknowledged yet."""

    def __init__(self, producer: Any, topic: str) -> None:
        self.producer = producer
        self.topic = topic
        self._sent: list[Any] = []

    async def send(self, batches: list[tuple[int, Any]]) -> None:
        """Does not wait for acknowledgements."""
        self._sent = [future for future in self._sent if not future.done() or future.exception()]
        for partition, batch in batches:
            self._sent.append(await self.producer.send_batch(batch, self.topic, partition=partition))

    async def settle(self) -> None:
        """Return once everything is acknowledged; raises what a send raised."""
        await asyncio.gather(*self._sent)
        self._sent.clear()


def steps(
    producer: Any, messages: Iterator[Message], schedule: Schedule, total: int, start_ms: float
) -> Iterator[Step]:
    """The first ``total`` messages, in batches by the step in which they are due; ``start_ms`` is the clock's start."""
    done, end_s = 0, 0.0
    while done < total:
        end_s += STEP_S
        due = min(total, int(schedule.due(end_s)))
        if due <= done:
            continue
        intended = schedule.at(np.arange(done, due))
        stamps = (start_ms + intended * 1000).astype(np.int64).tolist()
        # The times first: zip asks its first iterable once too often, and a message would be gone.
        batches = filled(producer, zip(stamps, messages, strict=False))
        yield Step(float(intended[0]), float(intended[-1]), due - done, batches)
        done = due


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
        sending, coming = Sending(producer, topic), iter(take(workload, start_ms, messages))
        while batches := filled(producer, ((stamp_ms, message) for message in islice(coming, AT_ONCE))):
            await sending.send(batches)
        await sending.settle()
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
    ahead_s: float = 0.0,
) -> Sent:
    """Send ``rate_per_s`` for ``seconds``; message k is intended k / rate after the start, come what may.

    Before that the rate grows evenly from nought for ``ramp_s``, so that compilers and caches are warm. The clock
    starts ``ahead_s`` from now; until then batches are built, so that on a small machine the generator takes nothing
    from what it measures. What is not built by then is built when it is due.
    Event time follows the messages, a round each ``interval_ms`` of event time whatever the rate.
    """
    schedule = Schedule(rate_per_s, ramp_s)
    producer = load_producer(connection)
    await producer.start()
    sent = Sent()
    try:
        sending, began = Sending(producer, topic), wall() + ahead_s
        total = int(schedule.due(ramp_s + seconds))
        coming = steps(producer, iter(take(workload, int(began * 1000), total)), schedule, total, began * 1000)
        for step in chain(await built_until(began, coming, wall), coming):
            ahead = began + step.last_s - wall()
            await asyncio.sleep(max(0.0, ahead))
            sent.behind_ms_max = max(sent.behind_ms_max, (wall() - began - step.first_s) * 1000)
            await sending.send(step.batches)
            sent.messages += step.messages
        await sending.settle()
        sent.seconds = wall() - began
    finally:
        await producer.stop()
    return sent


async def built_until(began: float, coming: Iterator[Step], wall: Callable[[], float]) -> Iterator[Step]:
    """The steps that can be built before ``began``; returns at that time, not before. Each is let go once it is
    taken."""
    ready, messages = deque[Step](), 0
    while wall() < began and messages < MOST_AHEAD and (step := next(coming, None)):
        ready.append(step)
        messages += step.messages
        await asyncio.sleep(0)
    await asyncio.sleep(max(0.0, began - wall()))
    return (ready.popleft() for _ in range(len(ready)))
