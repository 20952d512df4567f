"""A running alert server for tests: topics of its own on the suite's broker, a stand-in bureau, an HTTP client."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from aiokafka import AIOKafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic

from records.history import ListHistory
from records.registry import message
from streams.bureau import Bureau
from streams.server import AlertServer, wall_ms
from streams.server_place import Place
from tests.alerts.city_parts import DEVICE, SENDER, SITE, T0, domain
from tests.made_stores import made_store
from tests.patience import eventually
from topics.codec import encode
from topics.connection import KafkaConnection
from topics.finding import Finding
from topics.published_pack import publish_form
from topics.reading import Control

NAMES = (
    "findings",
    "models",
    "candidates",
    "shadow-findings",
    "verdicts",
    "alarm-events",
    "pulse",
    "city-time",
    "config",
    "registry",
    "dead-letters",
    "warnings",
    "ledger-heads",
    "judgements",
    "marks",
    "unit-states",
    "station-log",
)
DEADLINE_S = 60.0


class Rig:
    """The world about a server: its topics, its bureau, its store's file."""

    def __init__(self, bootstrap: str, folder: Path, bureau: Bureau) -> None:
        self.connection = KafkaConnection(bootstrap)
        self.prefix = f"t{uuid.uuid4().hex[:10]}-"
        self.folder = folder
        self.bureau = bureau
        self.producer: Any = None
        #: How long lesser warnings wait in a flood to be joined (s); 0 = not at all.
        self.digest_interval_s = 1.0
        #: How far the wall clock of its servers goes ahead of the machine's (ms).
        self.ahead_ms = 0

    def declare(self) -> None:
        admin = KafkaAdminClient(**self.connection.for_kafka_python())
        topics = [NewTopic(self.prefix + name, 2 if name == "findings" else 1, 1) for name in NAMES]
        admin.create_topics(topics)
        admin.close()

    def wall_ms(self) -> int:
        """Milliseconds UTC by the servers' clock."""
        return wall_ms() + self.ahead_ms

    async def send(self, topic: str, key: str, value: bytes) -> None:
        await self.producer.send_and_wait(self.prefix + topic, value, key=key.encode())

    async def say(self, *findings: Finding) -> None:
        """Put these on the topic of findings, in order."""
        for finding in findings:
            await self.send("findings", finding.alarm_key, encode(finding))

    async def describe_city(self) -> None:
        """Publish the registry, the pack and one tick."""
        for record in (SITE, DEVICE):
            await self.send("registry", *message(record))
        await self.send("config", "domain/safety", encode(publish_form(domain(), T0)))
        await self.send("city-time", "", encode(Control("~tick", T0)))

    @property
    def place(self) -> Place:
        return Place(
            f"sqlite:///{self.folder / 'store.db'}",
            self.bureau.url,
            self.folder / "warnings",
            SENDER,
            simulated=True,
            digest_interval_s=self.digest_interval_s,
        )

    @asynccontextmanager
    async def server(self) -> AsyncIterator[httpx.AsyncClient]:
        """A server in this event loop, ended in good order."""
        ready = asyncio.Event()
        server = AlertServer(self.connection, self.place, ListHistory(), prefix=self.prefix, clock=self.wall_ms)
        running = asyncio.create_task(server.run(ready.set))
        try:
            await eventually(lambda: ready.is_set() or running.done(), "the server is ready")
            if running.done():
                running.result()
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", timeout=DEADLINE_S) as client:
                yield client
        finally:
            server.stop()
            await running


@asynccontextmanager
async def rig(bootstrap: str, folder: Path) -> AsyncIterator[Rig]:
    """The world about a server, with the city described."""
    made_store(folder)
    with Bureau() as bureau:
        made = Rig(bootstrap, folder, bureau)
        made.declare()
        made.producer = AIOKafkaProducer(**made.connection.for_aiokafka())
        await made.producer.start()
        try:
            await made.describe_city()
            yield made
        finally:
            await made.producer.stop()


async def report(client: httpx.AsyncClient) -> dict[str, Any]:
    answer: dict[str, Any] = (await client.get("/api/report")).json()
    return answer


async def all_signed(client: httpx.AsyncClient, due: int) -> dict[str, Any]:
    async def ask() -> dict[str, Any] | None:
        figures = await report(client)
        return figures if figures["due"] == figures["signed_for"] == due and figures["behind"] == 0 else None

    answer: dict[str, Any] = await eventually(ask, f"{due} deliveries signed for")
    return answer
