"""The hazard watch on a real broker: what the day must say is said once, and what units say of themselves is heeded."""

import asyncio
import uuid
from pathlib import Path
from typing import Any

import msgspec
import pytest
from kafka.admin import KafkaAdminClient, NewTopic

from streams.clients import sure_producer
from streams.hazard_keeper import HazardKeeper
from streams.log_reading import records_until_now
from streams.replays.hazard import replay_hazard_day
from streams.replays.hazard_day import MINUTE_MS, SITE, START_MS, UNIT, hazard_day, hazard_pack
from tests.patience import eventually
from tests.streams.server_rig import rig
from topics.codec import encode
from topics.connection import KafkaConnection
from topics.finding import Finding, Origin, Text, finding_id
from topics.published_pack import publish_form
from topics.reading import Reading
from topics.unit_state import TOPIC, UnitState

#: Up to here the first process lives, in messages: in the midst of the discrepancy.
HALF = 4000


@pytest.mark.kafka
async def test_the_day_is_said_once_over_a_restart(kafka: str) -> None:
    connection, prefix = KafkaConnection(kafka), f"t{uuid.uuid4().hex[:8]}-"
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    admin.create_topics([NewTopic(prefix + name, 1, 1) for name in ("config", "findings", TOPIC, "readings.safety")])
    admin.close()
    producer = sure_producer(connection)
    await producer.start()
    pack = publish_form(hazard_pack(), START_MS)
    await producer.send_and_wait(prefix + "config", encode(pack), key=b"domain/safety")
    messages = [encode(each) for each in hazard_day()]
    try:
        for part in (messages[:HALF], messages[HALF:]):
            for value in part:
                await producer.send(prefix + "readings.safety", value, partition=0)
            await producer.flush()
            await run_to_the_end(HazardKeeper(connection, group=prefix + "hazard", prefix=prefix))
    finally:
        await producer.stop()
    records = await asyncio.to_thread(lambda: list(records_until_now(connection, prefix + "findings")))
    said = [msgspec.json.decode(record.value, type=Finding) for record in records]
    assert len({(each.id, each.seq) for each in said}) == len(said), "nothing twice"
    wanted = replay_hazard_day()
    assert {(each.id, each.seq) for each in said} == {(each.id, each.seq) for each in wanted.findings}
    records = await asyncio.to_thread(lambda: list(records_until_now(connection, prefix + TOPIC)))
    assert [msgspec.json.decode(record.value, type=UnitState) for record in records] == wanted.states


async def run_to_the_end(keeper: HazardKeeper) -> None:
    await keeper.start()
    try:
        (lane,) = keeper.lanes.values()
        (place,) = keeper.lanes
        end = (await keeper._consumer.end_offsets([place]))[place]
        while lane.next_offset < end:
            await keeper.step()
    finally:
        await keeper.stop()


@pytest.mark.kafka
async def test_a_low_level_is_suppressed_by_the_unit_that_is_out_of_service_until_it_runs(
    kafka: str, tmp_path: Path
) -> None:
    """A real broker, the hazard watch and the alert server: what a unit says of itself decides what is heard."""
    pack = hazard_pack()
    (low,) = (limit for limit in pack.quantities["level_percent"].limits if limit.level == "LL")
    async with rig(kafka, tmp_path) as world:
        admin = KafkaAdminClient(bootstrap_servers=kafka)
        admin.create_topics([NewTopic(world.prefix + name, 1, 1) for name in ("readings.safety", "events.safety")])
        admin.close()
        await world.send("config", "domain/safety", encode(publish_form(pack, START_MS)))
        keeper = HazardKeeper(world.connection, group=world.prefix + "hazard", prefix=world.prefix)
        ready = asyncio.Event()
        watching = asyncio.create_task(keeper.run(ready.set))
        try:
            async with world.server() as client:
                await ready.wait()

                async def alarm() -> dict[str, Any]:
                    items = (await client.get("/api/alarms", params={"family": "limit"})).json()["items"]
                    return dict(items[0]) if items else {}

                async def stands(state: str) -> dict[str, Any]:
                    async def ask() -> dict[str, Any] | None:
                        found = await alarm()
                        return found if found.get("state") == state else None

                    found: dict[str, Any] = await eventually(ask, f"a limit alarm that is {state}")
                    return found

                async def unit_says(minute: int, value: float) -> None:
                    said = Reading(f"{SITE}/DCS/unit_state/Rtd", START_MS + minute * MINUTE_MS, value)
                    await world.send("readings.safety", SITE, encode(said))

                await world.say(below(low.value, 0))
                await stands("unacknowledged")
                await unit_says(1, 0.0)
                found = await stands("suppressed")
                assert found["by_design"][0]["title"]["zh"] == f"单元 {UNIT}：停用" and not found["annunciating"]
                await unit_says(2, 1.0)
                await stands("unacknowledged")
                assert (await alarm())["by_design"] == []
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)


def below(limit: float, minute: int) -> Finding:
    """What the kernel says of T1A below a low limit."""
    time, subject = START_MS + minute * MINUTE_MS, f"{SITE}/T1A/level_percent/Rtd"
    return Finding(
        finding_id("limit", 1, subject, time), "open", 0, "safety", SITE, subject, "level_percent", "limit", "limit", 1,
        "orange", time, time, Text("液位低低", "level low low"), Origin("readings.safety", 0, 0, 0),
        value=limit - 1, expected=limit, unit="%", facts={"side": "low", "limit_level": "LL"},
    )  # fmt: skip
