"""The watch over sequences on a real broker: readings, an alarm server that is answered or not, restarts, a backlog."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from kafka.admin import KafkaAdminClient, NewTopic

from records.registry import Device, SeriesMeta, message
from streams.log_reading import records_until_now
from streams.packs import load_packs
from streams.sequence_keeper import SequenceKeeper
from tests.alerts.city_parts import SITE, T0, finding
from tests.patience import eventually
from tests.streams.server_rig import Rig, rig
from topics.codec import encode
from topics.finding import Finding
from topics.published_pack import publish_form
from topics.reading import Control, Reading

pytestmark = pytest.mark.kafka

MINUTE = 60_000
PARTITIONS = 2


@asynccontextmanager
async def city(kafka: str, folder: Path) -> AsyncIterator[Rig]:
    """The pack of safety as it comes with the product, and two partitions of its readings."""
    async with rig(kafka, folder) as world:
        admin = KafkaAdminClient(**world.connection.for_kafka_python())
        admin.create_topics([NewTopic(f"{world.prefix}readings.safety", PARTITIONS, 1)])
        admin.close()
        (pack,) = (each for each in load_packs() if each.name == "safety")
        await world.send("config", "domain/safety", encode(publish_form(pack, T0)))
        meta = {"gas_lel": SeriesMeta(unit="%LEL")}
        await world.send("registry", *message(Device(id="GT-2", site=SITE.id, kind="gas detector", quantities=meta)))
        yield world


async def read(world: Rig, minute: float, quantity: str, value: float) -> None:
    reading = Reading(f"{SITE.id}/D/{quantity}/Rtd", T0 + round(minute * MINUTE), value)
    await world.producer.send_and_wait(f"{world.prefix}readings.safety", encode(reading), partition=0)


async def time(world: Rig, minute: float) -> None:
    """City time, in every partition."""
    for partition in range(PARTITIONS):
        tick = encode(Control("~tick", T0 + round(minute * MINUTE)))
        await world.producer.send_and_wait(f"{world.prefix}readings.safety", tick, partition=partition)
    await world.send("city-time", "", encode(Control("~tick", T0 + round(minute * MINUTE))))


async def gas_rises_and_fans_stop(world: Rig, minute: float) -> None:
    for late, quantity, value in ((0, "ventilation", 1.0), (1, "gas_lel", 31.0), (2, "ventilation", 0.0)):
        await read(world, minute + late, quantity, value)


def said(world: Rig) -> list[tuple[str, float]]:
    """Phase and minute of what sequences have said, in order; nothing twice."""
    records = records_until_now(world.connection, f"{world.prefix}findings")
    all_said = [msgspec.json.decode(record.value, type=Finding) for record in records]
    mine = [each for each in all_said if each.family == "sequence"]
    assert len({(each.id, each.seq) for each in mine}) == len(mine)
    return [(each.phase, (each.time - T0) / MINUTE) for each in sorted(mine, key=lambda each: each.time)]


async def judge(world: Rig, done: Callable[[], Awaitable[Any]]) -> dict[str, int]:
    """One life of the watch, until all is read and ``done``: from where the next must read, by topic. What it has
    committed is what it has read."""
    keeper = SequenceKeeper(world.connection, group=f"{world.prefix}sequences", prefix=world.prefix)
    await keeper.start()
    try:

        async def asked() -> Any:
            await keeper.step()
            ends = await keeper._consumer.end_offsets(list(keeper.lanes))
            read = all([await keeper._consumer.position(place) >= end for place, end in ends.items()])
            return read and await done()

        await eventually(asked, "what the watch should have done")
        places = [place for place, lane in keeper.lanes.items() if lane.next_offset]
        assert [await keeper._consumer.committed(place) for place in places] == [
            keeper.lanes[place].next_offset for place in places
        ]
        return {place.topic.removeprefix(world.prefix): lane.resume for place, lane in keeper.sequence_lanes()}
    finally:
        await keeper.stop()


async def test_nobody_answers_then_somebody_does(kafka: str, tmp_path: Path) -> None:
    """The whole way: a finding of limits makes an alarm, nobody acknowledges it, the sequence is an alarm of its own;
    the acknowledgement at the desk ends it. The watch is ended and begun anew in between."""
    async with city(kafka, tmp_path) as world, world.server() as client:
        await world.say(finding(quantity="gas_lel", opened=T0 + MINUTE))
        await gas_rises_and_fans_stop(world, 0)
        await time(world, 7.9)

        async def alarms() -> list[dict[str, Any]]:
            items: list[dict[str, Any]] = (await client.get("/api/alarms")).json()["items"]
            return items

        async def limit_alarm() -> bool:
            return len(await alarms()) == 1

        await judge(world, limit_alarm)
        assert said(world) == [], "a minute is left for what is on its way"
        await time(world, 8)

        async def two_alarms() -> bool:
            return len(await alarms()) == 2

        await judge(world, two_alarms)
        assert said(world) == [("open", 7)]
        limit = next(each for each in await alarms() if each["family"] == "limit")
        unanswered = next(each for each in await alarms() if each["family"] == "sequence")
        assert unanswered["quantity_title"]["en"] == "Gas rises, ventilation stops, nobody answers"
        await _acknowledge(client, limit["id"])

        async def cleared() -> bool:
            await time(world, 12)
            story = (await client.get(f"/api/alarms/{unanswered['id']}")).json()
            return any(each["phase"] == "close" for each in story["findings"])

        await judge(world, cleared)
        assert [phase for phase, _ in said(world)] == ["open", "close"]


async def _acknowledge(client: httpx.AsyncClient, alarm: str) -> None:
    answer = await client.post(f"/api/alarms/{alarm}/acknowledge", json={"who": "wang", "note": ""})
    assert answer.status_code == 200, answer.text


async def test_over_a_backlog_and_restarts_it_says_the_same(kafka: str, tmp_path: Path) -> None:
    """An hour of readings is there before the watch begins; the answers lie in another topic, and are read in time."""
    async with city(kafka, tmp_path) as world:
        expected = []
        for start in range(0, 60, 12):
            await gas_rises_and_fans_stop(world, start)
            if start % 24 == 0:
                await _answered(world, start + 4)
            else:
                expected += [("open", start + 7), ("close", start + 12)]  # the fans run again in the next story
            await time(world, start + 11)
        await read(world, 60, "ventilation", 1.0)
        await time(world, 70)

        async def whole() -> bool:
            return len(said(world)) >= len(expected)

        resume = await judge(world, whole)
        assert said(world) == expected
        assert resume["readings.safety"] > 0, "a restart must not read an hour again where minutes matter"
        await gas_rises_and_fans_stop(world, 71)
        await time(world, 90)

        async def one_more() -> bool:
            return len(said(world)) > len(expected)

        await judge(world, one_more)
        assert said(world) == [*expected, ("open", 78)]


async def _answered(world: Rig, minute: float) -> None:
    from topics.alarm_event import AlarmEvent

    at = T0 + round(minute * MINUTE)
    event = AlarmEvent(f"s-{minute}", "a1", "safety", SITE.id, "gas_lel", "limit", "acknowledged", "orange", at, 1)
    await world.send("alarm-events", SITE.id, encode(event))
