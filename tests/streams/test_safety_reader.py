"""Safety work on the running server: what a firm says on the topic, and what the city is told of it, over a restart."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from kafka.admin import KafkaAdminClient, NewTopic

from records.registry import message
from records.safety.days import DAY_MS, HOUR_MS, MINUTE_MS
from tests.alerts.city_parts import domain
from tests.alerts.safety.safety_house import FACTS, SITES
from tests.patience import eventually
from tests.records.safety.parts import TEN, commitment, permit
from tests.streams.server_rig import Rig, rig
from topics.codec import encode
from topics.published_pack import publish_form
from topics.reading import Control

pytestmark = pytest.mark.kafka


@pytest.fixture
async def world(kafka: str, tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(kafka, tmp_path) as made:
        admin = KafkaAdminClient(**made.connection.for_kafka_python())
        admin.create_topics([NewTopic(f"{made.prefix}events.safety", 2, 1)])
        admin.close()
        for site in SITES[:2]:
            await made.send("registry", *message(site))
        pack = domain(facts={"safety_work": FACTS["safety_work"]}, events=True)
        await made.send("config", "domain/safety", encode(publish_form(pack, TEN)))
        yield made


async def alarms(client: httpx.AsyncClient, **cut: Any) -> list[tuple[str, str, bool]]:
    items = (await client.get("/api/alarms", params={"limit": 50} | cut)).json()["items"]
    return sorted((each["site"], each["quantity"], each["closed"] is not None) for each in items)


async def test_commitments_and_permits_from_the_topic_become_alarms_and_end_them(world: Rig) -> None:
    told = [("p1", "commitment", False), ("p2", "commitment-truth", False)]
    await world.send("events.safety", "p2", encode(commitment("p2")))
    await world.send("events.safety", "p2", encode(permit(1, "p2", start=TEN - 20 * MINUTE_MS)))
    async with world.server() as client:

        async def permits() -> bool:
            return bool((await client.get("/api/safety/permits")).json()["items"])

        await eventually(permits, "the permit in the store")
        await world.send("city-time", "", encode(Control("~tick", TEN + 5 * MINUTE_MS)))

        async def both() -> bool:
            return await alarms(client) == told

        await eventually(both, "an absence and a contradiction")
    async with world.server() as client:
        await world.send("events.safety", "p1", encode(commitment("p1", TEN + 6 * MINUTE_MS)))
        await world.send("city-time", "", encode(Control("~tick", TEN + 7 * MINUTE_MS)))

        async def late() -> bool:
            rows = (await client.get("/api/safety/commitments")).json()["items"]
            return [row["state"] for row in rows] == ["late", "given"]

        await eventually(late, "the late commitment")

        async def over() -> bool:
            found = (await client.get("/api/safety/findings")).json()["items"]
            return [each["closed"] for each in found if each["quantity"] == "commitment"] == [TEN + 6 * MINUTE_MS]

        await eventually(over, "the absence closed once, with its delay")
        assert len(await alarms(client)) == 2
    # Down over ten o'clock of the next day: p1 gives its commitment meanwhile, p2 does not, and it is past midnight.
    given = commitment("p1", TEN + DAY_MS - MINUTE_MS, day="2026-11-28")
    await world.send("events.safety", "p1", encode(given))
    await world.send("city-time", "", encode(Control("~tick", TEN + DAY_MS + 20 * HOUR_MS)))
    async with world.server() as client:

        async def afterwards() -> bool:
            found = (await client.get("/api/safety/findings")).json()["items"]
            missing = [(each["site"], each["facts"]["day"]) for each in found if each["quantity"] == "commitment"]
            return sorted(missing) == [("p1", "2026-11-27"), ("p2", "2026-11-28")]

        await eventually(afterwards, "the absence of the day that nobody looked at")
