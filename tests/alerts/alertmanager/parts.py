"""An alert server's Alertmanager routes over a house: in the process, or on a port for programs that want one."""

import contextlib
import datetime as dt
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from alerts.alertmanager.api import alertmanager_routes
from alerts.alertmanager.moments import write_moment
from alerts.alertmanager.parts import Alertmanager, Rules, alertmanager_over
from alerts.silences.api import silence_routes
from tests.alerts.city_parts import SENDER, House
from tests.patience import at_last

HOUR = 3_600_000


def alertmanager(house: House, **rules: Any) -> Alertmanager:
    """The parts over this house, with the pack for alerts from outside that comes with the product."""
    parts = alertmanager_over(
        house.store, house.city, intake=house.intake, sender=SENDER, wall_ms=house.clock, rules=Rules(**rules)
    )
    house.city.put(parts.external.pack.domain)
    return parts


def application(parts: Alertmanager) -> FastAPI:
    app = FastAPI()
    app.include_router(alertmanager_routes(parts))
    app.include_router(silence_routes(parts.store, parts.city, parts.wall_ms))
    return app


def client(parts: Alertmanager) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(application(parts))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")


@contextlib.contextmanager
def listening(parts: Alertmanager) -> Iterator[str]:
    """The routes on a free port of this machine; gives ``http://127.0.0.1:port``."""
    server = uvicorn.Server(uvicorn.Config(application(parts), host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        at_last(lambda: server.started or not thread.is_alive(), "the server listens")
        assert thread.is_alive(), "the server ended before it listened"
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def alert(labels: dict[str, str], *, starts: int | None = None, ends: int | None = None, **more: Any) -> dict[str, Any]:
    """One alert as Prometheus writes it; times in ms UTC."""
    times = {"startsAt": starts, "endsAt": ends}
    return {"labels": labels} | {key: write_moment(at) for key, at in times.items() if at is not None} | more


def silence(*matchers: str | dict[str, Any], starts: int, ends: int, **more: Any) -> dict[str, Any]:
    """A silence as amtool writes it; a matcher is ``name=value`` or the whole object."""
    return {
        "matchers": [
            each
            if isinstance(each, dict)
            else dict(zip(("name", "value"), each.split("=", 1), strict=True)) | {"isRegex": False, "isEqual": True}
            for each in matchers
        ],
        "startsAt": write_moment(starts),
        "endsAt": write_moment(ends),
        "createdBy": "wang",
        "comment": "calibration",
    } | more


async def shown(am: httpx.AsyncClient, *filters: str, **query: Any) -> list[dict[str, Any]]:
    """The alerts that match all of the filters, as the API lists them."""
    answer = await am.get("/api/v2/alerts", params={"filter": list(filters), **query})
    assert answer.status_code == 200, answer.text
    return list(answer.json())


def wall_now() -> int:
    """Milliseconds UTC of this machine's clock."""
    return int(dt.datetime.now(dt.UTC).timestamp() * 1000)
