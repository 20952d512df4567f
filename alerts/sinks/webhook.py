"""A signed webhook: the warning as JSON, by HTTP POST, to whoever runs a program that listens.

Headers of each call:

========================  ==========================================================================
``Idempotency-Key``       the warning's identifier; a repeat bears the same
``X-CityBrain-Timestamp``  when it was signed, seconds UTC
``X-CityBrain-Signature``  HMAC-SHA256, lower-case hex, with the shared secret over ``timestamp:body``
========================  ==========================================================================

A recipient that wants to sign for it answers 2xx with ``{"signed_by": "…", "signed_at": ms, "receipt": "…"}``.
"""

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping

import httpx
import msgspec

from alerts.sinks.addresses import address_book, addresses_of
from alerts.sinks.base import TIMEOUT_S, Receipt, Sink, require_address, require_fit
from alerts.sinks.http import http_client, post, require_taken
from alerts.warnings.statement import Statement
from topics.errors import DeliveryError

KEY, TIMESTAMP, SIGNATURE = "Idempotency-Key", "X-CityBrain-Timestamp", "X-CityBrain-Signature"

#: How far a recipient lets a signature's time be from its own, so that an old call is not played again.
TOLERANCE_S = 300


class _Signed(msgspec.Struct):
    signed_by: str = ""
    signed_at: int | None = None
    receipt: str = ""


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 (lower-case hex) over ``timestamp:body``."""
    return hmac.new(secret.encode(), timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()


def is_genuine(secret: str, headers: Mapping[str, str], body: bytes, now_s: float) -> bool:
    """Whether a call was signed with this secret, of this body, within ``TOLERANCE_S``: the recipient's check."""
    stamp = headers.get(TIMESTAMP, headers.get(TIMESTAMP.lower(), ""))
    given = headers.get(SIGNATURE, headers.get(SIGNATURE.lower(), ""))
    if not stamp.isdecimal() or abs(now_s - int(stamp)) > TOLERANCE_S:
        return False
    return hmac.compare_digest(signature(secret, stamp, body), given)


class WebhookSink(Sink):
    """Posts to the address of each authority in ``urls`` (an address book); signs where there is a ``secret``."""

    def __init__(
        self,
        urls: str,
        secret: str,
        *,
        timeout_s: float = TIMEOUT_S,
        transport: httpx.AsyncBaseTransport | None = None,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self._urls = address_book(urls, "CITYBRAIN_WEBHOOK_URL")
        self._secret = secret
        self._client = http_client(timeout_s, transport)
        self._now_s = now_s

    async def deliver(self, said: Statement) -> Receipt:
        require_fit(said)
        found = next(iter(addresses_of(self._urls, said.authority)), None)
        url = require_address(found, "webhook", said.authority, "CITYBRAIN_WEBHOOK_URL")
        if not self._secret:
            message = "webhook: expected a shared secret in CITYBRAIN_WEBHOOK_SECRET, got none"
            raise DeliveryError(message, retriable=False)
        body = msgspec.json.encode(said)
        headers = signed_headers(self._secret, said.identifier, body, self._now_s())
        response = await post(self._client, url, body, headers)
        require_taken(url, response)
        return receipt_of(response)

    async def close(self) -> None:
        await self._client.aclose()


def signed_headers(secret: str, identifier: str, body: bytes, now_s: float) -> dict[str, str]:
    """The headers of a call with this body, signed now (seconds UTC)."""
    stamp = str(int(now_s))
    return {
        "content-type": "application/json",
        KEY: identifier,
        TIMESTAMP: stamp,
        SIGNATURE: signature(secret, stamp, body),
    }


def receipt_of(response: httpx.Response) -> Receipt:
    """A 2xx that says nothing of a signature means taken, signed for by nobody."""
    try:
        signed = msgspec.json.decode(response.content, type=_Signed)
    except msgspec.MsgspecError:
        signed = _Signed()
    return Receipt(response.status_code, signed.signed_by, signed.signed_at, signed.receipt)
