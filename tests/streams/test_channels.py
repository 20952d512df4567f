"""All channels of one route from a running server: each recipient gets it once, in its own form."""

import json
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from alerts.ledger.known_heads import from_published
from alerts.ledger.opened import opened_for_reading
from alerts.ledger.verify import verify
from alerts.sinks import SINKS, Addresses
from alerts.sinks.webhook import is_genuine
from streams.ledger_heads import published_heads
from streams.server_place import Place
from tests.alerts.city_parts import MINUTE, T0, domain, finding
from tests.alerts.sinks.mail_server import MailServer
from tests.patience import eventually
from tests.streams.server_rig import Rig, rig
from topics.codec import encode
from topics.domain import Route
from topics.finding import Text
from topics.published_pack import publish_form

pytestmark = pytest.mark.kafka

#: Alertmanager has its own tests; nobody listens for it here.
CHANNELS = tuple(name for name in SINKS if name != "alertmanager")


class Hook:
    """A program that listens for webhooks and for the form of GB/T 35965; ``calls`` are path, headers, body."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, str], bytes]] = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                hook.calls.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    def __enter__(self) -> "Hook":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class ManyChannels(Rig):
    """A world whose server delivers over every channel."""

    hook: Hook
    mail: MailServer

    @property
    def place(self) -> Place:
        channels = Addresses(
            self.bureau.url,
            self.folder / "warnings",
            webhook_url=f"{self.hook.base}/hook",
            webhook_secret="shared",
            smtp_url=self.mail.url,
            email_from="brain@city.test",
            email_to="officer@bureau.test",
            gbt35965_url=f"{self.hook.base}/gb",
            gbt35965_sender="12000041600000",
        )
        return replace(super().place, channels=channels)


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook() as made:
        yield made


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer() as made:
        yield made


@pytest.fixture
async def world(kafka: str, tmp_path: Path, hook: Hook, mail: MailServer) -> AsyncIterator[ManyChannels]:
    async with rig(kafka, tmp_path) as made:
        many = ManyChannels(kafka, tmp_path, made.bureau)
        many.prefix, many.producer, many.hook, many.mail = made.prefix, made.producer, hook, mail
        pack = domain(routes=(Route("emergency-bureau", Text("应急管理局", "bureau"), "yellow", channels=CHANNELS),))
        await many.send("config", "domain/safety", encode(publish_form(pack, T0)))
        yield many


async def _delivered(client: httpx.AsyncClient, count: int) -> list[dict[str, Any]]:
    async def ask() -> list[dict[str, Any]] | None:
        items: list[dict[str, Any]] = (await client.get("/api/deliveries")).json()["items"]
        good = [each for each in items if each["status"] in ("delivered", "signed-for")]
        return good if len(good) == len(items) == count else None

    found: list[dict[str, Any]] = await eventually(ask, f"{count} deliveries taken")
    return found


async def test_one_warning_goes_over_every_channel_in_its_own_form(world: ManyChannels) -> None:
    async with world.server() as client:
        await world.say(finding(severity="red"))
        rows = await _delivered(client, len(CHANNELS))
        assert {row["channel"] for row in rows} == set(CHANNELS)
        await world.say(finding("close", 1, severity="red", closed=T0 + MINUTE))
        rows = await _delivered(client, 2 * len(CHANNELS))
        head = (await client.get("/api/ledger/head")).json()
    names = {row["identifier"] for row in rows}
    assert {message["identifier"] for message in world.bureau.register.report()["messages"]} == names
    assert set(world.mail.post.identifiers()) == names
    hooks = [(headers, body) for path, headers, body in world.hook.calls if path == "/hook"]
    assert {headers["idempotency-key"] for headers, _ in hooks} == names
    for headers, body in hooks:
        assert is_genuine("shared", headers, body, int(headers["x-citybrain-timestamp"]))
    assert [path for path, _, _ in world.hook.calls].count("/gb") == 2
    assert len(list((world.folder / "warnings").iterdir())) == 2
    kept = await _records(world, "warnings")
    assert {json.loads(value)["identifier"] for _, value in kept} == names
    assert len({key for key, _ in kept}) == 1
    heads = list(published_heads(world.connection, world.prefix + "ledger-heads"))
    assert heads and heads[0].store == head["store"]
    with opened_for_reading(world.place.store_url) as connection:
        verdict = verify(connection, [from_published(each, "topic") for each in heads])
    assert (verdict.broken, verdict.heads_checked, verdict.head.hash) == ([], len(heads), head["hash"])


async def test_one_channel_that_is_out_holds_back_no_other(world: ManyChannels) -> None:
    world.bureau.register.fail(3600, 503)
    async with world.server() as client:
        await world.say(finding(severity="red"))

        async def others() -> bool:
            items = (await client.get("/api/deliveries", params={"status": "delivered"})).json()["items"]
            return {each["channel"] for each in items} == set(CHANNELS) - {"cap"}

        await eventually(others, "every channel but the bureau's")
        (owed,) = (await client.get("/api/deliveries", params={"channel": "cap"})).json()["items"]
        shown = (await client.get(f"/api/deliveries/{owed['id']}")).json()
        assert shown["status"] == "retrying" and {each["http_status"] for each in shown["tries"]} == {503}
        world.bureau.register.fail(0, 503)
        await _delivered(client, len(CHANNELS))


async def _records(world: Rig, topic: str) -> list[tuple[bytes, bytes]]:
    """Key and value of everything on a topic of this world."""
    place = TopicPartition(world.prefix + topic, 0)
    consumer = AIOKafkaConsumer(**world.connection.for_aiokafka(), auto_offset_reset="earliest")
    consumer.assign([place])
    await consumer.start()
    try:
        end = (await consumer.end_offsets([place]))[place]
        found: list[tuple[bytes, bytes]] = []
        while len(found) < end:
            batch = await consumer.getmany(place, timeout_ms=5_000)
            found += [(record.key, record.value) for record in batch.get(place, [])]
        return found
    finally:
        await consumer.stop()
