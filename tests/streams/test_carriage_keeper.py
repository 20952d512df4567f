"""The watch over carriers on a real broker: said once over restarts and a kill, from what is kept of the log."""

import asyncio
import uuid
from typing import Any

import msgspec
import pytest
from kafka.admin import KafkaAdminClient, NewTopic

from records.carriage.permits import PermitBook
from records.carriage.terms import carriage_facts
from streams.carriage_keeper import CarriageKeeper
from streams.clients import sure_producer
from streams.judges.carriage import CarriageJudge
from streams.log_reading import records_until_now
from tests.records.carriage.places import T0, TRUCK, waybill
from tests.streams.judges.test_carriage import FACTS, LICENCE, course
from topics.codec import encode
from topics.connection import KafkaConnection
from topics.dead_letter import from_headers
from topics.domain import Domain
from topics.domain_file import load_domains
from topics.finding import Finding
from topics.published_pack import publish_form
from topics.reading import Control


def pack() -> Domain:
    """The product's cargo pack with the country of the tests."""
    cargo = next(each for each in load_domains() if each.name == "cargo")
    return msgspec.structs.replace(cargo, facts=cargo.facts | {"carriage": msgspec.to_builtins(FACTS)})


def log() -> list[bytes]:
    """The truck's way with the city's time between its positions."""
    told: list[bytes] = [encode(waybill())]
    for each in course():
        told += [encode(each), encode(Control("~tick", each.time + 1_000))]
    return [*told, encode(Control("~tick", T0 + 1_100_000))]


def wanted() -> list[Finding]:
    """What one judge says of it in one go."""
    facts = carriage_facts(pack())
    assert facts is not None
    judge = CarriageJudge("cargo", facts, 0, PermitBook([LICENCE]))
    judge.take(waybill(), 0)
    said: list[Finding] = []
    for each in course():
        judge.take(each, 0)
        said += judge.tick(each.time + 1_000, 0, 0)
    return said + judge.tick(T0 + 1_100_000, 0, 0)


@pytest.mark.kafka
async def test_a_trip_is_said_once_over_restarts_a_kill_and_a_log_that_has_lost_its_beginning(kafka: str) -> None:
    connection, prefix = KafkaConnection(kafka), f"t{uuid.uuid4().hex[:8]}-"
    names = ("config", "permits", "findings", "dead-letters", "positions", "positions-state")
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    admin.create_topics([NewTopic(prefix + name, 1, 1) for name in names])
    producer = sure_producer(connection)
    await producer.start()
    await producer.send_and_wait(prefix + "config", encode(publish_form(pack(), T0)), key=b"domain/cargo")
    await producer.send_and_wait(prefix + "permits", encode(LICENCE), key=LICENCE.key.encode())
    messages = log()
    parts = [messages[:70], [b"{nonsense", *messages[70:100]], messages[100:130], messages[130:]]
    try:
        for number, part in enumerate(parts):
            for value in part:
                await producer.send(prefix + "positions", value, key=TRUCK.encode(), partition=0)
            await producer.flush()
            keeper = CarriageKeeper(connection, group=prefix + "c", prefix=prefix, snapshot_s=3600)
            await run_to_the_end(keeper, killed=number == 1)  # what it said since the last snapshot it judges again
            if number == 2:  # only what has been kept knows of the waybill now
                await asyncio.to_thread(forget_before, admin, prefix + "positions", 90)
    finally:
        await producer.stop()
        admin.close()
    assert (await records(connection, prefix + "positions"))[0].offset >= 90, "the log has lost its beginning"
    said = [msgspec.json.decode(each.value, type=Finding) for each in await records(connection, prefix + "findings")]
    assert [(each.id, each.seq, each.time) for each in said] == [(each.id, each.seq, each.time) for each in wanted()]
    assert len(said) == 6
    (letter,) = await records(connection, prefix + "dead-letters")
    assert from_headers(letter.headers).reason == "malformed_json"


async def run_to_the_end(keeper: CarriageKeeper, *, killed: bool) -> None:
    await keeper.start()
    try:
        ((place, lane),) = keeper.lanes.items()
        end = (await keeper._consumer.end_offsets([place]))[place]
        while lane.next_offset < end:
            await keeper.step()
        if killed:
            keeper._all_kept = False  # a process that is killed keeps nothing
    finally:
        await keeper.stop()


async def records(connection: KafkaConnection, topic: str) -> list[Any]:
    return await asyncio.to_thread(lambda: list(records_until_now(connection, topic)))


def forget_before(admin: Any, topic: str, offset: int) -> None:
    """Let the broker delete what lies before, as its retention does."""
    from kafka.structs import TopicPartition

    admin.delete_records({TopicPartition(topic, 0): offset})
