"""A partition's snapshots at the edges: let go in the midst of one, taken over by another, found with nothing kept."""

import asyncio
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import ProducerClosed, ProducerFenced

from detectors.kernel import Kernel
from load_tests.pack import load_domain
from load_tests.workload import Workload
from records.registry import registry_of
from streams.artefacts import Artefacts
from streams.clients import quiet_fences
from streams.lane import Lane
from streams.owned import Owned
from streams.specs import SpecBook
from streams.state_partition import StatePartition
from tests.patience import WITHIN_S
from topics.catalog import catalog
from topics.connection import KafkaConnection
from topics.declare import declare

pytestmark = pytest.mark.kafka

DOMAIN = load_domain(Workload(1, 1, 10, name="owned"), chain=())


class Commits:
    """A consumer, as far as a snapshot looks at it."""

    def __init__(self) -> None:
        self.offsets: list[int] = []

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        self.offsets += offsets.values()


@pytest.fixture(autouse=True)
async def quiet() -> None:
    """As in the worker: what a fence leaves behind is no error."""
    quiet_fences(asyncio.get_running_loop())


async def at_once() -> None:
    """All that came of the input is kept."""


@pytest.fixture
def brokers(kafka: str) -> KafkaConnection:
    connection = KafkaConnection(kafka)
    declare(connection, catalog([DOMAIN]))
    return connection


def owned(connection: KafkaConnection, group: str, offset: int = 0) -> Owned:
    lane = Lane(Kernel(DOMAIN, DOMAIN.topic, 0), SpecBook(registry_of([]), DOMAIN), 0, 1, lambda _: None, offset)
    state = StatePartition(connection, group, f"state.{DOMAIN.name}", 0)
    return Owned(TopicPartition(DOMAIN.topic, 0), lane, state, Artefacts())


async def test_one_that_is_let_go_gives_up_the_snapshot_it_is_writing(brokers: KafkaConnection) -> None:
    each, commits, waits = owned(brokers, "midst", 7), Commits(), asyncio.Event()

    async def never() -> None:
        waits.set()
        await asyncio.Event().wait()

    await each.restore()
    writing = asyncio.create_task(each.snapshot(never, commits))
    await waits.wait()
    async with asyncio.timeout(WITHIN_S):
        await each.let_go()
        with pytest.raises(ProducerClosed):
            await writing
        with pytest.raises(ProducerClosed):
            await each.snapshot(at_once, commits)
    assert not commits.offsets
    following = owned(brokers, "midst")
    assert await following.restore() is None  # nothing of it counts
    await following.let_go()


async def test_one_whose_place_is_taken_writes_and_commits_nothing(brokers: KafkaConnection) -> None:
    sleeper, sleepers = owned(brokers, "fence"), Commits()
    await sleeper.restore()
    sleeper.lane.next_offset = 5
    await sleeper.snapshot(at_once, sleepers)
    owner, owners = owned(brokers, "fence"), Commits()
    assert await owner.restore() == 5
    owner.lane.next_offset = 8
    sleeper.lane.next_offset = 6
    for _ in range(2):
        with pytest.raises(ProducerFenced):
            await sleeper.snapshot(at_once, sleepers)
    await owner.snapshot(at_once, owners)
    assert (sleepers.offsets, owners.offsets) == ([5], [8])
    await sleeper.let_go()
    await owner.let_go()
    last = owned(brokers, "fence")
    assert await last.restore() == 8
    await last.let_go()


async def test_two_groups_have_a_state_each(brokers: KafkaConnection) -> None:
    for group, offset in (("left", 3), ("right", 4)):
        each = owned(brokers, group)
        await each.restore()
        each.lane.next_offset = offset
        await each.snapshot(at_once, Commits())
        await each.let_go()
    for group, offset in (("left", 3), ("right", 4)):
        again = owned(brokers, group)
        assert await again.restore() == offset
        await again.let_go()


async def test_only_unkept_snapshots_are_no_cause_for_alarm(brokers: KafkaConnection, capsys: Any) -> None:
    each = owned(brokers, "unkept")

    async def failed() -> None:
        raise ProducerClosed("the findings were not kept")

    await each.restore()
    with pytest.raises(ProducerClosed):
        await each.snapshot(failed, Commits())
    await each.let_go()
    following = owned(brokers, "unkept")
    assert await following.restore() is None
    await following.let_go()
    assert "snapshot_unreadable" not in capsys.readouterr().out
