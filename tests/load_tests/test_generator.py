"""The clocked generator: intended times are the schedule's, whatever happens to the sender."""

import asyncio
from itertools import islice, pairwise
from typing import Any

import numpy as np
import pytest

from load_tests.generator import Batches, Schedule, by_the_clock, preload, take
from load_tests.pack import load_domain
from load_tests.workload import Workload
from streams.clients import lone_consumer
from topics.catalog import catalog
from topics.connection import KafkaConnection
from topics.declare import declare

START = 1_767_225_600_000


class Full:
    """A batch that takes two records."""

    def __init__(self) -> None:
        self.kept: list[int] = []

    def append(self, *, key: bytes | None, value: bytes, timestamp: int) -> object | None:
        if len(self.kept) == 2:
            return None
        self.kept.append(timestamp)
        return object()


class Taking:
    """A producer that remembers the batches it was given."""

    def __init__(self) -> None:
        self.batches: list[tuple[int, list[int]]] = []

    def create_batch(self) -> Full:
        return Full()

    async def send_batch(self, batch: Full, topic: str, *, partition: int) -> Any:
        self.batches.append((partition, batch.kept))

        async def kept() -> None:
            return None

        return asyncio.ensure_future(kept())


async def test_full_batches_are_sent_and_the_rest_with_flush() -> None:
    producer = Taking()
    batches = Batches(producer, "t")
    messages = [message for message in islice(next(Workload(1, 1, 10).rounds(START)), 5)]
    for number, message in enumerate(messages):
        await batches.add(message, number)
    assert producer.batches == [(0, [0, 1]), (0, [2, 3])]
    await batches.settle()
    assert producer.batches[-1] == (0, [4])


def test_take_gives_exactly_so_many() -> None:
    assert len(list(take(Workload(1, 2, 10), START, 37))) == 37


def test_a_ramp_grows_evenly_to_the_rate_and_then_keeps_it() -> None:
    schedule = Schedule(1_000, ramp_s=10)
    assert [schedule.due(second) for second in (0, 5, 10, 11, 12)] == [0, 1_250, 5_000, 6_000, 7_000]
    # The two are each other's inverse, on both sides of the ramp's end.
    numbers = np.array([0, 1_250, 4_999, 5_000, 6_000])
    assert [schedule.due(float(each)) for each in schedule.at(numbers)] == pytest.approx(numbers)
    assert Schedule(1_000).at(numbers) == pytest.approx(numbers / 1_000)


@pytest.mark.kafka
async def test_stamps_on_the_topic_are_the_intended_times(kafka: str) -> None:
    workload = Workload(1, 2, 100, name="clocked")
    topic = _declared(kafka, workload)
    sent = await by_the_clock(KafkaConnection(kafka), topic, workload, rate_per_s=2_000, seconds=1.0)
    assert sent.messages == 2_000
    stamps = sorted(record.timestamp for record in await _records(kafka, topic, 2_000))
    # An even schedule: no bunching where the sender slept or was late.
    steps = [later - earlier for earlier, later in pairwise(stamps)]
    assert max(steps) <= 1 and stamps[-1] - stamps[0] == pytest.approx(999, abs=2)


@pytest.mark.kafka
async def test_a_preloaded_backlog_is_the_workload_itself(kafka: str) -> None:
    workload = Workload(1, 2, 100, name="preloaded")
    topic = _declared(kafka, workload)
    await preload(KafkaConnection(kafka), topic, workload, START, 1_000)
    records = await _records(kafka, topic, 1_000)
    for partition in (0, 1):
        there = [record.value for record in records if record.partition == partition]
        assert there == [each.value for each in take(workload, START, 1_000) if each.partition == partition]


def _declared(kafka: str, workload: Workload) -> str:
    domain = load_domain(workload)
    declare(KafkaConnection(kafka), catalog([domain]))
    return domain.topic


async def _records(kafka: str, topic: str, number: int) -> list[Any]:
    consumer = lone_consumer(KafkaConnection(kafka))
    consumer.subscribe([topic])
    await consumer.start()
    records: list[Any] = []
    try:
        while len(records) < number:
            for fetched in (await consumer.getmany(timeout_ms=500)).values():
                records += fetched
    finally:
        await consumer.stop()
    return records
