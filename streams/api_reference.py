"""The OpenAPI document of the alert server, as it is served and as it is committed for whoever generates a client."""

import json
from pathlib import Path

from alerts.api import Server, create_app
from alerts.city import City
from alerts.desk import Desk
from alerts.feed import Feed
from alerts.latency import Latency
from alerts.ledger import Ledger
from alerts.store import Store
from alerts.wall import Wall
from records.history import ListHistory

PAGE = Path("docs/openapi.json")


def openapi_page() -> str:
    """docs/openapi.json: what ``GET /openapi.json`` answers, over an empty store."""
    store, city = Store("sqlite://"), City()
    try:
        desk, wall = Desk(store, city, "citybrain", lambda: 0), Wall(store, city, Latency(), lambda: 0)
        server = Server(store, city, desk, wall, Feed(), Ledger(store), lambda: None, ListHistory(), lambda: b"")
        return json.dumps(create_app(server).openapi(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    finally:
        store.close()
