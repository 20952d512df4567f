"""Unregistered readings: nothing is lost, and once registered each is played again exactly once."""

import asyncio
import gc
import uuid
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from kafka.admin import KafkaAdminClient, NewTopic

from records.registry import Device, Registry, SeriesMeta, Site, registry_of
from streams import unregistered
from streams.clients import lone_consumer, sure_producer
from streams.partitions import partitions_of
from streams.unregistered import replay, waiting
from streams.unregistered_series import registered_series, unregistered_headers, unregistered_key
from topics.codec import encode
from topics.connection import KafkaConnection
from topics.errors import NotKept
from topics.finding import Text
from topics.reading import Reading

T0 = 1_439_337_600_000


class City:
    """Fresh topics on the real broker and a domain of their name."""

    def __init__(self, brokers: str) -> None:
        self.connection = KafkaConnection(brokers)
        self.domain = f"d{uuid.uuid4().hex[:20]}"
        self.topic = f"unregistered-{self.domain}"
        self.fence = uuid.uuid4().hex
        admin = KafkaAdminClient(bootstrap_servers=brokers)
        admin.create_topics([NewTopic(self.topic, 1, 1), NewTopic(f"readings.{self.domain}", 3, 1)])
        admin.close()

    def registry(self, *devices: str) -> Registry:
        place = Site("s1", self.domain, Text("一号", "One"), "firm", "120116", 39.0, 117.7)
        quantities = {"w01018": SeriesMeta(sent_as=("COD",))}
        return registry_of([place, *(Device(name, "s1", "hj212", quantities) for name in devices)])

    async def put_aside(self, *readings: Reading, reason: str = "unknown_device", origin: int = -1) -> None:
        producer = sure_producer(self.connection)
        await producer.start()
        for number, reading in enumerate(readings):
            offset = origin + number if origin >= 0 else -1
            await producer.send_and_wait(
                self.topic,
                encode(reading).replace(b"{", b'{"new_field":1,', 1),
                key=unregistered_key(reading.series, reason).encode(),
                headers=unregistered_headers("readings.x" if origin >= 0 else "gateway/hj212", 0, offset, reason),
            )
        await producer.stop()

    async def replay(self, registry: Registry) -> unregistered.Replayed:
        return await replay(self.connection, registry, topic=self.topic, fence=self.fence)

    async def played(self) -> list[Any]:
        """The records on the readings topic, aborted ones left out. What lies there is waited for: a commit returns
        before the brokers have marked its records as committed.
        """
        consumer, all_ = lone_consumer(self.connection, committed_only=True), lone_consumer(self.connection)
        await consumer.start()
        await all_.start()
        try:
            places = await partitions_of(consumer, [f"readings.{self.domain}"], "test")
            consumer.assign(places)
            ends = await all_.end_offsets(places)
            await consumer.seek_to_beginning(*places)
            records = []
            for place in places:
                while await consumer.position(place) < ends[place]:
                    records += (await consumer.getmany(place, timeout_ms=500)).get(place, [])
            return records
        finally:
            await all_.stop()
            await consumer.stop()


@pytest.fixture(autouse=True)
def swept() -> Iterator[None]:
    """A fenced client leaves failed futures of its own behind. They log a traceback when they are collected,
    and CPython 3.11 fails where that happens inside someone else's ``compile``: so collect them here.
    """
    yield
    gc.collect()


@pytest.fixture
def city(kafka: str) -> City:
    return City(kafka)


def readings(device: str, count: int, site: str = "unknown", quantity: str = "w01018") -> list[Reading]:
    return [Reading(f"{site}/{device}/{quantity}/Rtd", T0 + row * 1_000, float(row)) for row in range(count)]


def test_an_unknown_devices_series_takes_the_site_where_it_stands() -> None:
    place = Site("s1", "pollution", Text("一号", "One"), "firm", "120116", 39.0, 117.7)
    device = Device("MN1", "s1", "hj212", {"w01018": SeriesMeta(sent_as=("COD",))}, valid_from=T0)
    registry = registry_of([place, device])
    found = registered_series("unknown/MN1/COD/Rtd", registry, T0)
    assert found is not None
    assert found.series == "s1/MN1/w01018/Rtd"
    assert registered_series("unknown/MN1/w01018/Rtd", registry, T0 - 1) is None, "asked at the reading's own time"
    assert registered_series("s2/MN1/w01018/Rtd", registry, T0) is None, "a site that was named is not replaced"
    assert registered_series("unknown/MN2/w01018/Rtd", registry, T0) is None


@pytest.mark.parametrize(
    ("series", "reason", "key"),
    [
        ("unknown/MN1/q/Rtd", "unknown_site", "MN1"),
        ("s9/MN1/q/Rtd", "unknown_site", "s9"),
        ("s1/MN1/q/Rtd", "unknown_device", "MN1"),
    ],
)
def test_they_are_listed_by_what_must_be_registered(series: str, reason: str, key: str) -> None:
    assert unregistered_key(series, reason) == key


@pytest.mark.kafka
async def test_each_is_played_again_once_and_to_the_right_place(city: City) -> None:
    await city.put_aside(*readings("MN1", 5), *readings("MN2", 2))
    (first, second) = await waiting(city.connection, topic=city.topic)
    assert (first.key, first.count, first.first, first.last) == ("MN1", 5, T0, T0 + 4_000)
    assert (second.key, second.count, second.reason) == ("MN2", 2, "unknown_device")

    nobody = await city.replay(registry_of([]))
    assert (nobody.replayed, nobody.waiting) == (0, 7)
    done = await city.replay(city.registry("MN1"))
    assert (done.replayed, done.waiting, done.series) == (5, 2, {"s1/MN1/w01018/Rtd": 5})
    again = await city.replay(city.registry("MN1"))
    assert (again.replayed, again.waiting) == (0, 2)
    later = await city.replay(city.registry("MN1", "MN2"))
    assert (later.replayed, later.waiting) == (2, 0)

    records = await city.played()
    assert len(records) == 7
    assert {record.key for record in records} == {b"s1"}
    assert len({record.partition for record in records}) == 1
    origins = [dict(record.headers)["replayed-from"].decode() for record in records]
    assert origins[:5] == [f"{city.topic}/0/{offset}" for offset in range(5)]
    assert len(set(origins)) == 7
    first_message = msgspec.json.decode(records[0].value)
    assert first_message["series"] == "s1/MN1/w01018/Rtd"
    assert first_message["backfill"] is True
    assert first_message["new_field"] == 1, "what a newer sender said is passed on"
    (left, other) = await waiting(city.connection, topic=city.topic)
    assert (left.count, left.replayed, other.count, other.replayed) == (0, 5, 0, 2)


@pytest.mark.kafka
async def test_a_reading_put_aside_twice_by_a_crash_is_played_once(city: City) -> None:
    await city.put_aside(*readings("MN1", 3), origin=10)
    await city.put_aside(*readings("MN1", 3), origin=10)
    report = await city.replay(city.registry("MN1"))
    assert (report.replayed, report.repeated) == (3, 3)
    again = await city.replay(city.registry("MN1"))
    assert (again.replayed, again.repeated) == (0, 3)
    assert len(await city.played()) == 3


@pytest.mark.kafka
async def test_a_replay_that_dies_half_way_leaves_nothing_and_the_next_does_all(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    await city.put_aside(*readings("MN1", 5))
    monkeypatch.setattr(unregistered, "CHUNK", 2)
    write, calls = unregistered._write, [0]

    async def dies(*arguments: Any) -> None:
        calls[0] += 1
        if calls[0] == 2:
            monkeypatch.setattr(unregistered, "MARK_HEADER", 5)  # the send of the mark fails inside the transaction
        await write(*arguments)

    monkeypatch.setattr(unregistered, "_write", dies)
    with pytest.raises((NotKept, AttributeError, TypeError)):
        await city.replay(city.registry("MN1"))
    monkeypatch.undo()
    report = await city.replay(city.registry("MN1"))
    assert report.replayed == 3
    assert len(await city.played()) == 5


@pytest.mark.kafka
async def test_of_two_replays_at_once_nothing_is_doubled(city: City) -> None:
    await city.put_aside(*readings("MN1", 50))
    outcomes = await asyncio.gather(*(city.replay(city.registry("MN1")) for _ in range(3)), return_exceptions=True)
    assert all(isinstance(outcome, unregistered.Replayed | NotKept) for outcome in outcomes), outcomes
    await city.replay(city.registry("MN1"))
    assert len(await city.played()) == 50
    assert (await city.replay(city.registry("MN1"))).replayed == 0
