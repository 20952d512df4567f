"""The one writer that ticks city time into the logs.

A tick is ``Control("~tick", time)`` in every partition of the readings and events topics and on
``city-time``. Silence, delays and deadlines are judged by ticks alone, so they work at any replay
speed and on an idle partition. Two writers at once do no harm: each tick says "city time has
reached t", and whoever reads them ignores one that does not go beyond what it has already seen.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from streams.city_clock import CityClock, Leg, real_time
from streams.tidy_clients import TidyConsumer, TidyProducer
from topics.codec import encode
from topics.connection import KafkaConnection
from topics.errors import ConfigurationError, PartMissing
from topics.reading import Control

__all__ = ["CITY_TIME", "CityClock", "Leg", "TickSchedule", "TickWriter", "last_tick", "real_time"]

CITY_TIME = "city-time"

#: A tick comes each second of city time or each 100 ms of wall time, whichever is longer.
CITY_INTERVAL_MS = 1_000
WALL_INTERVAL_MS = 100.0

#: How far behind the last tick on the topic a clock may start: more is a mistake, not a restart.
BACKWARDS_MS = 3_600_000

#: How long a round waits for its acknowledgements before the next, newer tick is tried.
REQUEST_TIMEOUT_MS = 10_000

log = structlog.get_logger(__name__)


class TickSchedule:
    """Which tick is due when. Pure: it is told the wall time. Ticks stand on whole seconds of city time
    (and on the clock's end); a late call gives the newest tick only, so catching up never floods.
    """

    def __init__(self, clock: CityClock, last_ms: int = 0) -> None:
        self.clock = clock
        self.last_ms = last_ms

    def due(self, wall_ms: float) -> int | None:
        """The city time to tick now, ``None`` if nothing new has been reached. It only ever grows."""
        city = self.clock.city(wall_ms)
        if city != self.clock.end_ms:
            city -= city % CITY_INTERVAL_MS
        return city if city > self.last_ms and city >= self.clock.start_ms else None

    def told(self, city_ms: int) -> None:
        """This tick has been written; never goes backwards."""
        self.last_ms = max(self.last_ms, city_ms)

    def next_wall(self, wall_ms: float) -> float:
        """When to look again: at least the wall interval from now; infinite once the clock has ended."""
        if self.clock.end_ms is not None and self.last_ms >= self.clock.end_ms:
            return float("inf")
        reached = max(self.last_ms, self.clock.city(wall_ms))
        second = reached - reached % CITY_INTERVAL_MS + CITY_INTERVAL_MS
        if self.clock.end_ms is not None:
            second = min(second, self.clock.end_ms)
        return max(self.clock.wall(second), wall_ms + WALL_INTERVAL_MS)


class TickWriter:
    """Writes the ticks of one clock into every partition of ``topics`` and of ``city-time``.

    ``now_ms`` gives the wall time. One round is under way at a time and waits for its
    acknowledgements, so memory is bounded; a round that fails is counted in ``failed`` and the next
    one says the newer time. Starting reads the last tick on ``city-time`` and never goes behind it.
    """

    def __init__(
        self,
        connection: KafkaConnection,
        clock: CityClock,
        topics: Sequence[str],
        now_ms: Callable[[], float],
        *,
        city_topic: str = CITY_TIME,
    ) -> None:
        self.connection = connection
        self.clock = clock
        self.city_topic = city_topic
        self.topics = tuple(dict.fromkeys((*topics, city_topic)))
        self.now_ms = now_ms
        self.schedule = TickSchedule(clock)
        self.ticks = 0
        self.failed = 0
        self._producer: Any = None

    async def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Tick until the clock ends or the task is cancelled; ``ready`` is called after the first round.

        Raises ``PartMissing`` if a topic is not there, ``ConfigurationError`` if the clock would run backwards.
        """
        await self.start()
        try:
            upcoming = await self.step()
            ready()
            while upcoming != float("inf"):
                upcoming = await self.step()
        finally:
            await self.stop()

    async def start(self) -> None:
        """Connect, check that the topics are there, and find the last tick written by anyone."""
        # Not idempotent: a tick told twice is harmless, while an idempotent producer may give up for good.
        self._producer = TidyProducer(
            **self.connection.for_aiokafka(), acks="all", request_timeout_ms=REQUEST_TIMEOUT_MS
        )
        try:
            await self._producer.start()
            if missing := set(self.topics) - (await self._producer.client.fetch_all_metadata()).topics():
                raise PartMissing(
                    f"city time: expected topics {sorted(missing)} on {self.connection.brokers}, got none; "
                    "declare them first (citybrain topics declare)"
                )
            self._resume(await last_tick(self.connection, self.city_topic))
        except BaseException:
            await self.stop()
            raise

    def _resume(self, last: int | None) -> None:
        city = self.clock.city(self.now_ms())
        if last is not None and city < last - BACKWARDS_MS:
            raise ConfigurationError(
                f"city time: expected a clock at or after the last tick on {self.city_topic} ({last}), "
                f"got one at {city}; time does not run backwards, use fresh topics"
            )
        self.schedule.told(last or 0)

    async def stop(self) -> None:
        """Close the producer; ticks that were written stay."""
        if self._producer is not None:
            producer, self._producer = self._producer, None
            await producer.stop()

    async def step(self) -> float:
        """Write the tick that is due, wait until the next one is, and return the wall time of that (inf = ended)."""
        due = self.schedule.due(self.now_ms())
        if due is not None:
            try:
                await self.write(due)
            except KafkaError as error:
                self.failed += 1
                log.warning("tick_failed", city_ms=due, error=str(error))
        upcoming = self.schedule.next_wall(self.now_ms())
        if upcoming != float("inf"):
            await asyncio.sleep(max(0.0, upcoming - self.now_ms()) / 1000)
        return upcoming

    async def write(self, city_ms: int) -> None:
        """Put one tick into every partition; returns when all are acknowledged, else raises a ``KafkaError``."""
        value = encode(Control("~tick", city_ms))
        sent = [
            await self._producer.send(topic, value, partition=partition)
            for topic in self.topics
            for partition in await self._partitions(topic)
        ]
        answers = await asyncio.gather(*sent, return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
        self.schedule.told(city_ms)
        self.ticks += 1

    async def _partitions(self, topic: str) -> list[int]:
        return sorted(await self._producer.partitions_for(topic))


async def last_tick(connection: KafkaConnection, city_topic: str = CITY_TIME) -> int | None:
    """The greatest city time among the last ticks of ``city-time``, ``None`` if it is empty."""
    consumer = TidyConsumer(**connection.for_aiokafka(), enable_auto_commit=False)
    try:
        await consumer.start()
        place = TopicPartition(city_topic, 0)
        consumer.assign([place])
        end = (await consumer.end_offsets([place]))[place]
        beginning = (await consumer.beginning_offsets([place]))[place]
        if end <= beginning:
            return None
        consumer.seek(place, max(beginning, end - 10))
        last: int | None = None
        while await consumer.position(place) < end:
            for record in (await consumer.getmany(place, timeout_ms=1000)).get(place, []):
                with contextlib.suppress(ValueError):
                    last = max(last or 0, _tick_time(record.value))
        return last
    finally:
        await consumer.stop()


def _tick_time(value: bytes) -> int:
    try:
        return msgspec.json.decode(value, type=Control).time
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from error
