"""A flood of a thousand findings through a real broker and server: red first, nothing dropped, the rest joined."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.alerts.city_parts import T0, finding
from tests.patience import eventually
from tests.streams.server_rig import Rig, rig
from topics.codec import encode
from topics.finding import Finding

pytestmark = pytest.mark.kafka

FINDINGS = 1_000
RED_EVERY = 50


@pytest.fixture
async def world(kafka: str, tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(kafka, tmp_path) as made:
        yield made


def flood() -> list[Finding]:
    """The red ones come last in every fifty, so that they have to overtake."""
    return [
        finding(
            quantity=f"q{number}",
            subject=f"s{number}",
            severity="red" if number % RED_EVERY == RED_EVERY - 1 else "yellow",
            opened=T0 - FINDINGS + number,
        )
        for number in range(FINDINGS)
    ]


async def test_red_is_stored_and_told_before_the_others_and_none_is_dropped(world: Rig) -> None:
    for each in flood():  # all of it lies on the topic when the server starts
        await world.producer.send(world.prefix + "findings", encode(each), key=each.alarm_key.encode())
    await world.producer.flush()
    async with world.server() as client:
        await _all_signed(client)
        alarms = await _alarms(client)
        figures = (await client.get("/api/desk-figures")).json()
        page = (await client.get("/metrics")).text
    assert len(alarms) == FINDINGS and len({each["key"] for each in alarms}) == FINDINGS
    red = [each["stored"] for each in alarms if each["severity"] == "red"]
    others = sorted(each["stored"] for each in alarms if each["severity"] != "red")
    assert len(red) == FINDINGS // RED_EVERY
    assert max(red) <= others[len(others) // 2]  # the last red one before half of those that came before it
    assert figures["flood"]["on"] and figures["alarms"] == FINDINGS
    assert figures["mix"]["critical"]["alarms"] == len(red)
    assert 'citybrain_desk_flood{desk="safety"} 1.0' in page
    messages: list[dict[str, Any]] = world.bureau.register.report()["messages"]
    digests = [each for each in messages if each["covers"]]
    alone = [each for each in messages if not each["covers"]]
    told = [each["identifier"] for each in alone] + [name for each in digests for name in each["covers"]]
    assert len(told) == len(set(told)) == FINDINGS + len(red)  # the fire brigade hears of the red ones too
    assert digests and {each["level"] for each in digests} == {"yellow"}
    assert sum(each["level"] == "red" for each in alone) == 2 * len(red)


async def _all_signed(client: httpx.AsyncClient) -> None:
    async def signed() -> bool:
        figures = (await client.get("/api/report")).json()
        return bool(figures["findings"] == FINDINGS and 0 < figures["due"] == figures["signed_for"])

    await eventually(signed, "everything stored and signed for", within_s=100)


async def _alarms(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await client.get("/api/alarms", params={"state": "all", "limit": 500, "cursor": cursor})).json()
        found += page["items"]
        cursor = page["next"]
    return found
