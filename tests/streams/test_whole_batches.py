"""Records taken batch by batch are those that the client itself gives, wherever a fetch is cut."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

from streams.clients import fenced_producer, group_consumer
from streams.whole_batches import take_whole_batches
from topics.connection import KafkaConnection

pytestmark = pytest.mark.kafka

TOPIC = "whole-batches"
PLACE = TopicPartition(TOPIC, 0)

#: What is compared of a record.
Seen = tuple[int, int, bytes | None, bytes | None, int]


@pytest.fixture(scope="module")
def connection(kafka: str) -> KafkaConnection:
    connection = KafkaConnection(kafka)
    admin = KafkaAdminClient(**connection.for_kafka_python())
    admin.create_topics([NewTopic(TOPIC, 1, 1)])
    admin.close()
    return connection


@pytest.fixture
async def log(connection: KafkaConnection) -> int:
    """Fill the topic with batches of several sizes and transactions kept and undone; the offset of its end."""
    plain = AIOKafkaProducer(**connection.for_aiokafka(), max_batch_size=400)
    await plain.start()
    fenced = fenced_producer(connection, TOPIC)
    await fenced.start()
    for round_ in range(3):
        sent = [await plain.send(TOPIC, b"v%d" % number, key=b"k", partition=0) for number in range(50)]
        last = (await sent[-1]).offset
        await fenced.begin_transaction()
        for number in range(7):
            await fenced.send_and_wait(TOPIC, b"t%d" % number, partition=0)
        await (fenced.commit_transaction() if round_ else fenced.abort_transaction())
        await plain.send_and_wait(TOPIC, None, key=b"gone", partition=0, headers=[("why", b"test")])
    await plain.stop()
    await fenced.stop()
    return int(last) + 10  # seven records, the transaction's end, the one that is null, and beyond


@asynccontextmanager
async def reading(connection: KafkaConnection, change: Callable[[Any], None]) -> AsyncIterator[Any]:
    consumer = group_consumer(connection, None, fetch_bytes=2_000)
    await consumer.start()
    change(consumer)
    consumer.assign([PLACE])
    yield consumer
    await consumer.stop()


async def taken(consumer: Any, start: int, end: int, most: int) -> tuple[list[Seen], list[int]]:
    """What comes from ``start`` on, ``most`` at a time, and the position after each call."""
    consumer.seek(PLACE, start)
    seen: list[Seen] = []
    positions: list[int] = []
    while await consumer.position(PLACE) < end:
        for records in (await consumer.getmany(timeout_ms=200, max_records=most)).values():
            assert len(records) <= most
            seen += [(each.offset, each.timestamp, each.key, each.value, len(each.headers)) for each in records]
        positions.append(await consumer.position(PLACE))
    return seen, positions


@pytest.mark.parametrize("most", [1, 13, 10_000])
async def test_the_same_records_come_wherever_a_fetch_is_cut(connection: KafkaConnection, log: int, most: int) -> None:
    for start in (0, 1, 17, 49, 53):
        async with reading(connection, lambda _: None) as own:
            expected, _ = await taken(own, start, log, most)
        async with reading(connection, take_whole_batches) as whole:
            seen, positions = await taken(whole, start, log, most)
        assert seen == expected
        assert positions == sorted(positions)
        assert {"v0", "t6"} <= {(value or b"").decode() for _, _, _, value, _ in seen} or start


async def test_a_seek_between_two_takes_is_heeded(connection: KafkaConnection, log: int) -> None:
    async with reading(connection, take_whole_batches) as consumer:
        first = (await consumer.getmany(timeout_ms=40_000, max_records=5))[PLACE]
        consumer.seek(PLACE, 2)
        again = (await consumer.getmany(timeout_ms=40_000, max_records=5))[PLACE]
    assert [each.offset for each in first] == [0, 1, 2, 3, 4]
    assert [each.offset for each in again] == [2, 3, 4, 5, 6]
