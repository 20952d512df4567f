"""Text that no store and no message of ours can hold, refused once at the door of the server.

PostgreSQL's text has no NUL, and half of a UTF-16 pair (a lone surrogate) is no character, so that it cannot be encoded
(RFC 8259, 8.2; Unicode 15, D76). JSON writes them as ``\\u0000`` and ``\\ud800``, an address the first as ``%00``.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alerts.refusals import in_language
from topics.finding import Text

#: What cannot be stored, in text.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
#: A body's bytes in which it cannot be left out: NUL, and the three bytes of a surrogate, which UTF-8 does not have.
_PLAIN = re.compile(rb"\x00|\xed[\xa0-\xbf]")
#: A JSON escape that may be one: the half of a pair that is whole is a character, and after a backslash it is text.
_ESCAPED = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


class UnstorableText:
    """ASGI middleware: 422 for a path, a query or a body with such a character. It stands outside the gate, which
    looks names up in the store and writes every path into the record of acts.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        language = cookie_parser(Headers(scope=scope).get("cookie", "")).get("lang")
        if where := in_address(scope["path"], scope["query_string"]):
            answer = JSONResponse({"error": in_language(language, refusal(where))}, 422)
            return await answer(scope, receive, send)
        read = bytearray()

        async def watched() -> Message:
            """The body as it comes; at its last piece, before anybody has acted on it, the whole is looked at."""
            message = await receive()
            if message["type"] == "http.request":
                read.extend(message.get("body", b""))
                if not message.get("more_body", False) and (where := in_body(bytes(read))):
                    raise HTTPException(422, in_language(language, refusal(where)))
            return message

        await self._app(scope, watched, send)


def refusal(where: str) -> Text:
    """What is said of it."""
    return Text(
        f"{where}：要求可存储的文本，不得含空字符（U+0000）或不成对的代理项（U+D800 至 U+DFFF）",
        f"{where}: expected text that can be stored, without NUL (U+0000) or half a surrogate pair (U+D800 to U+DFFF)",
    )


def in_address(path: str, query: bytes) -> str:
    """``path`` or ``query``, whichever has such a character; else empty."""
    if UNSTORABLE.search(path):
        return "path"
    return "query" if b"%00" in query or _PLAIN.search(query) else ""


def in_body(body: bytes) -> str:
    """Where a body has such a character: the place in its JSON, or ``body``; empty where there is none, and where it is
    broken in some other way, which its reader says.
    """
    if _PLAIN.search(body):
        return "body"
    if not _ESCAPED.search(body):
        return ""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    return next((where for where, text in _texts(told) if UNSTORABLE.search(text)), "")


def _texts(told: Any) -> Iterator[tuple[str, str]]:
    """All text with its place, keys too, without recursion."""
    waiting: list[tuple[str, Any]] = [("body", told)]
    while waiting:
        where, value = waiting.pop()
        if isinstance(value, str):
            yield where, value
        elif isinstance(value, dict):
            for name, inner in value.items():
                yield where, name
                waiting.append((f"{where}.{UNSTORABLE.sub('?', name)[:60]}", inner))
        elif isinstance(value, list):
            waiting += ((f"{where}.{at}", inner) for at, inner in enumerate(value))
