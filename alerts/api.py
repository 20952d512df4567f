"""The interface of the alert server: alarms, one alarm's story, acknowledgement, wall, stream, report, metrics.

Times are integer milliseconds UTC. The pages (pages.py) are built on nothing but this.
"""

import asyncio
import importlib.util
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Cookie, FastAPI, Header, HTTPException, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.middleware.trustedhost import TrustedHostMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from alerts.accounts.access import Access
from alerts.accounts.door import mount_accounts
from alerts.acting import Said, acting
from alerts.city import City
from alerts.desk import Desk
from alerts.feed import Feed
from alerts.ledger import Ledger
from alerts.lifecycle import NotAllowed
from alerts.plot import plot
from alerts.queries import Queries
from alerts.report import report
from alerts.store import Store
from alerts.views import site_view
from alerts.wall import Wall
from records.history import History
from topics.errors import ConfigurationError
from topics.finding import Text

#: Until there are accounts the server listens here only; it always answers to these names.
LOOPBACK = ("127.0.0.1", "localhost", "::1")
WALL_EVERY_S = 1.0
LARGEST_NUMBER = 2**63 - 1
METRICS_TYPE = "text/plain; version=1.0.0; charset=utf-8"

AlarmId = Annotated[str, Path(min_length=1, max_length=64)]
Severity = Annotated[str | None, Query(max_length=40)]


@dataclass(frozen=True, slots=True)
class Server:
    """The parts behind the interface. ``wake_outbox`` is called when there is something new to deliver;
    ``metrics`` gives the page of /metrics in Prometheus' text format, ``behind`` how many findings lie on the
    topic that the store does not have yet.
    """

    store: Store
    city: City
    desk: Desk
    wall: Wall
    feed: Feed
    ledger: Ledger
    wake_outbox: Callable[[], None]
    history: History
    metrics: Callable[[], bytes]
    behind: Callable[[], int] = lambda: 0


def require_loopback(host: str) -> None:
    """Raises ``ConfigurationError`` for a host that others on the network could reach."""
    if host not in LOOPBACK:
        raise ConfigurationError(
            f"server: expected a loopback address ({', '.join(LOOPBACK)}) until accounts exist, got {host!r}"
        )


def create_app(server: Server, access: Access | None = None) -> FastAPI:
    """The application behind the gate of ``access``; pages are mounted where ``alerts.pages`` is there."""
    access = access or Access(server.store)
    app = FastAPI(title="City Brain alerts", docs_url=None, redoc_url=None)
    mount_accounts(app, access, server.city)
    # A page of a stranger's site that resolves its name to this machine must not speak for the duty officer.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*LOOPBACK, "[::1]", *access.terms.hosts])
    if access.terms.proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(access.terms.proxies))
    app.add_exception_handler(HTTPException, _refuse)
    app.include_router(_alarm_routes(server))
    app.include_router(_delivery_routes(server))
    app.include_router(_city_routes(server))
    if importlib.util.find_spec("alerts.pages") is not None:
        from alerts.pages import mount_pages

        mount_pages(app)
    return app


def _alarm_routes(server: Server) -> APIRouter:
    routes = APIRouter(prefix="/api/alarms")
    queries = Queries(server.store, server.city)

    @routes.get("")
    def alarms(
        state: Literal["open", "closed", "all"] = "open",
        domain: Annotated[str | None, Query(max_length=40)] = None,
        severity: Severity = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        cursor: Annotated[str | None, Query(max_length=200)] = None,
    ) -> dict[str, Any]:
        try:
            return queries.alarms(state, domain, severity, limit, cursor)
        except ValueError as error:
            raise HTTPException(422, str(error)) from error

    @routes.get("/{alarm}")
    def story(alarm: AlarmId) -> dict[str, Any]:
        return _found(queries.story(alarm), alarm)

    @routes.get("/{alarm}/readings")
    def readings(alarm: AlarmId) -> dict[str, Any]:
        view = _found(queries.alarm(alarm), alarm)
        return plot(view, queries.subjects(alarm), server.history, server.city)

    @routes.post("/{alarm}/acknowledge")
    async def acknowledge(
        alarm: AlarmId, said: Said, request: Request, lang: Annotated[str | None, Cookie()] = None
    ) -> dict[str, Any]:
        try:
            done = await asyncio.to_thread(server.desk.acknowledge, alarm, acting(request, said), said.note)
        except NotAllowed as error:
            raise HTTPException(409, _in(lang, error.text)) from error
        if done is not None:
            server.feed.wake()
            server.wake_outbox()
        return _found(await asyncio.to_thread(queries.alarm, alarm), alarm)

    return routes


def _delivery_routes(server: Server) -> APIRouter:
    routes = APIRouter(prefix="/api/deliveries")

    @routes.get("")
    def deliveries(
        status: Literal["pending", "retrying", "delivered", "signed-for", "dead"] | None = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> dict[str, Any]:
        return {"items": server.ledger.listed(status, limit)}

    @routes.post("/{delivery}/retry")
    async def retry(delivery: Annotated[int, Path(ge=1, le=LARGEST_NUMBER)]) -> dict[str, Any]:
        if not await asyncio.to_thread(server.ledger.revive, delivery):
            raise HTTPException(409, f"delivery {delivery}: expected a dead one")
        server.wake_outbox()
        return {"id": delivery, "status": "retrying"}

    return routes


def _city_routes(server: Server) -> APIRouter:
    routes = APIRouter()

    @routes.get("/api/wall")
    def wall() -> dict[str, Any]:
        return server.wall.show()

    @routes.get("/api/sites")
    def sites() -> dict[str, Any]:
        return {"items": [site_view(site) for site in server.city.registry.sites() if not site.retired]}

    @routes.get("/api/report")
    def figures() -> dict[str, Any]:
        return report(server.store) | {"behind": server.behind()}

    @routes.get("/api/stream", response_class=EventSourceResponse)
    async def stream(
        request: Request, last_event_id: Annotated[int | None, Header(ge=0, le=LARGEST_NUMBER)] = None
    ) -> AsyncIterator[ServerSentEvent]:
        async for event in follow(server, request.is_disconnected, last_event_id):
            yield event

    @routes.get("/metrics")
    def metrics() -> Response:
        return Response(server.metrics(), media_type=METRICS_TYPE)

    return routes


async def follow(server: Server, gone: Callable[[], Any], after: int | None) -> AsyncIterator[ServerSentEvent]:
    """The events of one page: what changed after ``after`` (None = from now on), and the wall each second.

    An ``alarm`` event carries the number of the log line it reflects; ``reset`` says that more changed
    than is sent, so the page must read its list again.
    """
    queries = Queries(server.store, server.city)
    seen = after if after is not None else await asyncio.to_thread(queries.last_change)
    loop = asyncio.get_running_loop()
    wall_due = loop.time()
    while not server.feed.closed and not await gone():
        changed, seen, whole = await asyncio.to_thread(queries.changed_since, seen)
        if not whole:
            yield ServerSentEvent(event="reset", data={}, id=str(seen))
        for alarm in changed:
            yield ServerSentEvent(event="alarm", data=alarm, id=str(seen))
        if changed or loop.time() >= wall_due:
            yield ServerSentEvent(event="wall", data=await asyncio.to_thread(server.wall.show), id=str(seen))
            wall_due = loop.time() + WALL_EVERY_S
        await server.feed.wait(max(0.0, wall_due - loop.time()))


async def _refuse(_: Request, error: Exception) -> Response:
    """Every refusal is ``{"error": sentence}``."""
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, status_code=error.status_code)


def _in(language: str | None, text: Text) -> str:
    """In the language the pages remember, in both where nobody has chosen."""
    return {"zh": text.zh, "en": text.en}.get(language or "", f"{text.zh} / {text.en}")


def _found(view: dict[str, Any] | None, alarm: str) -> dict[str, Any]:
    if view is None:
        raise HTTPException(404, f"no alarm {alarm!r}")
    return view
