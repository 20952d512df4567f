"""The alert server where something is wrong: killed, refused, spoilt, missing. It still tells everything once."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from alerts.intake import Intake, Taken
from alerts.workbench import Workbench
from streams.server import AlertServer
from streams.server_place import Place
from tests.alerts.city_parts import T0, domain, finding
from tests.patience import eventually
from tests.streams.server_rig import Rig, all_signed, report, rig
from tests.streams.test_shadow_command import run
from topics.codec import encode
from topics.connection import KafkaConnection
from topics.dead_letter import from_headers
from topics.errors import ConfigurationError, PartMissing
from topics.finding import Finding
from topics.published_pack import publish_form

pytestmark = pytest.mark.kafka


@pytest.fixture
async def world(kafka: str, tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(kafka, tmp_path) as made:
        yield made


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


async def test_a_host_others_could_reach_is_refused(world: Rig) -> None:
    place = Place("sqlite://", "", world.folder, "s", host="0.0.0.0")
    with pytest.raises(ConfigurationError, match="until accounts exist"):
        AlertServer(world.connection, place, None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--host", "0.0.0.0"], "server_hosts: expected the names under which browsers ask"),
        (["--port", "{taken}"], "server: expected port {taken} of 127.0.0.1 to be free"),
        (["--port", "0", "--brokers", "127.0.0.1:1"], "Kafka: expected a broker that answers, got 127.0.0.1:1"),
        (["--port", "0", "--store", "nonsense"], "store: expected an SQLAlchemy URL"),
    ],
)
def test_what_the_command_cannot_have_is_one_sentence_and_status_2(
    tmp_path: Path, words: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CITYBRAIN_DATA_DIR", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken = str(listener.getsockname()[1])
        status, out, err = run(capsys, "server", *(word.format(taken=taken) for word in words))
    assert (status, out) == (2, "")
    assert err.strip().splitlines()[-1].startswith("citybrain: " + said.format(taken=taken)), err


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
