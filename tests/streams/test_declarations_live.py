"""A declaration on a running server: accepted at the desk, known to the yard by the log, moved on by gate and yard."""

from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from aiokafka import AIOKafkaConsumer
from kafka.admin import KafkaAdminClient, NewTopic

from records.declaration_form import Form
from records.registry import message
from streams.judges.cargo import CargoJudge
from tests.alerts.responder.port import YARD, packs
from tests.patience import eventually
from tests.streams.server_rig import Rig, rig
from topics.codec import encode
from topics.events import Declared, Event, GateIn, Goods, Stacked
from topics.published_pack import publish_form
from topics.reading import Control

pytestmark = pytest.mark.kafka

HOUR = 3_600_000
NOW = 1_438_700_000_000
FORM = Form(
    YARD.id, "CSQU3054383", (Goods("1486", "POTASSIUM NITRATE", "5.1", 20.0, packing_group="III"),), "Firm A", "8888",
    NOW + 30 * HOUR, gross_t=24.0,
)  # fmt: skip


async def on_the_log(world: Rig) -> list[Any]:
    """Everything on the events topic up to now."""
    consumer = AIOKafkaConsumer(
        f"{world.prefix}events.cargo", **world.connection.for_aiokafka(), auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        ends = await consumer.end_offsets(consumer.assignment())
        found: list[Any] = []
        while sum(ends.values()) > len(found):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                found += [msgspec.json.decode(record.value, type=Event) for record in records]
        return found
    finally:
        await consumer.stop()


async def test_what_is_accepted_reaches_the_yard_and_the_yard_moves_it_on(kafka: str, tmp_path: Path) -> None:
    async with rig(kafka, tmp_path) as world:
        admin = KafkaAdminClient(**world.connection.for_kafka_python())
        admin.create_topics([NewTopic(f"{world.prefix}events.cargo", 4, 1)])
        admin.close()
        (cargo,) = (each for each in packs() if each.name == "cargo")
        await world.send("registry", *message(YARD))
        await world.send("config", "domain/cargo", encode(publish_form(cargo, NOW)))
        await world.send("city-time", "", encode(Control("~tick", NOW)))
        async with world.server() as client:
            path = await declare_and_accept(client)
            log = await eventually(lambda: on_the_log(world), "the accepted declaration on the log")
            (declared,) = log
            assert isinstance(declared, Declared) and declared.goods == FORM.goods and declared.gross_t == 24.0
            number = declared.declaration
            gate = GateIn("g", YARD.id, NOW + 30 * HOUR, FORM.container, number, gross_t=27.0)
            stacked = Stacked("s", YARD.id, NOW + 31 * HOUR, FORM.container, "ARR", 1, 2, 1)
            for event in (gate, stacked):
                await world.send("events.cargo", YARD.id, encode(event))

            async def moved() -> bool:
                return bool((await client.get(path)).json()["state"] == "stacked")

            await eventually(moved, "gate and yard on the declaration")
            assert (await client.get(path)).json()["place"] == ["ARR", 1, 2, 1]
            judge = CargoJudge(cargo, 0)
            said = [each for event in await on_the_log(world) for each in judge.apply(event, 0, 1).findings]
            papers = [(each.detector, each.facts["declaration"]) for each in said if each.detector.startswith("cargo-")]
            assert papers == [("cargo-mass", number)]
        async with world.server() as client:  # what was read and said before a restart is neither again
            assert (await client.get(path)).json()["state"] == "stacked"
            assert len(await on_the_log(world)) == 3


async def declare_and_accept(client: httpx.AsyncClient) -> str:
    """The path of a declaration that both authorities have signed."""

    async def taken() -> Any:
        answer = await client.post("/api/declarations", json={"form": msgspec.to_builtins(FORM), "who": "Li"})
        return answer if answer.is_success else None

    made = (await eventually(taken, "the pack and city time at the desk")).json()
    path = f"/api/declarations/{made['id']}"
    for authority, who in (("transport-commission", "Wu"), ("emergency-management-bureau", "Sun")):
        assert (await client.post(f"{path}/sign", json={"authority": authority, "who": who})).is_success
    return path
