"""A city with safety work, six firms, a meter and a hazard, and how it is served and told of in tests."""

from typing import Any

import httpx
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from alerts.accounts.identity import DESK, PLACE
from alerts.errors_api import word_errors
from alerts.safety.api import safety_routes
from alerts.safety.desk import SafetyDesk
from alerts.tickets.api import ticket_routes
from records.registry import Device, SeriesMeta
from tests.alerts.city_parts import House
from tests.alerts.tickets.test_desk import CLOCKS
from tests.records.safety.parts import TABLE, site

UNIT = {"about": {"site": "p1", "people": 10, "source": "test", "confirmed": True}}

FACTS: dict[str, Any] = {
    "safety_work": TABLE,
    "hazard": {"critical": {}, "units": {"tank-farm": UNIT}},
    "ticket_terms": {"danger-general": CLOCKS, "danger-major": CLOCKS},
}

SITES = [site(f"p{n}", district="120116" if n < 4 else "120101") for n in range(1, 7)]

FLOW = Device(id="F1", site="p1", kind="meter", quantities={"flow": SeriesMeta(unit="m3/h")})


def client_of(desk: SafetyDesk) -> httpx.AsyncClient:
    """The routes of safety work and of tickets alone, as the open desk sees them (the gate: accounts/test_gate.py)."""
    app = FastAPI()
    word_errors(app)
    app.include_router(safety_routes(desk))
    app.include_router(ticket_routes(desk.tickets))

    async def at_the_desk(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, PLACE: DESK}, receive, send)

    return httpx.AsyncClient(transport=httpx.ASGITransport(at_the_desk), base_url="http://127.0.0.1")


def tell(house: House, desk: SafetyDesk) -> list[str]:
    """What the server's teller does, straight into the intake; gives rule and phase of each message."""
    said = []
    for name, body, findings in desk.watch.untold():
        house.take(*findings)
        desk.watch.told(name, body)
        said += [f"{each.detector} {each.site} {each.phase}" for each in findings]
    return said
