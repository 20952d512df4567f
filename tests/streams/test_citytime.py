"""City time: a clock that is a pure function, ticks that only grow and reach every partition."""

import asyncio
import itertools
import uuid

import msgspec
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from hypothesis import given
from hypothesis import strategies as st
from kafka.admin import KafkaAdminClient, NewTopic

from streams.citytime import CityClock, Leg, TickSchedule, TickWriter, last_tick, real_time
from topics.connection import KafkaConnection
from topics.errors import ConfigurationError, PartMissing
from topics.reading import Control

T0 = 1_439_337_600_000
LEGS = st.lists(st.tuples(st.floats(0.5, 5000), st.integers(1_000, 10_000_000)), min_size=1, max_size=5)


def clock_of(legs: list[tuple[float, int]], endless: bool) -> CityClock:
    made, until = [], T0
    for speed, length in legs:
        until += length
        made.append(Leg(speed, until))
    if endless:
        made[-1] = Leg(made[-1].speed)
    return CityClock(T0, 0.0, made)


@given(LEGS, st.booleans(), st.lists(st.floats(-1e5, 1e8), min_size=2, max_size=30))
def test_city_time_never_runs_backwards(legs: list[tuple[float, int]], endless: bool, walls: list[float]) -> None:
    clock = clock_of(legs, endless)
    cities = [clock.city(wall) for wall in sorted(walls)]
    assert cities == sorted(cities)
    assert cities[0] >= T0
    assert clock.end_ms is None or cities[-1] <= clock.end_ms


@given(LEGS, st.floats(0, 1))
def test_wall_and_city_undo_each_other(legs: list[tuple[float, int]], part: float) -> None:
    clock = clock_of(legs, endless=False)
    assert clock.end_ms is not None
    city = T0 + int(part * (clock.end_ms - T0))
    assert abs(clock.city(clock.wall(city)) - city) <= 1
    assert clock.wall(clock.end_ms + 1) == float("inf")


def test_real_time_is_wall_time() -> None:
    clock = real_time()
    assert clock.city(T0 + 0.4) == T0
    assert clock.wall(T0) == T0
    assert clock.speed(T0) == 1.0


@pytest.mark.parametrize(
    ("legs", "words"),
    [
        ([], "at least one leg"),
        ([Leg(0.0)], "0 < speed"),
        ([Leg(float("nan"))], "0 < speed"),
        ([Leg(1.0), Leg(2.0)], "expected an end"),
        ([Leg(1.0, T0 - 1)], "expected an end after"),
    ],
)
def test_a_clock_that_makes_no_sense_is_refused(legs: list[Leg], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        CityClock(T0, 0.0, legs)


@given(st.floats(0.5, 5000), st.lists(st.floats(0, 20_000), min_size=1, max_size=50))
def test_ticks_are_spaced_whole_seconds_that_only_grow(speed: float, delays: list[float]) -> None:
    schedule = TickSchedule(CityClock(T0, 0.0, [Leg(speed)]))
    wall, ticks, walls = 0.0, [], []
    for delay in delays:
        wall = max(wall, schedule.next_wall(wall)) + delay
        due = schedule.due(wall)
        assert due is not None, "the schedule itself said that a tick is due by now"
        schedule.told(due)
        ticks.append(due)
        walls.append(wall)
    assert all(later - earlier >= 1_000 for earlier, later in itertools.pairwise(ticks))
    assert all(later - earlier >= 50 for earlier, later in itertools.pairwise(walls))
    assert all(tick % 1_000 == 0 for tick in ticks)


def test_after_a_stall_one_tick_catches_up() -> None:
    schedule = TickSchedule(CityClock(T0, 0.0, [Leg(60.0)]))
    schedule.told(T0 + 1_000)
    assert schedule.due(60_000.0) == T0 + 3_600_000
    schedule.told(T0 + 3_600_000)
    assert schedule.due(60_000.0) is None
    assert schedule.due(0.0) is None


def test_the_end_of_the_clock_is_ticked_once_and_ends_the_schedule() -> None:
    schedule = TickSchedule(CityClock(T0, 0.0, [Leg(1.0, T0 + 1_500)]))
    assert schedule.due(99_999.0) == T0 + 1_500
    schedule.told(T0 + 1_500)
    assert schedule.due(999_999.0) is None
    assert schedule.next_wall(99_999.0) == float("inf")


def topics_on(brokers: str, **partitions: int) -> dict[str, str]:
    """Fresh topics with unique names."""
    names = {name: f"{name}-{uuid.uuid4().hex}" for name in partitions}
    admin = KafkaAdminClient(bootstrap_servers=brokers)
    admin.create_topics([NewTopic(names[name], count, 1) for name, count in partitions.items()])
    admin.close()
    return names


async def ticks_on(brokers: str, topic: str, partition: int, at_least: int) -> list[int]:
    consumer = AIOKafkaConsumer(bootstrap_servers=brokers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        place = TopicPartition(topic, partition)
        consumer.assign([place])
        times: list[int] = []
        while len(times) < at_least:
            for record in (await consumer.getmany(place, timeout_ms=200)).get(place, []):
                times.append(msgspec.json.decode(record.value, type=Control).time)
        return times
    finally:
        await consumer.stop()


@pytest.mark.kafka
async def test_ticks_reach_every_partition_and_a_second_writer_goes_on_from_them(kafka: str) -> None:
    names = topics_on(kafka, readings=3, clock=1)
    connection = KafkaConnection(kafka)
    wall = [0.0]
    clock = CityClock(T0, 0.0, [Leg(10.0, T0 + 5_000)])

    def now() -> float:
        wall[0] += 50.0
        return wall[0]

    writer = TickWriter(connection, clock, [names["readings"]], now, city_topic=names["clock"])
    await asyncio.wait_for(writer.run(), 60)
    expected = await ticks_on(kafka, names["clock"], 0, writer.ticks)
    assert expected[-1] == T0 + 5_000
    assert expected == sorted(set(expected))
    for partition in range(3):
        assert await ticks_on(kafka, names["readings"], partition, writer.ticks) == expected
    assert await last_tick(connection, names["clock"]) == T0 + 5_000

    late = TickWriter(connection, clock, [names["readings"]], lambda: 300.0, city_topic=names["clock"])
    await late.start()
    assert late.schedule.due(400.0) is None, "a restarted writer never goes behind what was ticked before"
    await late.stop()


@pytest.mark.kafka
async def test_a_clock_far_behind_the_topic_and_a_missing_topic_are_refused(kafka: str) -> None:
    names = topics_on(kafka, clock=1)
    connection = KafkaConnection(kafka)
    writer = TickWriter(connection, real_time(), [], lambda: float(T0), city_topic=names["clock"])
    await writer.start()
    await writer.write(T0)
    await writer.stop()
    behind = TickWriter(connection, real_time(), [], lambda: T0 - 7_200_000.0, city_topic=names["clock"])
    with pytest.raises(ConfigurationError, match="does not run backwards"):
        await behind.start()
    with pytest.raises(PartMissing, match="declare them first"):
        await TickWriter(
            connection, real_time(), [f"no-{uuid.uuid4().hex}"], lambda: float(T0), city_topic=names["clock"]
        ).start()
