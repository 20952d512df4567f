"""Alerts and silences in the running server: what ends by itself ends, and what was held back comes out."""

from pathlib import Path

import pytest

from alerts.alertmanager.moments import write_moment
from tests.alerts.city_parts import finding
from tests.patience import eventually
from tests.streams.server_rig import rig

pytestmark = pytest.mark.kafka

HOUR_MS = 3_600_000


async def test_an_alert_nobody_repeats_returns_and_is_announced_where_its_pack_says(kafka: str, tmp_path: Path) -> None:
    async with rig(kafka, tmp_path) as world, world.server() as client:
        ends = write_moment(world.wall_ms() + HOUR_MS)
        posted = {"labels": {"alertname": "GatewayDown", "site": "gw-1"}, "endsAt": ends}
        assert (await client.post("/api/v2/alerts", json=[posted])).status_code == 200

        async def state() -> str:
            return str((await client.get("/api/alarms")).json()["items"][0]["state"])

        assert await state() == "unacknowledged"
        world.ahead_ms += HOUR_MS

        async def returned() -> bool:
            return await state() == "returned-unacknowledged"

        await eventually(returned, "the alert is over")

        def announced() -> bool:
            files = (tmp_path / "warnings").rglob("*.xml")
            return any("GatewayDown" in path.read_text(encoding="utf-8") for path in files)

        await eventually(announced, "its warning in the folder")
        assert [each["name"] for each in (await client.get("/api/wall")).json()["domains"]] == ["safety"]


async def test_a_warning_held_back_goes_out_when_the_silence_runs_out(kafka: str, tmp_path: Path) -> None:
    async with rig(kafka, tmp_path) as world, world.server() as client:
        now = world.wall_ms()
        silence = {
            "matchers": [{"name": "site", "value": "tank-farm-1", "isRegex": False}],
            "startsAt": write_moment(now),
            "endsAt": write_moment(now + HOUR_MS),
            "createdBy": "wang",
            "comment": "weekly test",
        }
        assert (await client.post("/api/v2/silences", json=silence)).status_code == 200
        await world.say(finding())

        async def listed() -> list[str]:
            return [each["id"] for each in (await client.get("/api/alarms")).json()["items"]]

        (alarm,) = await eventually(listed, "the alarm is in the store")
        story = (await client.get(f"/api/alarms/{alarm}")).json()
        assert story["warnings"] == [] and "silenced" in [line["action"] for line in story["log"]]
        (one,) = (await client.get(f"/api/alarms/{alarm}/silences")).json()["items"]
        assert one["covers"] is True
        world.ahead_ms += HOUR_MS

        async def told() -> bool:
            return bool((await client.get(f"/api/alarms/{alarm}")).json()["warnings"])

        await eventually(told, "the silence has run out")
