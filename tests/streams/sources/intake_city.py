"""A small city, a publisher in memory and a client, for the tests of the HTTP intake."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec

from records.registry import Device, SeriesMeta, Site, registry_of
from streams.sources.base import Headers
from streams.sources.http_intake import HttpIntake
from streams.sources.intake_messages import City
from streams.sources.memory_publisher import OneByOne
from topics.domain_file import load_domains
from topics.errors import NotKept
from topics.finding import Text

T0 = 1_439_337_600_000
NOW = T0 + 5_000
GLN = "urn:epc:id:sgln:69012345.00001.0"


def place(name: str, domain: str, *aliases: str) -> Site:
    return Site(name, domain, Text("一号", "One"), "firm", "120116", 39.0, 117.7, aliases=aliases)


CITY = City(
    registry_of(
        [
            place("store-1", "food", GLN),
            place("yard-1", "cargo"),
            place("tank-1", "safety"),
            Device("cold-1", "store-1", "probe", {"cold_store_temp": SeriesMeta(), "humidity": SeriesMeta()}),
            Device("truck-7", "store-1", "logger", {"vehicle_temp": SeriesMeta(), "freezer_temp": SeriesMeta()}),
            Device("T1", "tank-1", "gauge", {"pressure": SeriesMeta()}),
        ]
    ),
    {domain.name: domain for domain in load_domains(None)},
)


class ListPublisher(OneByOne):
    """Keeps records in memory, or nothing while ``away``."""

    def __init__(self) -> None:
        self.away = False
        self.kept: list[tuple[str, str, dict[str, Any], dict[str, bytes]]] = []

    async def publish(self, topic: str, key: str, value: bytes, headers: Headers = ()) -> None:
        if self.away:
            raise NotKept("the broker is away and the spool is full")
        key.encode()
        self.kept.append((topic, key, msgspec.json.decode(value), dict(headers)))


class Intake:
    """An intake on a free port, its publisher, and a client for it."""

    def __init__(self, source: HttpIntake, publisher: ListPublisher, client: httpx.AsyncClient) -> None:
        self.source = source
        self.publisher = publisher
        self.client = client

    async def post(self, path: str, content: Any, kind: str = "application/json") -> httpx.Response:
        body = content if isinstance(content, bytes) else msgspec.json.encode(content)
        return await self.client.post(path, content=body, headers={"Content-Type": kind})


@asynccontextmanager
async def running(**options: Any) -> AsyncIterator[Intake]:
    publisher = ListPublisher()
    source = HttpIntake(CITY, lambda: NOW, port=0, **options)
    await source.start(publisher)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{source.port}", trust_env=False) as client:
            yield Intake(source, publisher, client)
    finally:
        await source.stop()
