"""The alert server against a real broker and the stand-in bureau: what comes in once is told once, whatever fails."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from alerts.intake import Intake, Taken
from alerts.workbench import Workbench
from streams.server import AlertServer
from streams.server_place import Place
from tests.alerts.city_parts import MINUTE, T0, domain, finding
from tests.streams.server_rig import Rig, eventually, rig
from topics.codec import encode
from topics.connection import KafkaConnection
from topics.dead_letter import from_headers
from topics.domain import publish_form
from topics.errors import ConfigurationError, PartMissing
from topics.finding import Finding, Text
from topics.handling import EscalationStep, Handling
from topics.pulse import Pulse
from topics.reading import Control

pytestmark = pytest.mark.kafka

#: A minute with ``make kill-test``.
LONGER_OUT_OF_ORDER_S = 60.0 if os.environ.get("CITYBRAIN_FULL_SIZE") else 0.0


@pytest.fixture
async def world(kafka: str, tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(kafka, tmp_path) as made:
        yield made


async def report(client: httpx.AsyncClient) -> dict[str, Any]:
    answer: dict[str, Any] = (await client.get("/api/report")).json()
    return answer


async def all_signed(client: httpx.AsyncClient, due: int) -> dict[str, Any]:
    async def ask() -> dict[str, Any] | None:
        figures = await report(client)
        return figures if figures["due"] == figures["signed_for"] == due and figures["behind"] == 0 else None

    answer: dict[str, Any] = await eventually(ask, f"{due} deliveries signed for")
    return answer


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


async def test_what_is_no_finding_goes_to_the_dead_letters_and_the_rest_goes_on(world: Rig) -> None:
    spoilt = b'{"id": "x", "phase": "half"}'
    async with world.server() as client:
        await world.send("findings", "k", spoilt)
        await world.send("findings", "k", b"\xff\xfe")
        await world.say(finding(severity="purple", site="nowhere", domain="unheard-of"))

        async def stored() -> bool:
            figures = await report(client)
            return bool(figures["findings"] == 1 and figures["refused"] == 2)

        await eventually(stored, "one finding stored, two refused")
        (alarm,) = (await client.get("/api/alarms")).json()["items"]
        story = (await client.get(f"/api/alarms/{alarm['id']}")).json()
        assert len(story["problems"]) == 3 and 'no pack for domain "unheard-of"' in story["problems"][0]["en"]
    place = TopicPartition(world.prefix + "dead-letters", 0)
    consumer = AIOKafkaConsumer(**world.connection.for_aiokafka(), auto_offset_reset="earliest")
    consumer.assign([place])
    await consumer.start()
    try:
        letters = (await consumer.getmany(place, timeout_ms=10_000))[place]
    finally:
        await consumer.stop()
    assert letters[0].value == spoilt
    assert from_headers(letters[0].headers).reason == "schema_mismatch"
    assert "$.phase" in from_headers(letters[0].headers).detail


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


async def test_a_host_others_could_reach_is_refused(world: Rig) -> None:
    place = Place("sqlite://", "", world.folder, "s", host="0.0.0.0")
    with pytest.raises(ConfigurationError, match="until accounts exist"):
        AlertServer(world.connection, place, None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--host", "0.0.0.0"], "server_hosts: expected the names under which browsers ask"),
        (["--port", "{taken}"], "server: expected port {taken} of 127.0.0.1 to be free"),
        (["--port", "0", "--brokers", "127.0.0.1:1"], "Kafka: expected a cluster that answers at 127.0.0.1:1"),
        (["--port", "0", "--store", "nonsense"], "store: expected an SQLAlchemy URL"),
    ],
)
def test_what_the_command_cannot_have_is_one_sentence_and_status_2(tmp_path: Path, words: list[str], said: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken = str(listener.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "streams", "server", *(word.format(taken=taken) for word in words)],
            env={**os.environ, "CITYBRAIN_DATA_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
        )
    last = done.stderr.strip().splitlines()[-1]
    assert (done.returncode, done.stdout) == (2, "")
    assert last.startswith("citybrain: " + said.format(taken=taken)), done.stderr


async def test_missing_topics_are_named_in_one_sentence(kafka: str, tmp_path: Path) -> None:
    place = Place(f"sqlite:///{tmp_path / 's.db'}", "http://127.0.0.1:1/cap", tmp_path, "s")
    server = AlertServer(KafkaConnection(kafka), place, None, prefix="nobody-made-")  # type: ignore[arg-type]
    with pytest.raises(PartMissing, match=r"nobody-made-registry.*declare them first"):
        await asyncio.wait_for(server.run(), 30)


PROCESS = """
import asyncio, sys
from pathlib import Path
from records.history import ListHistory
from streams.server import AlertServer
from streams.server_place import Place
from topics.connection import KafkaConnection

async def main() -> None:
    brokers, prefix, store, bureau, folder = sys.argv[1:]
    place = Place(store, bureau, Path(folder), "citybrain.test", simulated=True)
    server = AlertServer(KafkaConnection(brokers), place, ListHistory(), prefix=prefix)
    await server.run(lambda: print('ready', server.port, flush=True))

asyncio.run(main())
"""


class Process:
    """The server in a process of its own, to be killed."""

    def __init__(self, world: Rig) -> None:
        place = world.place
        words = [world.connection.brokers, world.prefix, place.store_url, place.bureau_url, str(place.folder)]
        self._popen = subprocess.Popen([sys.executable, "-c", PROCESS, *words], stdout=subprocess.PIPE, text=True)

    async def client(self) -> httpx.AsyncClient:
        assert self._popen.stdout is not None
        said = await asyncio.to_thread(self._popen.stdout.readline)
        while said and not said.startswith("ready "):
            said = await asyncio.to_thread(self._popen.stdout.readline)
        port = said.removeprefix("ready ").strip()
        assert port, "the server ended before it was ready"
        return httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30)

    def kill(self) -> None:
        """As a power cut would."""
        os.kill(self._popen.pid, signal.SIGKILL)
        self._popen.wait(30)
        assert self._popen.stdout is not None
        self._popen.stdout.close()


async def test_killed_between_store_and_delivery_it_tells_everything_once(world: Rig) -> None:
    findings = [finding(quantity=f"q{number}", subject=f"s{number}") for number in range(10)]
    world.bureau.register.fail(3600, 500)
    process = Process(world)
    try:
        async with await process.client() as client:
            await world.say(*findings)

            async def stored() -> bool:
                return bool((await report(client))["findings"] == 10 and world.bureau.register.counts["posts"])

            await eventually(stored, "ten findings stored, a delivery tried")
            assert (await report(client))["delivered"] == 0
    finally:
        process.kill()
    world.bureau.register.fail(0, 500)
    await world.say(*findings)  # a worker that was killed too repeats what it cannot know to be kept
    async with world.server() as client:
        figures = await all_signed(client, 10)

        async def repeated() -> bool:
            return bool((await report(client))["repeated"] == 10)

        await eventually(repeated, "ten repeats counted")
        assert figures["findings"] == 10
    assert (world.bureau.register.report()["unique"], world.bureau.register.report()["repeats"]) == (10, 0)


async def test_a_pack_that_comes_after_its_alarm_still_gets_it_told(world: Rig) -> None:
    async with world.server() as client:
        await world.say(finding(domain="later"))

        async def open_now() -> bool:
            return bool((await client.get("/api/alarms")).json()["items"])

        await eventually(open_now, "the alarm stored")
        assert (await report(client))["due"] == 0
        await world.send("config", "domain/later", encode(publish_form(domain(name="later"), T0)))
        await all_signed(client, 1)


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


async def test_a_finding_that_cannot_be_stored_holds_back_no_other(world: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    take_one = Intake._take_one

    def spoilt(self: Intake, bench: Workbench, each: Finding, taken: Taken) -> None:
        if each.subject == "poison":
            raise ZeroDivisionError("nobody foresaw this")
        take_one(self, bench, each, taken)

    monkeypatch.setattr(Intake, "_take_one", spoilt)
    async with world.server() as client:
        await world.say(*(finding(quantity=name, subject=name) for name in ("good", "poison", "better")))

        async def stored() -> bool:
            figures = await report(client)
            return bool(figures["findings"] == 2 and figures["refused"] == 1)

        await eventually(stored, "two stored, one refused")
        page = (await client.get("/metrics")).text
        assert 'citybrain_unexpected_errors_total{where="findings"} 1.0' in page


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
