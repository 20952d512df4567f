"""The running server knows the yards from the log alone: late and wrong records, a restart, how far it is behind."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from kafka.admin import KafkaAdminClient, NewTopic

from records.registry import message
from tests.alerts.responder.port import FIRE, MINUTE, YARD, box, packs
from tests.patience import eventually
from tests.streams.server_rig import Rig, rig
from topics.codec import encode
from topics.events import GateOut
from topics.published_pack import publish_form
from topics.reading import Control

pytestmark = pytest.mark.kafka

ASKED = {"site": "yard-ruihai", "at": str(FIRE)}


async def told(world: Rig, *events: Any) -> None:
    for event in events:
        await world.send("events.cargo", "yard-ruihai", encode(event))


async def card(client: httpx.AsyncClient) -> dict[str, Any]:
    answer: dict[str, Any] = (await client.get("/api/responder-card", params=ASKED)).json()
    return answer


async def boxes(client: httpx.AsyncClient) -> tuple[int | None, int]:
    shown = await card(client)
    return shown["behind"], shown["near"]["rings"][-1]["boxes"]


async def test_the_card_follows_the_log_and_is_the_same_after_a_restart(kafka: str, tmp_path: Path) -> None:
    async with rig(kafka, tmp_path) as world:
        admin = KafkaAdminClient(**world.connection.for_kafka_python())
        admin.create_topics([NewTopic(f"{world.prefix}events.cargo", 4, 1)])
        admin.close()
        (cargo,) = (each for each in packs() if each.name == "cargo")
        await world.send("registry", *message(YARD))
        await world.send("config", "domain/cargo", encode(publish_form(cargo, FIRE)))
        story = [*box("A", "1942", "ARR", 0, 0), *box("B", "1428", "ARR", 1, 0)]
        await world.send("city-time", "", encode(Control("~tick", FIRE)))
        await world.send("events.cargo", "yard-ruihai", b"{broken")
        await told(world, *reversed(story), Control("~tick", FIRE))

        async def knows(client: httpx.AsyncClient, number: int) -> bool:
            return await boxes(client) == (0, number)

        async with world.server() as client:
            await eventually(lambda: knows(client, 2), "two boxes, nothing behind")
            await told(world, GateOut("late", "yard-ruihai", FIRE - MINUTE, "A"))
            await eventually(lambda: knows(client, 1), "a box that had left, told of afterwards")
            before = await card(client)
        async with world.server() as client:
            await eventually(lambda: knows(client, 1), "the same after a restart")
            assert (await card(client))["near"] == before["near"]
