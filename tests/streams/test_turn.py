"""Two processes for the same work, on a real broker: one works, the other stands by, and who lost it writes nothing."""

import asyncio
import signal
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest
from kafka.admin import KafkaAdminClient, NewTopic

from streams.clients import sure_producer
from streams.hazard_keeper import HazardKeeper
from streams.log_reading import records_until_now
from streams.replays.hazard import replay_hazard_day
from streams.replays.hazard_day import START_MS, hazard_day, hazard_pack
from streams.turn import Turn
from tests.patience import WITHIN_S, eventually
from topics.codec import encode
from topics.connection import KafkaConnection
from topics.finding import Finding
from topics.published_pack import publish_form
from topics.unit_state import TOPIC

pytestmark = pytest.mark.kafka


@asynccontextmanager
async def a_turn(connection: KafkaConnection, prefix: str) -> AsyncIterator[tuple[Turn, "asyncio.Task[None]"]]:
    """One process's turn, and its wait for it."""
    turn = Turn(connection, f"{prefix}-turn", f"{prefix}config", "hazard")
    waiting = asyncio.create_task(turn.take())
    try:
        yield turn, waiting
    finally:
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await turn.stop()


@pytest.fixture
def prefix(kafka: str) -> str:
    made = f"t{uuid.uuid4().hex[:8]}-"
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    admin.create_topics([NewTopic(made + name, 1, 1) for name in ("config", "findings", TOPIC, "readings.safety")])
    admin.close()
    return made


async def test_who_has_the_turn_keeps_it_and_the_next_has_it_after_the_end(kafka: str, prefix: str) -> None:
    connection = KafkaConnection(kafka)
    async with a_turn(connection, prefix) as one, a_turn(connection, prefix) as other:
        # Both have joined; whoever was given it goes on while the other waits.
        await asyncio.wait([one[1], other[1]], return_when=asyncio.FIRST_COMPLETED, timeout=WITHIN_S)
        (first, taken), (_, late) = sorted((one, other), key=lambda each: each[1].done(), reverse=True)
        assert taken.done() and not late.done()
        async with a_turn(connection, prefix) as (_, third):
            await eventually(
                lambda: asyncio.to_thread(members, connection, prefix, 3), "the group has settled about it"
            )
            assert not third.done() and not late.done(), "a newcomer takes nothing from whoever is at work"
        await first.confirm()
        await first.stop()
        await asyncio.wait_for(late, WITHIN_S)


def members(connection: KafkaConnection, prefix: str, count: int) -> bool:
    """Whether the group of the turn has settled with so many members."""
    admin = KafkaAdminClient(**connection.for_kafka_python())
    try:
        (group,) = admin.describe_groups([f"{prefix}-turn"]).values()
        return bool(group["group_state"] == "Stable") and len(group["members"]) == count
    finally:
        admin.close()


#: A process that takes the turn, and for each line it is sent asks whether it still has it.
ANOTHER_PROCESS = """
import asyncio, sys
from streams import turn as turns
from topics.connection import KafkaConnection
from topics.errors import PartMissing

async def work():
    turns.SESSION_MS = 6_000  # the least that a broker takes
    turn = turns.Turn(KafkaConnection(sys.argv[1]), sys.argv[2] + "-turn", sys.argv[2] + "config", "hazard")
    await turn.take()
    print("has it", flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        try:
            await turn.confirm()
            print("has it", flush=True)
        except PartMissing as error:
            print(error, flush=True)

asyncio.run(work())
"""


async def test_a_process_that_was_paused_and_wakes_up_writes_nothing(kafka: str, prefix: str) -> None:
    paused = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ANOTHER_PROCESS, kafka, prefix,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert paused.stdin is not None and paused.stdout is not None
    try:
        assert await asyncio.wait_for(paused.stdout.readline(), 60) == b"has it\n"
        paused.stdin.write(b"?\n")
        assert await asyncio.wait_for(paused.stdout.readline(), 60) == b"has it\n"
        paused.send_signal(signal.SIGSTOP)
        async with a_turn(KafkaConnection(kafka), prefix) as (turn, waiting):
            await asyncio.wait_for(waiting, 60)  # the broker has missed its heartbeats
            paused.send_signal(signal.SIGCONT)
            paused.stdin.write(b"?\n")
            said = (await asyncio.wait_for(paused.stdout.readline(), 60)).decode()
            assert said.startswith("hazard: expected to be the only one of group"), said
            await turn.confirm()
    finally:
        paused.kill()
        await paused.wait()


async def test_of_two_hazard_watches_one_speaks(kafka: str, prefix: str) -> None:
    connection = KafkaConnection(kafka)
    producer = sure_producer(connection)
    await producer.start()
    await producer.send_and_wait(prefix + "config", encode(publish_form(hazard_pack(), START_MS)), key=b"domain/safety")
    messages = [encode(each) for each in hazard_day()]
    keepers = [HazardKeeper(connection, group=prefix + "hazard", prefix=prefix) for _ in range(2)]
    running = [asyncio.create_task(keeper.run()) for keeper in keepers]
    try:
        working = await eventually(lambda: [each for each in keepers if each.lanes], "one of them at work")
        for value in messages[:4000]:
            await producer.send(prefix + "readings.safety", value, partition=0)
        await producer.flush()
        (at_work,) = working
        await eventually(lambda: told(at_work, 4000), "the first part told")
        assert [bool(each.lanes) for each in keepers].count(True) == 1, "the other stands by"
        place = keepers.index(at_work)
        running[place].cancel()
        await asyncio.gather(running[place], return_exceptions=True)
        other = keepers[1 - place]
        for value in messages[4000:]:
            await producer.send(prefix + "readings.safety", value, partition=0)
        await producer.flush()
        await eventually(lambda: bool(other.lanes), "the other at work")
        await eventually(lambda: told(other, len(messages)), "the rest told")
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await producer.stop()
    records = await asyncio.to_thread(lambda: list(records_until_now(connection, prefix + "findings")))
    said = [(each.id, each.seq) for record in records for each in [msgspec.json.decode(record.value, type=Finding)]]
    assert len(set(said)) == len(said), "nothing is said by both"
    assert set(said) == {(each.id, each.seq) for each in replay_hazard_day().findings}


async def told(keeper: HazardKeeper, messages: int) -> bool:
    """Whether what so many messages say is on its topics: offsets are committed after that."""
    (place,) = keeper.lanes
    return bool(await keeper._consumer.committed(place) == messages)
