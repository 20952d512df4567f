"""The alert server of the port's yards, asked as a browser on this machine does."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import httpx

from alerts.api import Server, create_app
from alerts.desk import Desk
from alerts.feed import Feed
from alerts.latency import Latency
from alerts.ledger import Ledger
from alerts.responder.cards import ResponderCards
from alerts.responder.yards import Yards
from alerts.store import Store
from alerts.wall import Wall
from records.history import ListHistory
from records.stays import YardEvent
from streams.judges.yard_grades import YardGrades
from tests.alerts.city_parts import SENDER, WallClock
from tests.alerts.responder.port import port


@asynccontextmanager
async def yard_client(store: Store, events: Iterable[YardEvent]) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server whose yards have taken these events; the store is closed behind it."""
    yards, city, clock = Yards(), port(), WallClock()
    yards.take(events)
    desk, wall = Desk(store, city, SENDER, clock), Wall(store, city, Latency(), clock)
    cards = ResponderCards(store, city, yards, ListHistory(), clock, YardGrades())
    server = Server(
        store, city, desk, wall, Feed(), Ledger(store), lambda: None, ListHistory(), lambda: b"", cards=cards
    )
    transport = httpx.ASGITransport(create_app(server))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as made:
        yield made
    store.close()
