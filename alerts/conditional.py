"""Answers that need not be sent twice: weak ETags and 304 (RFC 9110, section 13), and how long anybody may keep what.

A route that knows the number of the last change asks ``Marks`` before it does any work. What any other route
answers in JSON is marked by its content on the way out, so that at least it need not travel again.
"""

import hashlib
from collections.abc import Callable
from typing import Any

import msgspec
import sqlalchemy as sa
from fastapi import Request, Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alerts import schema
from alerts.accounts.jurisdiction import Jurisdiction
from alerts.city import City
from alerts.ledger.tables import delivery_try
from alerts.store import Store

#: What is answered belongs to the one who asked, and is asked for again each time.
CACHE = "private, no-cache"
#: Titles come from packs and registry, which no line of the log tells of: a mark holds for a minute of city time.
TITLES_MS = 60_000
JSON = "application/json"


class Marks:
    """Weak ETags from the number of the last change of the store."""

    def __init__(self, store: Store, city: City) -> None:
        self._store = store
        self._city = city

    def tag(self, asked: str, within: Jurisdiction) -> str:
        """The mark of what is answered to this question from a jurisdiction, as the store is now."""
        with self._store.read() as connection:
            line = connection.execute(sa.select(sa.func.max(schema.alarm_log.c.id))).scalar() or 0
            tried = connection.execute(sa.select(sa.func.max(delivery_try.c.id))).scalar() or 0
        parts: list[object] = [self._store.id, line, tried, self._city.time // TITLES_MS, len(self._city.domains)]
        parts += [within.key(), asked]
        return _weak(":".join(map(str, parts)).encode())

    def answer(self, request: Request, within: Jurisdiction, make: Callable[[], Any]) -> Response:
        """304 where the caller has it already; else what ``make`` gives, with its mark. Whatever ``make`` raises
        goes on to the caller.
        """
        tag = self.tag(
            str(request.url), within
        )  # before it is made: what changes meanwhile must not hide behind a younger mark
        headers = {"etag": tag, "cache-control": CACHE}
        if has(request.headers, tag):
            return Response(status_code=304, headers=headers)
        return Response(msgspec.json.encode(make()), media_type=JSON, headers=headers)


def has(headers: Headers, tag: str) -> bool:
    """Whether the caller says that it has this one (weak comparison)."""
    named = headers.get("if-none-match", "")
    return named.strip() == "*" or _opaque(tag) in {_opaque(each.strip()) for each in named.split(",") if each.strip()}


class Conditional:
    """ASGI middleware: marks every JSON answer (200) to a GET that bears no mark yet, and answers 304 where the
    caller has it. Streams and everything that is no JSON pass untouched.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            return await self._app(scope, receive, send)
        asked = Headers(scope=scope)
        start: Message | None = None
        body: list[bytes] = []

        async def held(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _marks(message):
                start = message
            elif start is None:
                await send(message)
            elif message["type"] == "http.response.body":
                body.append(message.get("body", b""))
                if not message.get("more_body", False):
                    await _send_marked(start, b"".join(body), asked, send)

        await self._app(scope, receive, held)


def _marks(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    return start["status"] == 200 and headers.get("content-type", "").startswith(JSON) and "etag" not in headers


async def _send_marked(start: Message, body: bytes, asked: Headers, send: Send) -> None:
    headers = MutableHeaders(raw=start["headers"])
    headers["etag"] = _weak(body)
    headers.setdefault("cache-control", CACHE)
    if has(asked, headers["etag"]):
        start["status"], body = 304, b""
        del headers["content-length"], headers["content-type"]
    await send(start)
    await send({"type": "http.response.body", "body": body})


def _weak(content: bytes) -> str:
    return f'W/"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'


def _opaque(tag: str) -> str:
    return tag.removeprefix("W/")
