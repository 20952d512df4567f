"""The alert server against a real broker and the stand-in bureau: what comes in once is told once."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.alerts.city_parts import MINUTE, T0, domain, finding
from tests.patience import eventually
from tests.streams.server_rig import Rig, all_signed, report, rig
from topics.codec import encode
from topics.finding import Text
from topics.handling import EscalationStep, Handling
from topics.published_pack import publish_form
from topics.pulse import Pulse
from topics.reading import Control

pytestmark = pytest.mark.kafka

#: A minute with ``make kill-test``.
LONGER_OUT_OF_ORDER_S = 60.0 if os.environ.get("CITYBRAIN_FULL_SIZE") else 0.0


@pytest.fixture
async def world(kafka: str, tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(kafka, tmp_path) as made:
        yield made


async def test_a_finding_becomes_an_alarm_and_a_warning_somebody_signs_for(world: Rig) -> None:
    async with world.server() as client:
        await world.say(finding(severity="red"))
        figures = await all_signed(client, 2)
        assert figures["alarms"] == {"safety": {"red": 1}}
        (alarm,) = (await client.get("/api/alarms")).json()["items"]
        assert alarm["site_title"]["zh"] == "一号罐区" and alarm["simulated"]
        done = await client.post(f"/api/alarms/{alarm['id']}/acknowledge", json={"who": "王伟", "note": "出动"})
        assert done.json()["state"] == "acknowledged"
        await all_signed(client, 4)
        await world.say(finding("close", 1, closed=T0 + MINUTE))
        await all_signed(client, 6)
        story = (await client.get(f"/api/alarms/{alarm['id']}")).json()
        assert story["state"] == "normal"
        assert [each["msg_type"] for each in story["warnings"]] == ["Alert", "Alert", *["Update"] * 4]
        assert all(each["deliveries"][0]["signed_for_by"].startswith("值班员") for each in story["warnings"])
    received = world.bureau.register.report()
    assert (received["unique"], received["repeats"], received["refused"]) == (6, 0, 0)
    assert received["unknown_references"] == 0
    assert {message["status"] for message in received["messages"]} == {"Exercise"}
    assert [message["response_type"] for message in received["messages"]][-2:] == ["AllClear", "AllClear"]


async def test_a_bureau_out_of_order_for_a_while_gets_everything_once(world: Rig) -> None:
    world.digest_interval_s = 0.0  # twenty at once are a flood, and a slow server would join some of them
    world.bureau.register.fail(3600, 500)
    names = [f"q{number}" for number in range(20)]
    async with world.server() as client:
        await world.say(*(finding(quantity=name, subject=name) for name in names))
        # Out of order until each was tried at least once, however long a busy machine takes for that.
        await eventually(lambda: world.bureau.register.counts["failed_on_purpose"] >= 25, "every delivery tried")
        await asyncio.sleep(LONGER_OUT_OF_ORDER_S)  # the outage itself is what is tested, there is nothing to wait for
        world.bureau.register.fail(0, 500)
        await all_signed(client, 20)
        listed = (await client.get("/api/deliveries", params={"status": "signed-for"})).json()["items"]
        assert len(listed) == 20 and max(delivery["attempts"] for delivery in listed) > 1
    received = world.bureau.register.report()
    assert (received["unique"], received["repeats"]) == (20, 0)
    assert received["failed_on_purpose"] >= 20


async def test_repeated_findings_are_counted_and_change_nothing(world: Rig) -> None:
    async with world.server() as client:
        once = [finding(), finding("update", 1), finding("close", 2, closed=T0 + MINUTE)]
        await world.say(*once, *once, once[0])

        async def repeated() -> bool:
            return bool((await report(client))["repeated"] == 4)

        await eventually(repeated, "four repeats counted")
        figures = await all_signed(client, 2)
        assert (figures["findings"], figures["finding_messages"]) == (1, 3)
    assert world.bureau.register.report()["unique"] == 2


async def test_a_restarted_server_reads_on_where_its_store_stands(world: Rig) -> None:
    async with world.server() as client:
        await world.say(finding())
        await all_signed(client, 1)
    await world.say(finding("close", 1, closed=T0 + MINUTE))
    async with world.server() as client:
        figures = await all_signed(client, 2)
        assert (figures["repeated"], figures["finding_messages"]) == (0, 2)
        assert figures["latency_ms"]["max"] is None  # these findings bear no stamp, so nothing was measured


async def test_the_stream_tells_changes_and_resumes_after_the_last_one_seen(world: Rig) -> None:
    async with world.server() as client:
        await world.say(finding())
        await all_signed(client, 1)
        events = await _events(client, 3, "0")
        assert {event["event"] for event in events} == {"alarm", "wall"}
        alarm = next(event for event in events if event["event"] == "alarm")
        assert json.loads(alarm["data"])["state"] == "unacknowledged"
        name = json.loads(alarm["data"])["id"]
        await client.post(f"/api/alarms/{name}/acknowledge", json={"who": "李娜"})
        (first, *_) = await _events(client, 1, alarm["id"])
        assert first["event"] == "alarm" and json.loads(first["data"])["acknowledged_by"] == "李娜"
        assert int(first["id"]) > int(alarm["id"])


async def _events(client: httpx.AsyncClient, count: int, after: str) -> list[dict[str, str]]:
    """The first events of a stream that resumes after the line ``after``."""
    events: list[dict[str, str]] = []
    event: dict[str, str] = {}
    async with client.stream("GET", "/api/stream", headers={"last-event-id": after}) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        async for line in response.aiter_lines():
            if line.startswith(":"):
                continue
            if line:
                name, _, text = line.partition(": ")
                event[name] = text
            elif event:
                if "event" in event:  # the opening only says what to resume after
                    events.append(event)
                event = {}
            if len(events) == count:
                return events
    raise AssertionError(f"the stream ended after {events}")


async def test_the_wall_hears_pulses_and_the_metrics_name_them(world: Rig) -> None:
    async with world.server() as client:
        pulse = Pulse("w1", "safety", 0, city_time=T0, last_reading=T0, readings=7)
        await world.send(
            "pulse", "w1/safety", json.dumps({f: getattr(pulse, f) for f in pulse.__struct_fields__}).encode()
        )

        async def live() -> bool:
            wall = (await client.get("/api/wall")).json()
            return bool(wall["domains"][0]["status"] == "live" and wall["city_time"] == T0)

        await eventually(live, "the domain live on the wall")
        await world.say(finding())
        await all_signed(client, 1)
        page = (await client.get("/metrics")).text
        assert 'citybrain_alarms_open{domain="safety",severity="yellow",state="unacknowledged"} 1.0' in page
        assert 'citybrain_deliveries_total{channel="cap",status="signed"} 1.0' in page


async def test_city_time_alone_makes_an_alarm_sound_and_climb(world: Rig) -> None:
    handling = Handling(on_delay_s=60, acknowledge_within_s={"yellow": 60}, escalate_to=("leader",))
    steps = {"leader": EscalationStep(Text("带班领导", "duty leader"), channels=("cap",))}
    pack = domain(name="later", handling={"default": handling}, escalation=steps)
    await world.send("config", "domain/later", encode(publish_form(pack, T0)))
    async with world.server() as client:
        await world.say(finding(domain="later"))

        async def standing() -> tuple[str, int] | None:
            items = (await client.get("/api/alarms")).json()["items"]
            return (items[0]["state"], items[0]["escalation"]) if items else None

        async def is_there(what: tuple[str, int]) -> bool:
            return await standing() == what

        await eventually(lambda: is_there(("delayed", 0)), "the alarm waiting for its delay")
        assert (await report(client))["due"] == 0
        await world.send("city-time", "", encode(Control("~tick", T0 + MINUTE)))
        await eventually(lambda: is_there(("unacknowledged", 0)), "the alarm sounding")
        await all_signed(client, 1)
        await world.send("city-time", "", encode(Control("~tick", T0 + 2 * MINUTE)))
        await eventually(lambda: is_there(("unacknowledged", 1)), "the alarm one step up")
        await all_signed(client, 2)


async def test_an_accident_that_is_overdue_is_told_to_each_step_and_signed_for(world: Rig) -> None:
    """What climbs goes the way of every warning: over a channel, with receipt, once, over a restart too."""

    async def told(client: httpx.AsyncClient) -> dict[str, str]:
        listed = (await client.get("/api/deliveries", params={"status": "signed-for"})).json()["items"]
        return {each["recipient"]: each["status"] for each in listed if each["recipient"] in STEPS}

    async with world.server() as client:
        opening = {"title": "tank fire", "kind": "fire", "site": "tank-farm-1", "who": "Wu"}

        async def opened() -> bool:  # refused until the server has heard of city time
            return (await client.post("/api/accidents", json=opening)).status_code == 200

        await eventually(opened, "the case opened")
        await world.send("city-time", "", encode(Control("~tick", T0 + 61 * MINUTE)))

        async def first() -> bool:
            return list(await told(client)) == ["duty-leader"]

        await eventually(first, "the first step signed for")
    await world.send("city-time", "", encode(Control("~tick", T0 + 95 * MINUTE)))
    async with world.server() as client:

        async def both() -> bool:
            return set(await told(client)) == set(STEPS)

        await eventually(both, "the second step signed for")
        (alarm,) = (await client.get("/api/alarms", params={"family": "overdue"})).json()["items"]
        assert alarm["quantity_title"]["zh"] == "事故 120116-20150812-01 报告逾期" and alarm["escalation"] == 2
        story = (await client.get(f"/api/alarms/{alarm['id']}")).json()
        alerts = sorted(each["authority"] for each in story["warnings"] if each["msg_type"] == "Alert")
        assert [each for each in alerts if each in STEPS] == sorted(STEPS)


STEPS = ("duty-leader", "city-duty-office")
