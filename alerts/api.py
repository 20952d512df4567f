"""The interface of the alert server: alarms, one alarm's story, acknowledgement, wall, stream, report, metrics.

Times are integer milliseconds UTC. The pages (pages.py) are built on nothing but this.
"""

import importlib.metadata
import importlib.util
import re
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Path, Query, Request, Response
from fastapi.responses import PlainTextResponse, StreamingResponse
from fastapi.routing import APIRoute
from starlette.middleware.trustedhost import TrustedHostMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from alerts.accidents.api import accident_routes
from alerts.accidents.desk import Accidents
from alerts.accounts.access import Access
from alerts.accounts.door import mount_accounts
from alerts.accounts.identity import jurisdiction_of
from alerts.accounts.jurisdiction import Jurisdiction
from alerts.actions_api import action_routes, word_routes
from alerts.alertmanager.api import alertmanager_routes
from alerts.alertmanager.parts import Alertmanager, alertmanager_over
from alerts.answers import AlarmsAnswer, Answer, ReportAnswer, SitesAnswer, StoryAnswer, WallAnswer
from alerts.carriage.api import cargo_routes
from alerts.carriage.desk import CargoDesk
from alerts.changes import Changes
from alerts.city import City
from alerts.coding.api import coding_routes
from alerts.coding.desk import Coding
from alerts.conditional import Conditional, Marks
from alerts.custody.api import custody_routes
from alerts.custody.desk import Recalls
from alerts.custody.lots import Lots
from alerts.declarations.api import declaration_routes
from alerts.declarations.desk import Declarations
from alerts.desk import Desk
from alerts.errors_api import REFUSALS, word_errors
from alerts.evidence.api import evidence_routes
from alerts.evidence.build import Evidence
from alerts.feed import Feed
from alerts.firm_risk.api import firm_risk_routes
from alerts.firm_risk.board import FirmRisks
from alerts.flood.urgency import Urgency
from alerts.group_queries import GroupQueries
from alerts.groups_api import group_routes
from alerts.judgements.api import SendMark, judgement_routes, month_routes
from alerts.judgements.board import Board
from alerts.judgements.evidence import JudgementEvidence
from alerts.judgements.month import MonthStatistics
from alerts.kitchens.api import kitchen_routes
from alerts.kitchens.desk import Kitchens
from alerts.kpi.api import desk_routes
from alerts.kpi.desks import DutyDesks
from alerts.kpi.follow import DeskFigures
from alerts.ledger import Ledger
from alerts.ledger.delivery_api import delivery_routes, receipt_routes
from alerts.ledger.delivery_queries import DeliveryQueries
from alerts.ledger.inbound import Inbox
from alerts.list_query import ListQuery
from alerts.plot import plot
from alerts.promotions.api import promotion_routes
from alerts.promotions.promotions import Promotions
from alerts.queries import Queries
from alerts.report import report
from alerts.responder.api import responder_routes
from alerts.responder.cards import ResponderCards
from alerts.responder.inventory import inventory_routes
from alerts.responder.yards import Yards
from alerts.safety.api import safety_routes
from alerts.safety.desk import SafetyDesk
from alerts.safety.watch import Watch
from alerts.safety_figures.api import safety_figure_routes
from alerts.safety_figures.read import FactsReader
from alerts.safety_figures.report import SafetyFigures
from alerts.silences.api import silence_routes
from alerts.stations.api import station_routes
from alerts.stations.log import StationLog
from alerts.store import Store
from alerts.stream import Broadcaster
from alerts.tickets.api import ticket_routes
from alerts.tickets.desk import Tickets
from alerts.verdict_api import verdict_routes
from alerts.views import site_view
from alerts.wall import Wall
from records.history import History
from topics.errors import ConfigurationError

#: Until there are accounts the server listens here only; it always answers to these names.
LOOPBACK = ("127.0.0.1", "localhost", "::1")
LARGEST_NUMBER = 2**63 - 1
METRICS_TYPE = "text/plain; version=1.0.0; charset=utf-8"

AlarmId = Annotated[str, Path(min_length=1, max_length=64)]
Within = Annotated[Jurisdiction, Depends(jurisdiction_of)]
Severity = Annotated[str | None, Query(max_length=40)]


@dataclass(frozen=True, slots=True)
class Server:
    """The parts behind the interface. ``wake_outbox`` is called when there is something new to deliver;
    ``metrics`` gives the page of /metrics in Prometheus' text format, ``behind`` how many findings lie on the
    topic that the store does not have yet. Without ``figures`` each domain is a desk; without ``stream`` the
    application makes its own.
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
    figures: DeskFigures | None = None
    stream: Broadcaster | None = None
    alertmanager: Alertmanager | None = None
    inbox: Inbox | None = None
    sender: str = "citybrain"
    promotions: Promotions | None = None
    judgements: Board | None = None
    send_mark: SendMark | None = None
    tickets: Tickets | None = None
    recalls: Recalls | None = None
    coding: Coding | None = None
    kitchens: Kitchens | None = None
    safety: SafetyDesk | None = None
    declarations: Declarations | None = None
    cards: ResponderCards | None = None
    cargo: CargoDesk | None = None
    accidents: Accidents | None = None


def require_loopback(host: str, *, accounts: bool = False, sheltered: bool = False) -> None:
    """Raises ``ConfigurationError`` for a host that others on the network could reach, unless there are accounts and
    the way to it is ``sheltered``: by TLS or by a proxy that ends it.
    """
    if host in LOOPBACK:
        return
    if not accounts:
        raise ConfigurationError(
            f"server: expected a loopback address ({', '.join(LOOPBACK)}) until accounts exist, got {host!r}"
        )
    if not sheltered:
        raise ConfigurationError(
            f"server: expected TLS (server_cert_file, server_key_file) or a proxy that ends it (server_proxies) "
            f"beyond loopback, because passwords travel; got {host!r} without"
        )


def create_app(server: Server, access: Access | None = None) -> FastAPI:
    """The application behind the gate of ``access``; pages are mounted where ``alerts.pages`` is there."""
    access = access or Access(server.store)
    app = FastAPI(
        title="City Brain alerts",
        summary="Alarms, warnings and what became of them",
        version=importlib.metadata.version("citybrain"),
        docs_url=None,
        redoc_url=None,
        responses=REFUSALS,
        generate_unique_id_function=_operation,
    )
    app.add_middleware(Conditional)  # inside the gate: what somebody may not see is not said to be unchanged either
    mount_accounts(app, access, server.city)
    # A page of a stranger's site that resolves its name to this machine must not speak for the duty officer.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*LOOPBACK, "[::1]", *access.terms.hosts])
    if access.terms.proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(access.terms.proxies))
    word_errors(app)
    app.include_router(_alarm_routes(server))
    evidence = Evidence(server.store, server.city, server.history)
    app.include_router(evidence_routes(evidence, lambda: time.time_ns() // 1_000_000))
    app.include_router(action_routes(server.desk, Queries(server.store, server.city), lambda: _changed(server)))
    app.include_router(word_routes(server.store))
    app.include_router(verdict_routes(server.store, server.city))
    promotions = server.promotions or Promotions(server.store, server.city)
    app.include_router(promotion_routes(promotions))
    app.include_router(group_routes(GroupQueries(server.store, server.city)))
    deliveries = DeliveryQueries(server.store)
    app.include_router(delivery_routes(server.ledger, deliveries, server.city, lambda: _changed(server)))
    inbox = server.inbox or Inbox(server.store, lambda: time.time_ns() // 1_000_000)
    app.include_router(receipt_routes(inbox, deliveries, server.sender, lambda: _changed(server)))
    figures = server.figures or DeskFigures(server.store, server.city, DutyDesks(), lambda: 0)
    app.include_router(_city_routes(server, server.stream or broadcaster_of(server, figures)))
    app.include_router(desk_routes(figures))
    board = server.judgements or Board(server.store, server.city, lambda: time.time_ns() // 1_000_000)
    app.include_router(judgement_routes(board, server.send_mark))
    app.include_router(station_routes(StationLog(server.store), server.city, lambda: time.time_ns() // 1_000_000))
    tickets = server.tickets or Tickets(server.store, server.city, lambda: time.time_ns() // 1_000_000)
    app.include_router(ticket_routes(tickets))
    app.include_router(safety_routes(server.safety or _safety(server, tickets)))
    recalls = server.recalls or Recalls(server.store, server.city, lambda: time.time_ns() // 1_000_000)
    app.include_router(custody_routes(recalls, Lots(recalls, server.city)))
    app.include_router(coding_routes(server.coding or Coding(server.store, server.city, Watch(server.store))))
    app.include_router(kitchen_routes(server.kitchens or _kitchens(server, tickets)))
    accidents = server.accidents or Accidents(server.store, server.city, lambda: time.time_ns() // 1_000_000)
    app.include_router(accident_routes(accidents, lambda: time.time_ns() // 1_000_000))
    reader = FactsReader(server.store, server.city, accidents)
    app.include_router(safety_figure_routes(SafetyFigures(reader)))
    app.include_router(firm_risk_routes(FirmRisks(reader)))
    cards = server.cards or ResponderCards(
        server.store, server.city, Yards(), server.history, lambda: time.time_ns() // 1_000_000
    )
    app.include_router(responder_routes(cards))
    app.include_router(inventory_routes(cards))
    app.include_router(cargo_routes(server.cargo or CargoDesk(server.store, server.city, cards.yards)))
    declarations = server.declarations or Declarations(server.store, server.city, lambda: time.time_ns() // 1_000_000)
    app.include_router(declaration_routes(declarations))
    judged = JudgementEvidence(board, tickets, server.history)
    app.include_router(month_routes(MonthStatistics(board, tickets), judged, lambda: time.time_ns() // 1_000_000))
    parts = server.alertmanager or alertmanager_over(server.store, server.city)
    app.include_router(alertmanager_routes(parts))
    app.include_router(silence_routes(server.store, server.city, parts.wall_ms))
    if importlib.util.find_spec("alerts.pages") is not None:
        from alerts.pages import mount_pages
        from alerts.responder.sheet import mount_sheet
        from alerts.responder.yard_page import mount_yard_page

        pages = mount_pages(app, provider=access.terms.provider is not None)
        mount_sheet(app, pages, cards)
        mount_yard_page(app, pages, cards)
    return app


def _kitchens(server: Server, tickets: Tickets) -> Kitchens:
    """Those of a server that has none of its own."""
    return Kitchens(server.store, server.city, tickets, Watch(server.store), lambda: time.time_ns() // 1_000_000)


def _safety(server: Server, tickets: Tickets) -> SafetyDesk:
    return SafetyDesk(server.store, server.city, tickets, lambda: time.time_ns() // 1_000_000, server.history)


def _alarm_routes(server: Server) -> APIRouter:
    routes = APIRouter(prefix="/api/alarms")
    queries = Queries(server.store, server.city)

    marks = Marks(server.store, server.city)

    @routes.get("", summary="Alarms, the youngest first", responses=_shaped(AlarmsAnswer))
    def alarms(request: Request, within: Within, asked: Annotated[ListQuery, Query()]) -> Response:
        try:
            return marks.answer(request, within, lambda: queries.alarms(asked.cut(), asked.limit, asked.cursor, within))
        except ValueError as error:
            raise HTTPException(422, str(error)) from error

    @routes.get("/{alarm}", summary="All that is known of one alarm", responses=_shaped(StoryAnswer))
    def story(request: Request, within: Within, alarm: AlarmId) -> Response:
        return marks.answer(request, within, lambda: _found(queries.story(alarm), alarm))

    @routes.get("/{alarm}/readings", summary="The readings around an alarm and the limits of its day")
    def readings(alarm: AlarmId) -> dict[str, Any]:
        view = _found(queries.alarm(alarm), alarm)
        return plot(view, queries.channels(alarm) or queries.subjects(alarm), server.history, server.city)

    return routes


def broadcaster_of(server: Server, figures: DeskFigures) -> Broadcaster:
    """One reader of changes for all who listen to this server."""
    changes = Changes(server.store, server.city)
    return Broadcaster(changes, server.feed, server.wall.show, figures, Urgency(server.city))


def _city_routes(server: Server, broadcaster: Broadcaster) -> APIRouter:
    routes = APIRouter()

    @routes.get("/api/wall", summary="How the city stands now", response_model=None, responses=_shaped(WallAnswer))
    def wall(within: Within) -> dict[str, Any]:
        return server.wall.show(within)

    @routes.get(
        "/api/sites", summary="Where the registered sites are", response_model=None, responses=_shaped(SitesAnswer)
    )
    def sites(within: Within) -> dict[str, Any]:
        known = [site for site in server.city.registry.sites() if not site.retired]
        return {"items": [site_view(site) for site in known if within.covers(site.domain, site.district)]}

    @routes.get(
        "/api/report", summary="Figures of the whole store", response_model=None, responses=_shaped(ReportAnswer)
    )
    def figures() -> dict[str, Any]:
        return report(server.store) | {"behind": server.behind()}

    @routes.get("/api/stream", response_class=EventStream, summary="What changes, as server-sent events")
    def stream(
        request: Request, last_event_id: Annotated[int | None, Header(ge=0, le=LARGEST_NUMBER)] = None
    ) -> Response:
        return EventStream(broadcaster.listen(last_event_id, jurisdiction_of(request)))

    @routes.get("/metrics", summary="Prometheus", response_class=PlainTextResponse)
    def metrics() -> Response:
        return Response(server.metrics(), media_type=METRICS_TYPE)

    return routes


class EventStream(StreamingResponse):
    """Server-sent events; a proxy must hold nothing back."""

    media_type = "text/event-stream"

    def __init__(self, chunks: AsyncIterator[bytes], status_code: int = 200) -> None:
        super().__init__(chunks, status_code, headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})


def _shaped(answer: type[Answer]) -> dict[int | str, dict[str, Any]]:
    """What a route answers, for the OpenAPI document."""
    return {200: {"model": answer}}


def _operation(route: APIRoute) -> str:
    """A name of method and path, so that a client's methods are named alike whoever wrote the route."""
    words = re.findall(r"\w+", route.path)
    return "_".join([*sorted(each.lower() for each in route.methods or ()), *words])


def _changed(server: Server) -> None:
    server.feed.wake()
    server.wake_outbox()


def _found(view: dict[str, Any] | None, alarm: str) -> dict[str, Any]:
    if view is None:
        raise HTTPException(404, f"no alarm {alarm!r}")
    return view
