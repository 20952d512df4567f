"""The interface of the alert server: one application of every desk's routes, behind one gate, and the pages over it.

Times are integer milliseconds UTC. The pages (pages.py) are built on nothing but this.
"""

import importlib.metadata
import re
from collections.abc import Iterator

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.trustedhost import TrustedHostMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from alerts.accidents.api import accident_routes
from alerts.accounts.access import Access
from alerts.accounts.door import mount_accounts
from alerts.actions_api import action_routes, word_routes
from alerts.alarms_api import alarm_routes, city_routes
from alerts.alertmanager.api import alertmanager_routes
from alerts.carriage.api import cargo_routes
from alerts.coding.api import coding_routes
from alerts.conditional import Conditional
from alerts.custody.api import custody_routes
from alerts.custody.lots import Lots
from alerts.declarations.api import declaration_routes
from alerts.errors_api import REFUSALS, word_errors
from alerts.evidence.api import evidence_routes
from alerts.firm_risk.api import firm_risk_routes
from alerts.firm_risk.board import FirmRisks
from alerts.group_queries import GroupQueries
from alerts.groups_api import group_routes
from alerts.judgements.api import judgement_routes, month_routes
from alerts.judgements.evidence import JudgementEvidence
from alerts.judgements.month import MonthStatistics
from alerts.kitchens.api import kitchen_routes
from alerts.kpi.api import desk_routes
from alerts.ledger.delivery_api import delivery_routes, receipt_routes
from alerts.pages import mount_pages
from alerts.parts import Parts, Server, wall_ms
from alerts.promotions.api import promotion_routes
from alerts.queries import Queries
from alerts.responder.api import responder_routes
from alerts.responder.inventory import inventory_routes
from alerts.responder.sheet import mount_sheet
from alerts.responder.yard_page import mount_yard_page
from alerts.rules_said import RulesSaid
from alerts.safety.api import safety_routes
from alerts.safety_figures.api import safety_figure_routes
from alerts.safety_figures.report import SafetyFigures
from alerts.silences.api import silence_routes
from alerts.stations.api import station_routes
from alerts.stations.log import StationLog
from alerts.tickets.api import ticket_routes
from alerts.unstorable_text import UnstorableText
from alerts.verdict_api import verdict_routes
from topics.errors import ConfigurationError

__all__ = ["LOOPBACK", "Server", "all_routes", "create_app", "require_loopback"]

#: Until there are accounts the server listens here only; it always answers to these names.
LOOPBACK = ("127.0.0.1", "localhost", "::1")


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
    """The application behind the gate of ``access``, with its pages."""
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
    app.add_middleware(UnstorableText)
    # A page of a stranger's site that resolves its name to this machine must not speak for the duty officer.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*LOOPBACK, "[::1]", *access.terms.hosts])
    if access.terms.proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(access.terms.proxies))
    word_errors(app)
    parts = Parts(server)
    for routes in all_routes(parts):
        app.include_router(routes)
    rules = RulesSaid(server.city, wall_ms, lambda day: parts.cards.rules(day).editions)
    pages = mount_pages(app, provider=access.terms.provider is not None, rules=rules)
    mount_sheet(app, pages, parts.cards)
    mount_yard_page(app, pages, parts.cards)
    return app


def all_routes(parts: Parts) -> Iterator[APIRouter]:
    """Every route of the interface, in the order of its document; one desk more is a line here."""
    server = parts.server
    store, city = server.store, server.city
    yield alarm_routes(server)
    yield evidence_routes(parts.evidence, wall_ms)
    yield action_routes(server.desk, Queries(store, city), parts.changed)
    yield word_routes(store)
    yield verdict_routes(store, city)
    yield promotion_routes(parts.promotions)
    yield group_routes(GroupQueries(store, city))
    yield delivery_routes(server.ledger, parts.deliveries, city, parts.changed)
    yield receipt_routes(parts.inbox, parts.deliveries, server.sender, parts.changed)
    yield city_routes(server, parts.stream)
    yield desk_routes(parts.figures)
    yield judgement_routes(parts.board, server.send_mark)
    yield station_routes(StationLog(store), city, wall_ms)
    yield ticket_routes(parts.tickets)
    yield safety_routes(parts.safety)
    yield custody_routes(parts.recalls, Lots(parts.recalls, city))
    yield coding_routes(parts.coding)
    yield kitchen_routes(parts.kitchens)
    yield accident_routes(parts.accidents, wall_ms)
    yield safety_figure_routes(SafetyFigures(parts.facts))
    yield firm_risk_routes(FirmRisks(parts.facts))
    yield responder_routes(parts.cards)
    yield inventory_routes(parts.cards)
    yield cargo_routes(parts.cargo)
    yield declaration_routes(parts.declarations)
    judged = JudgementEvidence(parts.board, parts.tickets, server.history)
    yield month_routes(MonthStatistics(parts.board, parts.tickets), judged, wall_ms)
    yield alertmanager_routes(parts.alertmanager)
    yield silence_routes(store, city, parts.alertmanager.wall_ms)


def _operation(route: APIRoute) -> str:
    """A name of method and path, so that a client's methods are named alike whoever wrote the route."""
    words = re.findall(r"\w+", route.path)
    return "_".join([*sorted(each.lower() for each in route.methods or ()), *words])
