"""The clocked generator: intended times are the schedule's, whatever happens to the sender."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from load_tests.generator import Schedule, by_the_clock, filled, preload, steps, take
from load_tests.pack import load_domain
from load_tests.workload import Message, Workload
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
    """A producer whose batches hold two records."""

    def create_batch(self) -> Full:
        return Full()


def test_batches_are_filled_by_partition_and_in_order() -> None:
    order = [0, 1, 0, 0, 1, 0, 0]
    messages = [(stamp, Message(partition, None, b"")) for stamp, partition in enumerate(order)]
    batches = [(partition, batch.kept) for partition, batch in filled(Taking(), messages)]
    assert batches == [(0, [0, 2]), (1, [1, 4]), (0, [3, 5]), (0, [6])]


def test_each_step_has_what_falls_due_in_it_by_its_intended_time() -> None:
    workload = Workload(1, 1, 10)
    told = list(steps(Taking(), iter(take(workload, START, 10)), Schedule(100), 10, START))
    assert [step.messages for step in told] == [2, 2, 2, 2, 2]
    assert [step.first_s for step in told] == pytest.approx([0.0, 0.02, 0.04, 0.06, 0.08])
    assert [step.last_s for step in told] == pytest.approx([0.01, 0.03, 0.05, 0.07, 0.09])
    assert [stamp - START for step in told for _, batch in step.batches for stamp in batch.kept] == [*range(0, 100, 10)]


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
@pytest.mark.parametrize("ahead_s", [0.0, 0.3])  # the second has all of it built before the clock starts
async def test_stamps_on_the_topic_are_the_intended_times(kafka: str, ahead_s: float) -> None:
    workload = Workload(1, 2, 100, name=f"clocked-{ahead_s:g}".replace(".", "-"))
    topic = _declared(kafka, workload)
    sent = await by_the_clock(KafkaConnection(kafka), topic, workload, 2_000, 1.0, ahead_s=ahead_s)
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
