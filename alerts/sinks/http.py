"""What an HTTP answer means for a delivery: the one place where statuses are judged.

Only a 2xx is taken. 408, 429, 3xx and 5xx speak of the moment and are tried again, not before ``Retry-After``; a
redirect is never followed, because a warning goes where it was addressed to and nowhere else. Any other 4xx speaks
of the message and is dead.
"""

import datetime as dt
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import httpx

from alerts.sinks.base import TIMEOUT_S
from topics.errors import DeliveryError

#: The two refusals that speak of the moment, not of the message.
PASSING = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)

#: No recipient may put a warning off for longer.
LONGEST_RETRY_AFTER_S = 3600.0


def http_client(
    timeout_s: float = TIMEOUT_S, transport: httpx.AsyncBaseTransport | None = None, **more: Any
) -> httpx.AsyncClient:
    """A client that follows no redirect and heeds no proxy of the environment."""
    return httpx.AsyncClient(timeout=timeout_s, transport=transport, trust_env=False, follow_redirects=False, **more)


async def post(client: httpx.AsyncClient, url: str, content: bytes, headers: dict[str, str]) -> httpx.Response:
    """Whatever was answered. Raises ``DeliveryError`` (retriable) where nobody answered."""
    try:
        return await client.post(url, content=content, headers=headers)
    except httpx.InvalidURL as error:
        raise DeliveryError(f"{url}: expected a URL, got {error}", retriable=False) from error
    except httpx.HTTPError as error:
        raise DeliveryError(f"{url}: {type(error).__name__} {error}".strip(), retriable=True) from error


def require_taken(url: str, response: httpx.Response, why: str | None = None) -> None:
    """Raises ``DeliveryError`` unless the answer is a 2xx; ``why`` is the reason where the caller could read one."""
    if response.is_success:
        return
    passing = response.status_code in PASSING or not response.is_client_error
    raise DeliveryError(
        f"{url} answered {response.status_code}: {response.text[:200] if why is None else why}",
        retriable=passing,
        status=response.status_code,
        retry_after_s=retry_after_s(response, dt.datetime.now(dt.UTC)) if passing else None,
    )


def retry_after_s(response: httpx.Response, now: dt.datetime) -> float | None:
    """Seconds the recipient asks for (``Retry-After`` as a number or a date), bounded; ``None`` if it asks for none."""
    asked = response.headers.get("retry-after", "").strip()
    if asked.isdecimal():
        return min(float(asked), LONGEST_RETRY_AFTER_S)
    try:
        until = parsedate_to_datetime(asked)
    except ValueError:
        return None
    until = until if until.tzinfo is not None else until.replace(tzinfo=dt.UTC)
    return min(max(0.0, (until - now).total_seconds()), LONGEST_RETRY_AFTER_S)
