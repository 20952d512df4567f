"""The watch over boxes on a real broker: said once over restarts and a kill, what cannot be taken kept as a letter."""

import asyncio
import uuid
from typing import Any

import msgspec
import pytest
from kafka.admin import KafkaAdminClient, NewTopic

from streams.cargo_conditions_keeper import CargoConditionsKeeper
from streams.clients import sure_producer
from streams.log_reading import records_until_now
from tests.streams.judges.boxes import YARD, at, box, day, judge, pack, play, reading
from topics.codec import encode
from topics.connection import KafkaConnection
from topics.dead_letter import from_headers
from topics.events import OpeningOrdered
from topics.finding import Finding
from topics.published_pack import publish_form
from topics.reading import Control, Reading

#: A box of peroxide warms by six degrees an hour, then falls silent.
WARM = [reading("R1", minute, round(-10 + minute / 10, 2)) for minute in range(1, 200)]
LOG = day(WARM, 220)


def told(row: Reading | int) -> bytes:
    return encode(Control("~tick", row) if isinstance(row, int) else row)


def wanted() -> list[Finding]:
    """What one judge says of it in one go."""
    return [finding for _, finding in play(judge(), LOG, [*box("SIMU0000001", "R1"), at(5000)])]


@pytest.mark.kafka
async def test_a_warming_box_is_said_once_over_restarts_and_a_kill(kafka: str) -> None:
    connection, prefix = KafkaConnection(kafka), f"t{uuid.uuid4().hex[:8]}-"
    names = ("config", "findings", "dead-letters", "readings.cargo", "events.cargo", "cargo-conditions-state")
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    admin.create_topics([NewTopic(prefix + name, 1, 1) for name in names])
    admin.close()
    producer = sure_producer(connection)
    await producer.start()
    await producer.send_and_wait(prefix + "config", encode(publish_form(pack(), at(0))), key=b"domain/cargo")
    wrong = OpeningOrdered("o1", YARD, at(5), "SIMU0000001", at(4), "customs")
    for event in (*box("SIMU0000001", "R1"), wrong):
        await producer.send(prefix + "events.cargo", encode(event), key=YARD.encode())
    await producer.send(prefix + "events.cargo", b"{nonsense", key=YARD.encode())  # the worker keeps that one
    third = len(LOG) // 3
    try:
        for number, part in enumerate((LOG[:third], LOG[third : 2 * third], LOG[2 * third :])):
            for row in part:
                await producer.send(prefix + "readings.cargo", told(row), key=YARD.encode())
            reached = max(row if isinstance(row, int) else row.time for row in part)
            await producer.send_and_wait(prefix + "events.cargo", encode(Control("~tick", reached)))
            await producer.flush()
            keeper = CargoConditionsKeeper(connection, group=prefix + "c", prefix=prefix, snapshot_s=3600)
            await run_to_the_end(keeper, killed=number == 1)  # what it said since its last snapshot it judges again
    finally:
        await producer.stop()
    said = [msgspec.json.decode(each.value, type=Finding) for each in await records(connection, prefix + "findings")]
    assert [short(each) for each in said] == [short(each) for each in wanted()] and len(said) > 4
    (letter,) = await records(connection, prefix + "dead-letters")
    assert from_headers(letter.headers).reason == "event_refused" and b'"o1"' in letter.value


def short(finding: Finding) -> tuple[str, int, int, str]:
    return finding.id, finding.seq, finding.time, finding.text.en


async def run_to_the_end(keeper: CargoConditionsKeeper, *, killed: bool) -> None:
    await keeper.start()
    try:
        ends = await keeper._consumer.end_offsets(list(keeper.lanes))
        while any(lane.next_offset < ends[place] for place, lane in keeper.lanes.items()):
            await keeper.step()
        assert keeper.metrics.value("citybrain_boxes_watched") == 1
        if killed:
            keeper._all_kept = False  # a process that is killed keeps nothing
    finally:
        await keeper.stop()


async def records(connection: KafkaConnection, topic: str) -> list[Any]:
    return await asyncio.to_thread(lambda: list(records_until_now(connection, topic)))
