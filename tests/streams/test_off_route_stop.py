"""A truck leaves its declared route and stops near a school: positions and a waybill in, one finding of it out.

The watches over carriers and over sequences run as `citybrain up` runs them, each taking its turn at the broker.
"""

import asyncio
import contextlib
import random
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from kafka.admin import KafkaAdminClient, NewTopic

from streams.carriage_keeper import CarriageKeeper
from streams.clients import sure_producer
from streams.keeper import Keeper
from streams.log_reading import records_until_now
from streams.sequence_keeper import SequenceKeeper
from tests.patience import eventually
from tests.records.carriage.places import SECOND, T0, TRUCK, position, waybill
from tests.streams.judges.test_carriage import LICENCE
from tests.streams.test_carriage_keeper import pack
from topics.codec import encode, partition_of
from topics.connection import KafkaConnection
from topics.finding import Finding
from topics.positions import Position, Told
from topics.published_pack import publish_form
from topics.reading import Control

pytestmark = pytest.mark.kafka

PARTITIONS = 2
#: One that comes back to its route before it stops, in the other partition.
HONEST = next(f"津B{n}" for n in range(9) if partition_of(f"津B{n}", PARTITIONS) != partition_of(TRUCK, PARTITIONS))
TOPICS = ("config", "permits", "findings", "dead-letters", "alarm-events", "positions-state", "city-time")


def off(second: int) -> float:
    """Metres beside the route from second 250 on."""
    return min(400.0, max(0.0, (second - 250) * 20.0))


def thief() -> list[Position]:
    """Along its route, then 400 m beside it, 200 m from the school for ten minutes, and back."""
    way = [position(s, s * 10, off(s)) for s in range(0, 380, 5)]
    way += [position(s, 3_800, 400, 0) for s in range(380, 1_000, 5)]
    return way + [position(s, 3_800 + (s - 1_000) * 10, 400 - off(s - 750)) for s in range(1_000, 1_100, 5)]


def honest() -> list[Position]:
    """Off its route as long, and back on it when it stops beside the school."""
    way = [position(s, s * 10, off(s) if s < 350 else 0, carrier=HONEST) for s in range(0, 380, 5)]
    return way + [position(s, 3_800, 0, 0, carrier=HONEST) for s in range(380, 1_000, 5)]


class City:
    """Topics of its own on the broker, and what has been told to them up to a second of the story."""

    def __init__(self, kafka: str) -> None:
        self.connection, self.prefix = KafkaConnection(kafka), f"t{uuid.uuid4().hex[:8]}-"
        self.producer: Any = None
        dice = random.Random(8)
        told: list[tuple[float, Told]] = [(0.0, waybill()), (0.0, waybill(id="YD-2", carrier=HONEST))]
        for each in (*thief(), *honest()):
            second = (each.time - T0) / SECOND
            told += [(second + dice.uniform(0, 9), each)] * (2 if dice.random() < 0.1 else 1)  # overtaken, and twice
        self.waiting = sorted(told, key=lambda row: row[0])
        self.second = -1

    async def play(self, until: int) -> None:
        """Tell what comes up to this second, with a tick of city time in each second."""
        for second in range(self.second + 1, until + 1):
            while self.waiting and self.waiting[0][0] <= second:
                message = self.waiting.pop(0)[1]
                await self._send("positions", partition_of(message.carrier, PARTITIONS), message)
            tick = Control("~tick", T0 + second * SECOND)
            for partition in range(PARTITIONS):
                await self._send("positions", partition, tick)
            await self._send("city-time", 0, tick)
        self.second = until
        await self.producer.flush()

    async def _send(self, topic: str, partition: int, message: Told | Control) -> None:
        await self.producer.send(self.prefix + topic, encode(message), partition=partition)

    def said(self, detector: str) -> list[tuple[str, str, float]]:
        """Phase, about whom and at which second. What comes again after a restart must be the same message."""
        records = records_until_now(self.connection, f"{self.prefix}findings")
        findings = [msgspec.json.decode(record.value, type=Finding) for record in records]
        mine = [each for each in findings if each.detector == detector]
        first = {(each.id, each.seq): each for each in reversed(mine)}
        assert all(each == first[each.id, each.seq] for each in mine), "one name stands for two things"
        if detector.startswith("sequence"):
            assert len(first) == len(mine), "a sequence was said twice"
        told = sorted(first.values(), key=lambda each: (each.time, each.seq))
        return [(each.phase, each.subject, (each.time - T0) / SECOND) for each in told]

    def sequences(self) -> list[tuple[str, str, float]]:
        return self.said("sequence:off-route-stop")

    def carriage(self) -> CarriageKeeper:
        return CarriageKeeper(self.connection, group=f"{self.prefix}carriage", prefix=self.prefix, snapshot_s=0.5)

    def watch(self) -> SequenceKeeper:
        judges = {f"{self.prefix}carriage": CarriageKeeper}
        return SequenceKeeper(self.connection, group=f"{self.prefix}sequences", prefix=self.prefix, judges=judges)


@asynccontextmanager
async def city(kafka: str) -> AsyncIterator[City]:
    made = City(kafka)
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    topics = [NewTopic(made.prefix + name, 1, 1) for name in TOPICS]
    admin.create_topics([*topics, NewTopic(f"{made.prefix}positions", PARTITIONS, 1)])
    admin.close()
    made.producer = sure_producer(made.connection)
    await made.producer.start()
    try:
        body = encode(publish_form(pack(), T0))
        await made.producer.send_and_wait(f"{made.prefix}config", body, key=b"domain/cargo")
        await made.producer.send_and_wait(f"{made.prefix}permits", encode(LICENCE), key=LICENCE.key.encode())
        yield made
    finally:
        await made.producer.stop()


@asynccontextmanager
async def at_work(*keepers: Keeper[Any]) -> AsyncIterator[None]:
    """These run until the block is left; what ends by itself is an error."""
    ready = [asyncio.Event() for _ in keepers]
    tasks = [asyncio.create_task(each.run(event.set)) for each, event in zip(keepers, ready, strict=True)]
    try:
        await asyncio.wait_for(asyncio.gather(*(each.wait() for each in ready)), 60)
        yield
        assert not [task for task in tasks if task.done()], "a watch has ended by itself"
    finally:
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def done(keeper: Keeper[Any]) -> bool:
    """Whether it has committed all there is, which it does once it has published what comes of it."""
    ends = await keeper._consumer.end_offsets(list(keeper.lanes))
    return all([await keeper._consumer.committed(place) == end for place, end in ends.items() if end])


OPEN, CLOSE = ("open", TRUCK, 680.0), ("close", TRUCK, 1_015.0)


async def test_one_finding_over_disorder_repeats_and_restarts_of_both(kafka: str) -> None:
    async with city(kafka) as world:
        async with at_work(world.carriage(), world.watch()):
            await world.play(500)
            await eventually(lambda: len(world.said("carriage-deviation")) == 3, "both are off, one is back")
        async with at_work(world.carriage(), world.watch()):
            await world.play(800)
            await eventually(world.sequences, "the sequence is found")
        async with at_work(world.carriage(), world.watch()):
            await world.play(1_300)
            await eventually(lambda: len(world.sequences()) == 2, "it ends when the truck is back")
        assert world.sequences() == [OPEN, CLOSE]
        stops = {who.partition("/")[0] for _, who, _ in world.said("carriage-stop")}
        assert stops == {TRUCK, HONEST}, "both stopped near the school, and one had come back to its route"


async def test_the_watch_over_carriers_is_away_while_the_truck_stops(kafka: str) -> None:
    """City time runs minutes beyond the stop before anybody judges it: the sequence waits for the judge."""
    async with city(kafka) as world, at_work(watch := world.watch()):
        async with at_work(world.carriage()):
            await world.play(500)
            await eventually(lambda: len(world.said("carriage-deviation")) == 3, "both are off, one is back")
        await world.play(1_300)
        await eventually(lambda: done(watch), "the watch has done what it does of all that is told")
        assert world.sequences() == []
        async with at_work(world.carriage()):
            await eventually(lambda: len(world.sequences()) == 2, "what was missed is found")
        assert world.sequences() == [OPEN, CLOSE]
