"""The routes of Alertmanager's API v2, for Prometheus, amtool and Grafana's Alertmanager data source.

Refusals are Alertmanager's: a plain JSON string with status 400 or 404 for what it would refuse itself,
``{code, message}`` for what its decoder would. There is deliberately no ``/alertmanager/api/v2/status``: a server
that answers there is taken for another product by Grafana.
"""

import asyncio
import re
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from alerts.accounts.identity import PLACE, Identity
from alerts.alertmanager.asked import groups, read_asked
from alerts.alertmanager.board import Board
from alerts.alertmanager.moments import write_moment
from alerts.alertmanager.parts import Alertmanager
from alerts.alertmanager.posted import Body, read_alerts
from alerts.alertmanager.receivers import all_receivers, as_configuration
from alerts.alertmanager.silence_wire import listing, read_silence, silence_view
from alerts.silences.matcher import parse_matcher
from alerts.silences.silence import Invalid, Refused, Silence, Unknown

#: The version of Alertmanager whose interface this is; amtool compares it with its own.
ANSWERS_LIKE = "0.25.0"
LARGEST_BODY = 8 << 20

_UUID = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")


def alertmanager_routes(parts: Alertmanager) -> APIRouter:
    """All routes under /api/v2."""
    routes = APIRouter(prefix="/api/v2", tags=["alertmanager"])
    _general(routes, parts)
    _alerts(routes, parts)
    _silences(routes, parts)
    return routes


def _general(routes: APIRouter, parts: Alertmanager) -> None:
    started = write_moment(parts.wall_ms())

    @routes.get("/status", summary="What answers here, and the routes of the packs as a configuration")
    def status() -> dict[str, Any]:
        return {
            "cluster": {"name": "", "peers": [], "status": "disabled"},
            "config": {"original": as_configuration(parts.city, parts.external.resolve_timeout_ms)},
            "uptime": started,
            "versionInfo": {
                "branch": "", "buildDate": "", "buildUser": "citybrain", "goVersion": "", "revision": "citybrain",
                "version": ANSWERS_LIKE,
            },
        }  # fmt: skip

    @routes.get("/receivers", summary="The authorities of the packs, and the duty desk")
    def receivers() -> list[dict[str, str]]:
        return [{"name": name} for name in all_receivers(parts.city)]


def _alerts(routes: APIRouter, parts: Alertmanager) -> None:
    board = Board(parts.store, parts.city, parts.external)

    @routes.get("/alerts", summary="Open alarms and alerts from outside")
    def alerts(request: Request) -> Response:
        try:
            asked = read_asked(request.query_params.getlist("filter"), request.query_params)
        except ValueError as error:
            return _said(400, error)
        shown = board.alerts(parts.wall_ms(), _base(request))
        return JSONResponse([alert.view() for alert in shown if asked.wants(alert)])

    @routes.get("/alerts/groups", summary="The same by receiver, alertname and site")
    def alert_groups(request: Request) -> Response:
        try:
            asked = read_asked(request.query_params.getlist("filter"), request.query_params)
        except ValueError as error:
            return _said(400, error)
        return JSONResponse(groups(board.alerts(parts.wall_ms(), _base(request)), asked))

    @routes.post("/alerts", summary="Alerts from Prometheus (JSON) or through Grafana (YAML)")
    async def post(request: Request) -> Response:
        try:
            posted = read_alerts(await _body(request), request.headers.get("content-type", ""))
        except Body as error:
            return _refused(error)
        problems, taken = await asyncio.to_thread(parts.external.post, posted)
        parts.on_taken(taken)
        return _said(400, "; ".join(problems)) if problems else Response()


def _silences(routes: APIRouter, parts: Alertmanager) -> None:
    @routes.get("/silences", summary="Silences; expired ones for five days")
    def silences(request: Request) -> Response:
        try:
            filters = [parse_matcher(text) for text in request.query_params.getlist("filter")]
        except ValueError as error:
            return _said(400, error)
        return JSONResponse(listing(parts.silences.listed(), filters, parts.wall_ms()))

    @routes.post("/silences", summary="A new silence, or a change of one by its id")
    async def write(request: Request) -> Response:
        try:
            wanted = _signed(request, read_silence(await _body(request)))
            allowed = parts.may_cover_red(request)
            name = await asyncio.to_thread(parts.silences.write, wanted, may_cover_red=allowed)
        except Body as error:
            return _refused(error)
        except Unknown as error:
            return _said(404, error.args[0])
        except (Invalid, Refused) as error:
            return _said(400, error)
        parts.changed()
        return JSONResponse({"silenceID": name})

    @routes.get("/silence/{silence}", summary="One silence")
    def one(silence: str) -> Response:
        if not _UUID.fullmatch(silence):
            return _refused(_no_uuid(silence))
        try:
            return JSONResponse(silence_view(parts.silences.get(silence.lower()), parts.wall_ms()))
        except Unknown:
            return Response(status_code=404)

    @routes.delete("/silence/{silence}", summary="End a silence; it stays on record")
    async def expire(request: Request, silence: str) -> Response:
        if not _UUID.fullmatch(silence):
            return _refused(_no_uuid(silence))
        try:
            await asyncio.to_thread(parts.silences.expire, silence.lower(), _who(request))
        except Unknown as error:
            return _said(404, error.args[0])
        parts.changed()
        return Response()


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _who(request: Request) -> str:
    """The name of whoever is signed in, empty at the open desk."""
    identity = request.scope.get(PLACE)
    return (identity.shown or identity.name) if isinstance(identity, Identity) and identity.signed_in else ""


def _signed(request: Request, silence: Silence) -> Silence:
    """Whoever is signed in silences under the own name, whatever the body says."""
    who = _who(request)
    if not who:
        return silence
    return Silence(
        silence.id, silence.matchers, silence.starts_at, silence.ends_at, who, silence.comment,
        annotations=silence.annotations,
    )  # fmt: skip


async def _body(request: Request) -> bytes:
    """The whole body. Raises ``Body`` once it is larger than any list of alerts."""
    read = bytearray()
    async for piece in request.stream():
        read += piece
        if len(read) > LARGEST_BODY:
            raise Body(413, 413, f"expected at most {LARGEST_BODY} bytes")
    return bytes(read)


def _no_uuid(name: str) -> Body:
    return Body(422, 601, f'silenceID in path must be of type uuid: "{name}"')


def _refused(error: Body) -> Response:
    return JSONResponse({"code": error.code, "message": str(error)}, status_code=error.status)


def _said(status: int, text: object) -> Response:
    return JSONResponse(str(text), status_code=status)
