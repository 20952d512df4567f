"""The judge between real topics: from a stack's minutes to the desk's page, and a restart that repeats nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from kafka.admin import KafkaAdminClient, NewTopic

from records.registry import Device, Site, message
from streams.clients import lone_consumer
from streams.judgement_keeper import JudgementKeeper
from streams.partitions import partitions_of
from tests.patience import eventually
from tests.streams.server_rig import Rig, rig
from topics.codec import encode, partition_of
from topics.domain_file import load_domains
from topics.finding import Finding, Text
from topics.published_pack import publish_form
from topics.reading import Control, Reading

pytestmark = pytest.mark.kafka

DAY0 = 1_777_564_800_000
MINUTE, HOUR = 60_000, 3_600_000
SITE = Site(
    "boiler-7", "pollution", Text("七号锅炉", "boiler 7"), "Test Heat", "120116", 39.0, 117.7, source_type="stack"
)
SUBJECT = "boiler-7/MN7/a21026"
PARTITIONS = 2


class World:
    """The rig of the server, with readings of polluters and the means to look at a topic."""

    def __init__(self, made: Rig) -> None:
        self.rig = made

    async def describe(self) -> None:
        (pack,) = (each for each in load_domains() if each.name == "pollution")
        admin = KafkaAdminClient(**self.rig.connection.for_kafka_python())
        admin.create_topics([NewTopic(f"{self.rig.prefix}readings.pollution", PARTITIONS, 1)])
        admin.close()
        for record in (SITE, Device("MN7", "boiler-7", "hj212")):
            await self.rig.send("registry", *message(record))
        await self.rig.send("config", "domain/pollution", encode(publish_form(pack, DAY0)))

    async def hour(self, number: int, value: float) -> None:
        """One hour of minutes (already at the reference oxygen), then the tick at which it is judged."""
        start = DAY0 + number * HOUR
        for minute in range(60):
            reading = Reading(f"{SUBJECT}/ZsRtd", start + minute * MINUTE, value)
            await self.rig.producer.send(f"{self.rig.prefix}readings.pollution", encode(reading), key=b"boiler-7")
        await self.tick(start + HOUR + 11 * MINUTE)

    async def tick(self, time: int) -> None:
        mine = partition_of("boiler-7", PARTITIONS)
        topic = f"{self.rig.prefix}readings.pollution"
        await self.rig.producer.send_and_wait(topic, encode(Control("~tick", time)), partition=mine)
        await self.rig.send("city-time", "", encode(Control("~tick", time)))

    async def all_of(self, topic: str) -> list[bytes]:
        consumer = lone_consumer(self.rig.connection)
        await consumer.start()
        try:
            places = await partitions_of(consumer, [self.rig.prefix + topic], "test")
            consumer.assign(places)
            await consumer.seek_to_beginning(*places)
            ends = await consumer.end_offsets(places)
            found: list[bytes] = []
            for place in places:
                while await consumer.position(place) < ends[place]:
                    for records in (await consumer.getmany(timeout_ms=100)).values():
                        found += [each.value for each in records]
            return found
        finally:
            await consumer.stop()

    @asynccontextmanager
    async def judge(self) -> AsyncIterator[JudgementKeeper]:
        keeper = JudgementKeeper(self.rig.connection, group=f"{self.rig.prefix}judge", prefix=self.rig.prefix)
        ready = asyncio.Event()
        running = asyncio.create_task(keeper.run(ready.set))
        try:
            await eventually(lambda: ready.is_set() or running.done(), "the judge at work")
            yield keeper
            assert not running.done(), running
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
async def world(kafka: str, tmp_path: Path) -> AsyncIterator[World]:
    async with rig(kafka, tmp_path) as made:
        found = World(made)
        await found.describe()
        yield found


def shown(client: httpx.AsyncClient, **expected: Any) -> Callable[[], Any]:
    async def ask() -> dict[str, Any] | None:
        items = (await client.get("/api/judgements", params={"site": "boiler-7"})).json()["items"]
        first: dict[str, Any] | None = next((each for each in items if expected.items() <= each.items()), None)
        return first

    return ask


async def test_minutes_become_a_judgement_and_an_alarm_and_after_a_restart_a_mark_takes_it_back(world: World) -> None:
    async with world.rig.server() as client:
        async with world.judge():
            await world.hour(0, 80.0)
            first = await eventually(shown(client, verdict="exceeds", version=1), "the hour judged")
            assert (first["value"], first["limit"]["value"], first["multiple"]) == (80.0, 50.0, 0.6)
            alarm = await eventually(lambda: _alarm(client), "an alarm of the plant's family")
            assert alarm["family"] == "hour-exceedance"
        async with world.judge():
            body = {"id": "m1", "site": "boiler-7", "scope": "plant", "state": "start-up"}
            body |= {"start": DAY0, "end": DAY0 + HOUR}  # type: ignore[dict-item]
            await world.tick(DAY0 + HOUR + 12 * MINUTE)
            assert (await client.post("/api/marks", json=body | {"who": "li"})).status_code == 200
            second = await eventually(_ticking(world, shown(client, verdict="exempt", version=2)), "the hour revised")
            assert second["cause"] == "mark" and second["marks"] == ["m1"]
            versions = (await client.get("/api/judgements/versions", params={"key": second["key"]})).json()["items"]
            assert [each["verdict"] for each in versions] == ["exempt", "exceeds"]
    findings = [msgspec.json.decode(each, type=Finding) for each in await world.all_of("findings")]
    assert [(each.phase, each.seq) for each in findings] == [("open", 2), ("close", 5)]
    assert len(await world.all_of("judgements")) == 2


def _ticking(world: World, ask: Callable[[], Any]) -> Callable[[], Any]:
    at = [DAY0 + HOUR + 12 * MINUTE]

    async def tick_and_ask() -> Any:
        at[0] = min(at[0] + MINUTE, DAY0 + 2 * HOUR)
        await world.tick(at[0])
        return await ask()

    return tick_and_ask


async def _alarm(client: httpx.AsyncClient) -> dict[str, Any] | None:
    items: list[dict[str, Any]] = (await client.get("/api/alarms")).json()["items"]
    return next((each for each in items if each["domain"] == "pollution"), None)
