"""The gate before every route: who asks, what it needs, where it lies, and what came of it on record.

A route that is not in the table (route_acts.py) is not served. What the gate lets through carries the identity in
its scope; what it stops gets ``{"error": sentence}``, or for a page the way to the sign-in.
"""

import asyncio
import time
from typing import Any
from urllib.parse import parse_qs, quote

import structlog
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alerts.accounts.access import Access, Asking, asking_of
from alerts.accounts.acts import ACT_TITLES
from alerts.accounts.audit import Line, Outcome
from alerts.accounts.crossing import HARMLESS, require_mark, require_own_page
from alerts.accounts.identity import DESK, PLACE, Identity
from alerts.accounts.refusal import NOT_SIGNED_IN, NOT_YOURS, Refused, may_not
from alerts.accounts.route_acts import Routes, Row
from alerts.accounts.subjects import SUBJECTS
from alerts.city import City
from alerts.refusals import in_language
from topics.finding import Text

log = structlog.get_logger(__name__)

#: An open stream is asked so often whether its session still counts.
LOOK_AGAIN_S = 5.0
#: Where a route leaves a name for the record that the gate cannot know: whom a sign-in let in.
NOTED = "citybrain.noted"
WHOLE_ONLY = Text("此数据涉及全市，超出您的辖区", "this is about the whole city, beyond your jurisdiction")
#: Bytes that somebody who has not signed in may send at once.
LONGEST_OPEN = 16_384
TOO_LONG = Text("请求过长", "this request is too long")
NO_ROUTE = Text("没有此接口", "there is no such route")


class Gate:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, access: Access, city: City, routes: Routes) -> None:
        self._app = app
        self._access = access
        self._city = city
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        if scope["type"] != "http":
            return  # no route of ours speaks anything else; the server closes the connection
        asking = asking_of(scope)
        method, path = scope["method"], scope["path"]
        found = self._routes.find(method, path)
        row = found[0] if found is not None else None
        identity: Identity | None = None
        try:
            identity = await asyncio.to_thread(self._access.who, asking)
            await self._admit(scope, asking, identity, found)
        except Refused as refusal:
            await self._record(scope, row, identity, asking, "denied", refusal.status, refusal.reason)
            return await self._stop(refusal, row, scope)(scope, receive, send)
        scope[PLACE] = identity
        await self._serve(scope, receive, send, row, identity, asking)

    async def _admit(
        self, scope: Scope, asking: Asking, identity: Identity | None, found: tuple[Row, dict[str, str]] | None
    ) -> None:
        """Raises ``Refused`` for whatever is not to be let through."""
        headers = Headers(scope=scope)
        if scope["method"] not in HARMLESS and asking.bearer is None:
            require_own_page(headers, asking.secure, self._access.terms.hosts)
        if found is None:
            if identity is DESK:  # nothing is closed to it but accounts, which are in the table
                return
            raise Refused(404, NO_ROUTE, "no-route")
        row, values = found
        if row.act == "open":
            _require_small(scope["method"], headers)
            return
        if identity is None:
            raise Refused(401, NOT_SIGNED_IN, "not-signed-in")
        if not identity.may(row.act):
            raise may_not(ACT_TITLES[row.act])
        if scope["method"] not in HARMLESS:
            require_mark(headers, asking, identity)
        if identity.jurisdiction.whole:
            return
        if row.reach == "whole":
            raise Refused(403, WHOLE_ONLY, "outside-jurisdiction")
        if row.reach == "one":
            find = SUBJECTS[row.about]
            place = await asyncio.to_thread(find, self._access.store, self._city, values[row.about])
            # What is not there and what is elsewhere are answered alike.
            if place is None or not identity.jurisdiction.covers(*place):
                raise Refused(404, NOT_YOURS, "outside-jurisdiction")

    def _stop(self, refusal: Refused, row: Row | None, scope: Scope) -> Response:
        if refusal.status == 401 and row is not None and row.page:
            query = scope["query_string"].decode("latin-1")
            here = scope["path"] + (f"?{query}" if query else "")
            lang = "&lang=" + quote(parse_qs(query)["lang"][0]) if "lang" in parse_qs(query) else ""
            way = f"/sign-in?next={quote(here, safe='')}{lang}"
            return RedirectResponse(way, 303, headers={"cache-control": "no-store"})
        language = cookie_parser(Headers(scope=scope).get("cookie", "")).get("lang")
        more = {"www-authenticate": "Bearer"} if refusal.status == 401 else {}
        if refusal.wait_s is not None:
            more["retry-after"] = str(refusal.wait_s)
        return JSONResponse({"error": in_language(language, refusal.text)}, refusal.status, headers=more)

    async def _serve(
        self, scope: Scope, receive: Receive, send: Send, row: Row | None, identity: Identity | None, asking: Asking
    ) -> None:
        """Let it through. The answer to an act goes out only once the act is on record."""
        watch = _Watch(self._access, asking, identity)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                watch.begin(message)
                if row is not None and row.audited:
                    status = message["status"]
                    outcome: Outcome = "done" if status < 400 else "refused" if status < 500 else "failed"
                    await self._record(scope, row, identity, asking, outcome, status, "")
            elif await watch.over():
                message = {"type": "http.response.body", "body": b"", "more_body": False}
            if not watch.closed:
                await send(message)
                watch.closed = watch.ended

        async def listening() -> Message:
            return {"type": "http.disconnect"} if watch.ended else await receive()

        try:
            await self._app(scope, listening, guarded)
        except Exception:  # whatever it is goes on record as a failed act, and on to the server
            if row is not None and row.audited:
                await self._record(scope, row, identity, asking, "failed", 500, "")
            raise

    async def _record(
        self,
        scope: Scope,
        row: Row | None,
        identity: Identity | None,
        asking: Asking,
        outcome: Outcome,
        status: int,
        reason: str,
    ) -> None:
        noted: dict[str, Any] = scope.get(NOTED, {})
        line = Line(
            who=noted.get("who", identity.name if identity is not None else ""),
            means=noted.get("means", identity.means if identity is not None else "nobody"),
            act=noted.get("act", row.act if row is not None else "none"),
            target=f"{scope['method']} {scope['path']}",
            address=asking.address,
            outcome="denied" if noted.get("denied") else outcome,
            status=status,
            reason=noted.get("reason", reason),
            account=noted.get("account", identity.account if identity is not None else None),
        )
        await asyncio.to_thread(self._access.audit.write, line)


class _Watch:
    """Ends an open stream once its session or token no longer counts."""

    def __init__(self, access: Access, asking: Asking, identity: Identity | None) -> None:
        self._access = access
        self._asking = asking
        self._identity = identity
        self._streams = False
        self._look = 0.0
        self.ended = False
        self.closed = False

    def begin(self, message: Message) -> None:
        self._streams = Headers(raw=message["headers"]).get("content-type", "").startswith("text/event-stream")
        self._look = time.monotonic() + LOOK_AGAIN_S

    async def over(self) -> bool:
        """Whether the stream must end now."""
        if self.ended or not self._streams or time.monotonic() < self._look:
            return self.ended
        self._look = time.monotonic() + LOOK_AGAIN_S
        try:
            now = await asyncio.to_thread(self._access.who, self._asking)
        except Refused:
            now = None
        self.ended = now != self._identity
        if self.ended:
            log.info("stream_ended", account=self._identity.name if self._identity is not None else "")
        return self.ended


def _require_small(method: str, headers: Headers) -> None:
    """What anybody may send says how long it is, and is not long. Raises ``Refused`` (413)."""
    if method in HARMLESS:
        return
    said = headers.get("content-length", "")
    if not said.isdecimal() or int(said) > LONGEST_OPEN:
        raise Refused(413, TOO_LONG, "too-long")


def note(scope: Any, **facts: object) -> None:
    """Tell the gate what only the route knows for the record: ``who``, ``account``, ``means``, ``act``, ``reason``."""
    scope.setdefault(NOTED, {}).update(facts)
