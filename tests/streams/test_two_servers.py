"""Two `citybrain server` processes over one PostgreSQL: one writes, is killed under load, and the other goes on.

Findings come all the while and somebody acknowledges every alarm. Nothing may be lost or be there twice.
"""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaProducer

from alerts.ledger.verify import verify
from alerts.store import Store
from records.registry import message
from streams.bureau import Bureau
from streams.settings import program_environment
from streams.supervise import Part
from tests.alerts.city_parts import DEVICE, SITE, T0, domain, finding
from tests.brief_kafka import BriefKafka
from tests.patience import eventually
from tests.postgresql_server import PostgreSQL
from topics.catalog import catalog
from topics.codec import encode
from topics.connection import KafkaConnection
from topics.declare import declare
from topics.finding import Finding
from topics.published_pack import publish_form
from topics.reading import Control

pytestmark = pytest.mark.kafka

FINDINGS = [finding(quantity=f"q{number}", subject=f"s{number}") for number in range(24)]
#: So much after one another (s): what comes while nobody writes lies on the topic.
EVERY_S = 0.1


class Servers:
    """Two replicas as the chart runs them, over one store."""

    def __init__(self, brokers: str, store: str, bureau: str, folder: Path) -> None:
        ports = [_free_port() for _ in range(2)]
        self.clients = [httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) for port in ports]
        self.parts = [
            Part(
                f"server-{number}",
                ["server", "--port", str(port), "--open"],
                folder,
                program_environment(
                    CITYBRAIN_BROKERS=brokers,
                    CITYBRAIN_STORE_URL=store,
                    CITYBRAIN_BUREAU_URL=bureau,
                    CITYBRAIN_DATA_DIR=str(folder / f"data-{number}"),
                    CITYBRAIN_SERVER_STANDBY="true",
                    CITYBRAIN_DIGEST_INTERVAL_S="0",
                ),
            )
            for number, port in enumerate(ports)
        ]

    def kill(self, number: int) -> None:
        process = self.parts[number].process
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)
        process.wait(30)

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response | None:
        """The answer of whichever listens, ``None`` where nobody does."""
        for client in self.clients:
            try:
                return await client.request(method, path, **more)
            except httpx.TransportError:
                continue
        return None

    async def close(self) -> None:
        for part in self.parts:
            part.stop()
        for client in self.clients:
            await client.aclose()

    async def alarms(self) -> list[dict[str, Any]]:
        answer = await self.ask("GET", "/api/alarms", params={"limit": 200})
        items: list[dict[str, Any]] = answer.json()["items"] if answer is not None and answer.status_code == 200 else []
        return items


class Desk:
    """A person who acknowledges each alarm that waits; ``signed``: those to whom the server has said yes."""

    def __init__(self, servers: Servers) -> None:
        self.servers = servers
        self.signed: set[str] = set()

    async def work(self) -> None:
        while len(self.signed) < len(FINDINGS):
            for alarm in await self.servers.alarms():
                if alarm["id"] not in self.signed:
                    await self._sign(alarm["id"])
            await asyncio.sleep(0.2)  # a person looks up some times a second, however fast the machine

    async def _sign(self, alarm: str) -> None:
        answer = await self.servers.ask("POST", f"/api/alarms/{alarm}/acknowledge", json={"who": "wang", "note": ""})
        if answer is not None and answer.status_code in (200, 409):  # 409: done, and its answer was lost
            self.signed.add(alarm)


@asynccontextmanager
async def city(folder: Path) -> AsyncIterator[tuple[str, AIOKafkaProducer]]:
    """A broker with all topics, and the city on them."""
    with BriefKafka(folder / "kafka") as broker:
        declare(KafkaConnection(broker.bootstrap), catalog([domain()]))
        producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap)
        await producer.start()
        try:
            for record in (SITE, DEVICE):
                key, value = message(record)
                await producer.send_and_wait("registry", value, key=key.encode())
            await producer.send_and_wait("config", encode(publish_form(domain(), T0)), key=b"domain/safety")
            await producer.send_and_wait("city-time", encode(Control("~tick", T0)))
            yield broker.bootstrap, producer
        finally:
            await producer.stop()


async def say(producer: AIOKafkaProducer, findings: list[Finding]) -> None:
    for each in findings:
        await producer.send_and_wait("findings", encode(each), key=each.alarm_key.encode())
        await asyncio.sleep(EVERY_S)  # spread over the kill and the time when nobody writes


async def test_the_other_goes_on_and_nothing_is_lost_or_doubled(postgresql: PostgreSQL, tmp_path: Path) -> None:
    store = postgresql.made_store()  # as the chart's hook has made it before any server starts
    with Bureau() as bureau:
        async with city(tmp_path) as (brokers, producer):
            servers = Servers(brokers, store, bureau.url, tmp_path)
            first, second = servers.parts
            try:
                first.start()
                await asyncio.to_thread(first.wait_ready)
                second.start()
                await eventually(lambda: "standing_by" in second.said(), "the second stands by")
                desk = Desk(servers)
                signing = asyncio.create_task(desk.work())
                await say(producer, FINDINGS[:12])
                await eventually(lambda: len(desk.signed) >= 6, "some are acknowledged")
                saying = asyncio.create_task(say(producer, FINDINGS[12:]))
                await asyncio.sleep(3 * EVERY_S)  # some of the second half have been sent
                servers.kill(0)  # with findings and acknowledgements on their way
                before = set(desk.signed)
                await asyncio.to_thread(second.wait_ready)
                await asyncio.wait_for(asyncio.gather(saying, signing), 60)
                await told(servers)
                alarms = await servers.alarms()
                logs = await acknowledgements(servers, alarms)
            finally:
                await servers.close()
        received = bureau.register.report()
    assert len(alarms) == len({each["quantity"] for each in alarms}) == len(FINDINGS)
    assert {each["state"] for each in alarms} == {"acknowledged"}
    assert before <= {each["id"] for each in alarms}
    assert set(logs.values()) == {1}, "an acknowledgement that was answered stands once, and was not undone"
    # A delivery under way when its sender died may go out again, under the same key: the bureau has each once.
    assert received["unique"] == 2 * len(FINDINGS) and received["refused"] == received["unknown_references"] == 0
    kept = Store(store)
    try:
        with kept.read() as connection:
            assert verify(connection).broken == []
    finally:
        kept.close()


async def told(servers: Servers) -> None:
    """Until the bureau has signed for the alarm and the acknowledgement of each finding."""

    async def ask() -> bool:
        answer = await servers.ask("GET", "/api/report")
        figures = answer.json() if answer is not None else {}
        return bool(figures and figures["due"] == figures["signed_for"] == 2 * len(FINDINGS))

    await eventually(ask, "all is delivered and signed for")


async def acknowledgements(servers: Servers, alarms: list[dict[str, Any]]) -> dict[str, int]:
    """How often each alarm's log says that it was acknowledged."""
    counted = {}
    for alarm in alarms:
        answer = await servers.ask("GET", f"/api/alarms/{alarm['id']}")
        assert answer is not None
        counted[alarm["id"]] = sum(row["action"] == "acknowledged" for row in answer.json()["log"])
    return counted


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
