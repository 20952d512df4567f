"""Sends the notices of recalls to their holders' own programs: a signed webhook each, again and again until it is
taken or refused for good, and writes down who was reached and who signed.

It remembers nothing itself: whatever moment it is killed in, the next one finds in the store what is still owed. A
notice whose answer was lost is sent again under the same name (``Idempotency-Key``).
"""

import asyncio
import re
import time
from collections.abc import Callable

import httpx
import msgspec
import sqlalchemy as sa
import structlog

from alerts.custody.desk import Recalls
from alerts.custody.notices import Notice, Outcome, due, last_told, record, revive, sign_alone
from alerts.custody.receipts import message_of
from alerts.outbox import wait_ms
from alerts.sinks.addresses import Addresses
from alerts.sinks.base import TIMEOUT_S, Receipt
from alerts.sinks.http import http_client, post, require_taken
from alerts.sinks.webhook import receipt_of, signed_headers
from records.digital_link import one_name
from records.recall_events import Delivered, Event, Signed
from records.refused import Refused
from topics.errors import ConfigurationError, DeliveryError

log = structlog.get_logger(__name__)

SETTING = "CITYBRAIN_RECALL_NOTICE_URL"
CHANNEL = "webhook"
PARALLEL = 8
LOOK_EVERY_S = 0.5
EVERYBODY = "*"

#: A holder's name may hold anything (an EPCIS location's URI does), so the address is told by its scheme.
_NAMED = re.compile(r"(?:(?P<holder>\S+)=)?(?P<url>https?://\S+)")


def notice_book(text: str) -> dict[str, str]:
    """Holder (or ``*``) to its address: ``URL``, or ``holder=URL``; several stand apart by blanks or semicolons.

    Raises ``ConfigurationError`` for what has no http address.
    """
    book: dict[str, str] = {}
    for item in re.split(r"[\s;]+", text.strip()):
        if not item:
            continue
        named = _NAMED.fullmatch(item)
        if named is None:
            raise ConfigurationError(f"{SETTING}: expected URL or holder=URL, got {item!r}")
        book[one_name(named["holder"] or EVERYBODY)] = named["url"]
    return book


class NoticeSender:
    """Sends what ``recalls`` owes, to the addresses in ``where`` and signed with its webhook secret."""

    def __init__(
        self,
        recalls: Recalls,
        where: Addresses,
        wall_ms: Callable[[], int],
        *,
        timeout_s: float = TIMEOUT_S,
        transport: httpx.AsyncBaseTransport | None = None,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self.recalls = recalls
        self._book = notice_book(where.recall_notice_url)
        self._secret = where.webhook_secret
        self._public_url = where.public_url.rstrip("/")
        self._wall_ms = wall_ms
        self._client = http_client(timeout_s, transport)
        self._now_s = now_s

    async def run(self) -> None:
        """Until cancelled. Notices that nobody had given an address for are looked at again once, at the start."""
        store = self.recalls.store
        try:
            await asyncio.to_thread(store.write, lambda connection: revive(connection, ("unaddressed",)))
            while True:
                try:
                    sent = await self.send()
                except sa.exc.OperationalError as error:
                    log.error("store_waits", error=str(error.orig))
                    sent = 0
                if not sent:
                    await asyncio.sleep(LOOK_EVERY_S)
        finally:
            await self._client.aclose()

    async def send(self) -> int:
        """Send what is due now, at most ``PARALLEL`` at a time; how many were tried."""
        notices = await asyncio.to_thread(self._due)
        outcomes = await asyncio.gather(*(self._try(notice) for notice in notices))
        for notice, outcome in zip(notices, outcomes, strict=True):
            await asyncio.to_thread(self._record, notice, outcome)
        return len(notices)

    def _due(self) -> list[Notice]:
        with self.recalls.store.read() as connection:
            return due(connection, self._wall_ms(), PARALLEL)

    async def _try(self, notice: Notice) -> Outcome:
        try:
            receipt = await self._deliver(notice)
        except DeliveryError as error:
            log.warning("notice_failed", notice=notice.identifier, holder=notice.holder, why=str(error))
            if not error.retriable:
                return Outcome("dead", str(error), error.status)
            wait = max(wait_ms(notice.number, notice.attempts + 1), round(1000 * (error.retry_after_s or 0)))
            return Outcome("retrying", str(error), error.status, self._wall_ms() + wait)
        if receipt is None:
            return Outcome("unaddressed", f"expected an address for {notice.holder} in {SETTING}, got none")
        return Outcome("delivered", http_status=receipt.status, signed_by=receipt.signed_by)

    async def _deliver(self, notice: Notice) -> Receipt | None:
        """``None`` where nobody has said where this holder is told."""
        named = (notice.holder, self._firm(notice.holder), EVERYBODY)
        url = next((url for name in named if (url := self._book.get(one_name(name)))), None)
        if url is None:
            return None
        if not self._secret:
            raise DeliveryError(
                "recall notice: expected a shared secret in CITYBRAIN_WEBHOOK_SECRET, got none", retriable=False
            )
        said = await asyncio.to_thread(message_of, self.recalls, notice, self._public_url)
        body = msgspec.json.encode(said)
        response = await post(
            self._client, url, body, signed_headers(self._secret, notice.identifier, body, self._now_s())
        )
        require_taken(url, response)
        return receipt_of(response)

    def _firm(self, holder: str) -> str:
        site = self.recalls.city.registry.site(holder)
        return site.firm if site is not None else ""

    def _record(self, notice: Notice, outcome: Outcome) -> None:
        def work(connection: sa.Connection) -> None:
            record(connection, notice, outcome, self._wall_ms())
            if outcome.status != "delivered":
                return
            if outcome.signed_by:
                sign_alone(connection, notice, self.recalls.city.time or notice.created, outcome.signed_by)
            time_ms = self.recalls.city.time or notice.created
            said: list[Event] = [Delivered(time_ms, notice.holder, notice.number, CHANNEL)]
            if outcome.signed_by and last_told(connection, notice.recall, notice.holder) == notice.number:
                said.append(Signed(time_ms, notice.holder, outcome.signed_by))
            for event in said:
                try:
                    self.recalls.add(connection, notice.recall, event)
                except Refused as refused:  # closed, or signed for by hand meanwhile
                    log.info("notice_too_late", notice=notice.identifier, why=refused.text.en)

        self.recalls.write(notice.recall, work)
