"""Deliveries and receipts over HTTP: what became of each, dead ones tried again, CAP messages of others taken in."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request, Response
from pydantic import BaseModel, Field

from alerts.accounts.identity import jurisdiction_of
from alerts.accounts.jurisdiction import Jurisdiction
from alerts.accounts.subjects import visible_alarms
from alerts.city import City
from alerts.ledger.deliveries import Ledger
from alerts.ledger.delivery_queries import DeliveryQueries, Wanted
from alerts.ledger.inbound import Conflict, Inbox
from alerts.warnings.cap import NOT_A_NAME
from alerts.warnings.cap_answer import Answer, read_answer, to_ack

LARGEST_NUMBER = 2**63 - 1
#: No CAP message of others is longer (bytes).
LARGEST_BODY = 1_048_576
LONGEST_NAME = 300
CAP_TYPE = "application/cap+xml"

Status = Literal["pending", "retrying", "delivered", "signed-for", "dead"]
Number = Annotated[int, Path(ge=1, le=LARGEST_NUMBER)]
Within = Annotated[Jurisdiction, Depends(jurisdiction_of)]
Word = Annotated[str | None, Query(max_length=80)]
Limit = Annotated[int, Query(ge=1, le=500)]
Cursor = Annotated[int | None, Query(ge=1, le=LARGEST_NUMBER, description="what `next` gave")]


class Replay(BaseModel):
    """Which dead deliveries to try again; an empty one means all."""

    channel: str | None = Field(default=None, max_length=80)
    recipient: str | None = Field(default=None, max_length=80)


def delivery_routes(ledger: Ledger, queries: DeliveryQueries, city: City, changed: Callable[[], None]) -> APIRouter:
    """``changed`` is called when there is something to deliver again."""
    routes = APIRouter(prefix="/api/deliveries")

    def among(within: Jurisdiction) -> Any:
        return None if within.whole else visible_alarms(within, city)

    @routes.get("", summary="Deliveries, the youngest first")
    def deliveries(
        within: Within,
        status: Status | None = None,
        channel: Word = None,
        recipient: Word = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> dict[str, Any]:
        return _page(queries.listed(Wanted(status, channel, recipient, among(within)), limit + 1, cursor), limit)

    @routes.get("/{delivery}")
    def one(delivery: Number) -> dict[str, Any]:
        found = queries.one(delivery)
        if found is None:
            raise HTTPException(404, f"no delivery {delivery}")
        return found

    @routes.post("/replay")
    async def replay(within: Within, which: Replay) -> dict[str, Any]:
        wanted = Wanted(None, which.channel, which.recipient, among(within))
        replayed = await asyncio.to_thread(queries.replay, wanted)
        if replayed:
            changed()
        return {"replayed": replayed}

    @routes.post("/{delivery}/retry")
    async def retry(delivery: Number) -> dict[str, Any]:
        if not await asyncio.to_thread(ledger.revive, delivery):
            raise HTTPException(409, f"delivery {delivery}: expected a dead one")
        changed()
        return {"id": delivery, "status": "retrying"}

    return routes


def receipt_routes(inbox: Inbox, queries: DeliveryQueries, sender: str, changed: Callable[[], None]) -> APIRouter:
    """``sender`` is our name in what we acknowledge."""
    routes = APIRouter()

    @routes.post("/api/cap", summary="A CAP message of somebody else: Ack, Error, or a warning of theirs")
    async def cap(request: Request) -> Response:
        body = await _body(request)
        try:
            message = read_answer(body)
            text = body.decode()
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        if problem := _problem(message):
            raise HTTPException(422, problem)
        try:
            received = await asyncio.to_thread(inbox.take, message, text)
        except Conflict as error:
            raise HTTPException(409, str(error)) from error
        if received.outcome == "unknown-reference":
            raise HTTPException(404, f"no warning of ours is named {', '.join(message.references)}")
        if received.alarms:
            changed()
        ack = to_ack(message, sender)
        return Response(ack, media_type=CAP_TYPE, headers={"x-citybrain-outcome": received.outcome})

    @routes.get("/api/inbound", summary="CAP messages that others sent")
    def received(limit: Limit = 100, cursor: Cursor = None) -> dict[str, Any]:
        return _page(queries.received(limit + 1, cursor), limit)

    @routes.get("/api/ledger/head", summary="The head of the hash chain")
    def head() -> dict[str, Any]:
        return queries.head()

    return routes


def _page(found: list[dict[str, Any]], limit: int) -> dict[str, Any]:
    """``{items, next}``: one more than the page was asked for tells whether there is a next one."""
    items = found[:limit]
    return {"items": items, "next": items[-1]["id"] if len(found) > limit else None}


async def _body(request: Request) -> bytes:
    """Never reads more than ``LARGEST_BODY``."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise HTTPException(413, f"CAP: expected at most {LARGEST_BODY} bytes")
    return body


def _problem(message: Answer) -> str:
    """What keeps this from being a CAP message that we can keep and acknowledge; empty for a good one."""
    msg_type = message.msg_type
    if msg_type not in ("Alert", "Update", "Cancel", "Ack", "Error"):
        return f"CAP msgType: expected Alert, Update, Cancel, Ack or Error, got {msg_type!r}"
    for name, value in (("identifier", message.identifier), ("sender", message.sender)):
        if not 0 < len(value) <= LONGEST_NAME or NOT_A_NAME.search(value):
            return (
                f"CAP {name}: expected 1 to {LONGEST_NAME} characters without space, comma, < and &, got {value[:80]!r}"
            )
    if message.sent is None:
        return f"CAP sent: expected a time as 2015-08-12T22:52:00+08:00, got {message.sent_text[:80]!r}"
    if msg_type != "Alert" and not message.references:
        return f"CAP {msg_type}: expected references (sender,identifier,sent), got none"
    return ""
