"""The body of a request, before anything in it is looked at: its declared type and its size."""

from collections.abc import Sequence

from fastapi import Request
from starlette.requests import ClientDisconnect

from streams.sources.intake_items import shown


def wrong_type(request: Request, types: Sequence[str]) -> str | None:
    """What is wrong with the body's declared type, ``None`` if it is one of these in UTF-8, not compressed."""
    kind, _, rest = request.headers.get("content-type", "").partition(";")
    encoding = request.headers.get("content-encoding", "identity")
    charset = rest.partition("charset=")[2].strip().strip('"').lower()
    if kind.strip().lower() not in types or charset not in ("", "utf-8", "utf8") or encoding != "identity":
        got = ", ".join(part for part in (kind.strip() or "none", charset, encoding) if part != "identity")
        return f"Content-Type {' or '.join(types)} in UTF-8, not compressed, is required, got {shown(got)}"
    return None


async def read_up_to(request: Request, limit: int) -> bytes | None:
    """The body, or ``None`` as soon as it is known to be beyond the limit."""
    if (length := request.headers.get("content-length", "0")).isdecimal() and int(length[:20]) > limit:
        return None
    parts: list[bytes] = []
    size = 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > limit:
                return None
            parts.append(part)
    except ClientDisconnect:
        return b""  # nobody is there to read the refusal that this earns
    return b"".join(parts)
