"""A house with a door: the real application over an empty store, cheap passwords, and a clock that stands still."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from alerts import schema
from alerts.accounts.access import Access
from alerts.accounts.audit import AuditLog
from alerts.accounts.crossing import MARK_COOKIE, MARK_HEADER
from alerts.accounts.jurisdiction import WHOLE_CITY, Jurisdiction
from alerts.accounts.passwords import Passwords
from alerts.accounts.terms import DAY_MS, Terms
from alerts.accounts.throttle import Throttle
from alerts.api import Server, create_app
from alerts.feed import Feed
from alerts.latency import Latency
from alerts.ledger import Ledger
from alerts.wall import Wall
from records.history import ListHistory
from tests.alerts.city_parts import House
from tests.made_stores import made_store

#: Good passwords; each account gets its own.
PASSWORD = "seven blue kilns at dusk"
BASE = "http://127.0.0.1"
CHEAP = Passwords(passes=1, memory_kib=8, lanes=1)


class Door:
    """The application and whoever comes to it."""

    def __init__(self, house: House, terms: Terms, key: str | None = None) -> None:
        self.house = house
        self.clock = house.clock
        self.access = Access(house.store, terms, passwords=CHEAP, wall_ms=house.clock, local_key=key)
        self.app: FastAPI = create_app(server_of(house), self.access)

    def forget(self) -> None:
        """As on the first day."""
        store = self.house.store
        store.engine.dispose()
        file = Path(str(store.engine.url.database))
        made_store(file.parent, file.name)
        store.write(
            lambda connection: connection.execute(store.upsert(schema.about), [{"name": "id", "value": store.id}])
        )
        access = self.access
        access.directory._any = False
        access.audit = AuditLog(access.store, self.clock)
        access.by_account, access.by_address = Throttle(), Throttle(free=20, longest_ms=900_000)
        self.clock.now_ms += DAY_MS  # what is remembered for a moment is forgotten

    def add(self, name: str, *roles: str, within: Jurisdiction = WHOLE_CITY, password: str | None = PASSWORD) -> int:
        """An account's number."""
        kept = None if password is None else CHEAP.hash(password)
        return self.access.store.write(
            lambda connection: self.access.directory.add(
                connection, name, name.title(), roles, within, "test", password=kept
            )
        )

    def client(self, address: str = "127.0.0.1", base: str = BASE, **more: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, client=(address, 40_000))
        return httpx.AsyncClient(transport=transport, base_url=base, headers=more)

    async def signed_in(self, name: str, password: str = PASSWORD, **more: str) -> httpx.AsyncClient:
        """A browser in which this account has signed in; it sends the page's mark as our pages do."""
        client = self.client(**more)
        answer = await client.post("/api/session", json={"name": name, "password": password})
        assert answer.status_code == 200, answer.text
        client.headers[MARK_HEADER] = client.cookies[MARK_COOKIE]
        return client

    def record(self, **cut: str) -> list[tuple[str, str, str, int, str]]:
        """The record of acts, the oldest first: who, act, outcome, status, reason."""
        items = self.access.audit.listed(500, **cut)["items"]  # type: ignore[arg-type]
        return [(each["who"], each["act"], each["outcome"], each["status"], each["reason"]) for each in items[::-1]]


def server_of(house: House) -> Server:
    wall = Wall(house.store, house.city, Latency(), house.clock)
    return Server(
        house.store, house.city, house.desk, wall, Feed(), Ledger(house.store), lambda: None, ListHistory([]),
        lambda: b"up 1\n",
    )  # fmt: skip


@pytest.fixture
def house(copied_store: str) -> Iterator[House]:
    made = House(copied_store)
    yield made
    made.store.close()


@pytest.fixture
def make_door(house: House) -> Iterator[Callable[..., Door]]:
    yield lambda key=None, **terms: Door(house, Terms(**terms), key)


@pytest.fixture(scope="session")
def standing_door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """One door for all tests that need no terms of their own: making the application takes longer than most of them."""
    made = Door(House(made_store(tmp_path_factory.mktemp("door"))), Terms())
    yield made
    made.house.store.close()


@pytest.fixture
def door(standing_door: Door) -> Door:
    """The door with an empty store behind it, and nobody remembered."""
    standing_door.forget()
    return standing_door


@pytest.fixture
async def stranger(door: Door) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of this machine in which nobody has signed in."""
    async with door.client() as client:
        yield client
