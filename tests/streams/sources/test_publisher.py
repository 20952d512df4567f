"""The broker's publisher on a real Kafka, and the fake beside it."""

import asyncio
import uuid
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from streams.sources.base import Record
from streams.sources.memory_publisher import MemoryPublisher
from streams.sources.publisher import KafkaPublisher
from streams.sources.spool import Spool
from streams.sources.spooled_publisher import SpooledPublisher
from tests.brief_kafka import BriefKafka
from tests.patience import until
from topics.codec import partition_of
from topics.connection import KafkaConnection
from topics.errors import NotKept

PARTITIONS = 2
#: A broker that was killed is let in again once its former self has been silent for so long, by default 9 s.
SOON_BACK = """
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
"""


async def declared(bootstrap: str) -> str:
    """A topic of this test's own."""
    name = f"publisher-{uuid.uuid4().hex[:8]}"
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, PARTITIONS, 1)])
    finally:
        await admin.close()
    return name


async def on_topic(bootstrap: str, topic: str) -> list[Any]:
    """All records there are, partition by partition."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        places = [TopicPartition(topic, partition) for partition in range(PARTITIONS)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        found = []
        for place, end in (await consumer.end_offsets(places)).items():
            while await consumer.position(place) < end:
                found += (await consumer.getmany(place, timeout_ms=500)).get(place, [])
        return found
    finally:
        await consumer.stop()


@pytest.mark.kafka
async def test_the_broker_keeps_records_in_the_order_of_each_key(kafka: str) -> None:
    topic = await declared(kafka)
    publisher = KafkaPublisher(KafkaConnection(kafka))
    await publisher.start()
    await publisher.connected()
    values = [b"%05d" % number for number in range(2_000)]
    await asyncio.gather(
        *(publisher.publish(topic, f"键-{int(value) % 7}", value, [("h", b"\xff")]) for value in values)
    )
    await publisher.stop()
    found = await on_topic(kafka, topic)
    assert sorted(record.value for record in found) == values
    for key in range(7):
        mine = [record for record in found if record.key == f"键-{key}".encode()]
        assert [record.value for record in mine] == [value for value in values if int(value) % 7 == key]
        assert {record.partition for record in mine} == {partition_of(f"键-{key}", PARTITIONS)}
    assert found[0].headers == (("h", b"\xff"),)


async def test_without_a_broker_records_are_refused_at_once() -> None:
    publisher = KafkaPublisher(KafkaConnection("127.0.0.1:1"))
    await publisher.start()
    with pytest.raises(NotKept, match=r"expected the broker on 127\.0\.0\.1:1 to answer"):
        await publisher.publish("t", "k", b"1")
    await publisher.stop()


@pytest.mark.kafka
async def test_a_broker_that_is_killed_and_comes_back_costs_nothing(tmp_path: Path) -> None:
    with BriefKafka(tmp_path / "kafka", SOON_BACK, heap_mb=256) as broker:
        topic = await declared(broker.bootstrap)
        kafka = KafkaPublisher(KafkaConnection(broker.bootstrap))
        publisher = SpooledPublisher(kafka, Spool(tmp_path / "spool", 10_000_000), patience_s=0.5)
        await kafka.start()
        await kafka.connected()
        await publisher.start()

        async def send(numbers: range) -> None:
            await asyncio.gather(*(publisher.publish(topic, f"k{number % 3}", b"%d" % number) for number in numbers))

        await send(range(0, 50))
        await until(lambda: not publisher.spooling)  # where the machine is slow some of it went over the spool
        await asyncio.to_thread(broker.kill)
        await send(range(50, 100))  # kept by the spool
        assert publisher.spooling
        await send(range(100, 150))
        await asyncio.to_thread(broker.start)
        await send(range(150, 200))
        await until(lambda: not publisher.spooling, within_s=60)
        await send(range(200, 250))
        await until(lambda: not publisher.spooling)
        found = await on_topic(broker.bootstrap, topic)

        await asyncio.to_thread(broker.kill)
        waiting = asyncio.ensure_future(kafka.publish(topic, "k", b"1"))
        await publisher.stop()
        async with asyncio.timeout(20):  # and stopping does not wait for a broker that stays away
            await kafka.stop()
            with pytest.raises(NotKept):
                await waiting
    for key in range(3):
        mine = [int(record.value) for record in found if record.key == b"k%d" % key]
        assert list(dict.fromkeys(mine)) == [number for number in range(250) if number % 3 == key]


async def test_the_fake_follows_its_script() -> None:
    publisher = MemoryPublisher(script={1: "refuses"})
    await publisher.publish("t", "k", b"0")
    with pytest.raises(NotKept):
        await publisher.publish("t", "k", b"1")
    await publisher.publish("t", "k", b"2", [("h", b"x")])
    assert publisher.records == [Record("t", "k", b"0"), Record("t", "k", b"2", (("h", b"x"),))]
    assert publisher.values("t") == [b"0", b"2"] and publisher.of("other") == []
