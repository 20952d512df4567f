"""Supervision tickets over HTTP."""

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from pydantic import BaseModel, Field

from alerts.accounts.identity import jurisdiction_of
from alerts.acting import By, acting, city_now
from alerts.tickets.desk import Tickets, Upload, attached
from alerts.tickets.figures import TicketFigures
from records.tickets import Event, Outcome, Replied, State, Supplement, Verified
from topics.reading import EARLIEST_MS, LATEST_MS

#: Attachments of one answer: how many, and how large together.
MOST_FILES = 10
LARGEST_BYTES = 5_000_000

TicketId = Annotated[str, Path(min_length=1, max_length=64)]


class FileBody(BaseModel):
    """An attachment, its content in base64."""

    name: str = Field(min_length=1, max_length=200)
    content: str = Field(max_length=LARGEST_BYTES * 4 // 3 + 4)


class SaidBody(By):
    """What somebody says."""

    text: str = Field(min_length=1, max_length=4000)


class ReplyBody(SaidBody):
    """The firm's answer, with its evidence."""

    files: list[FileBody] = Field(default_factory=list, max_length=MOST_FILES)


class SupplementBody(SaidBody):
    """``due``: by when, in place of the clock of the ticket's kind."""

    due: int | None = Field(None, ge=EARLIEST_MS, le=LATEST_MS)


class VerifyBody(SaidBody):
    """What the office makes of the answer."""

    outcome: Outcome


def ticket_routes(tickets: Tickets) -> APIRouter:
    """Everything under ``/api/tickets``."""
    routes = APIRouter(prefix="/api/tickets", tags=["tickets"])
    _reading(routes, tickets)
    _acting(routes, tickets)
    return routes


def _reading(routes: APIRouter, tickets: Tickets) -> None:
    @routes.get("", summary="Supervision tickets, the youngest first")
    def listed(
        request: Request,
        state: State | None = None,
        overdue: bool = False,
        site: Annotated[str, Query(max_length=80)] = "",
        audience: Literal["officers", "plant"] | None = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> dict[str, Any]:
        within = jurisdiction_of(request)
        return {
            "items": tickets.listed(
                within, state=state or "", overdue=overdue, site=site, audience=audience or "", limit=limit
            )
        }

    @routes.get("/figures", summary="How many tickets were issued, verified, are open and overdue")
    def figures(
        request: Request,
        start: Annotated[int, Query(alias="from", ge=EARLIEST_MS, le=LATEST_MS)] = EARLIEST_MS,
        end: Annotated[int, Query(alias="to", ge=EARLIEST_MS, le=LATEST_MS)] = LATEST_MS,
    ) -> dict[str, Any]:
        return TicketFigures(tickets).counts(jurisdiction_of(request), start, end)

    @routes.get("/{ticket}", summary="One ticket with all that was said")
    def one(request: Request, ticket: TicketId) -> dict[str, Any]:
        return _view(tickets, request, ticket)

    @routes.get("/{ticket}/files/{digest}", summary="An attachment", response_class=Response)
    def file(request: Request, ticket: TicketId, digest: Annotated[str, Path(pattern="^[0-9a-f]{64}$")]) -> Response:
        _view(tickets, request, ticket)
        found = tickets.file(ticket, digest)
        if found is None:
            raise HTTPException(404, f"no file {digest!r}")
        # Whatever a firm sends is only ever saved, never opened by the browser as a page of ours.
        headers = {"Content-Disposition": f'attachment; filename="{digest[:12]}"', "X-Content-Type-Options": "nosniff"}
        return Response(found[1], media_type="application/octet-stream", headers=headers)


def _acting(routes: APIRouter, tickets: Tickets) -> None:
    @routes.post("/{ticket}/reply", summary="The firm answers, with attachments")
    def reply(request: Request, ticket: TicketId, body: ReplyBody) -> dict[str, Any]:
        uploads = [(each.name, _content(each)) for each in body.files]
        if sum(len(content) for _, content in uploads) > LARGEST_BYTES:
            raise HTTPException(413, f"files: expected at most {LARGEST_BYTES} bytes together")
        said = Replied(city_now(tickets.city), acting(request, body.who), body.text, attached(uploads))
        return _act(tickets, request, ticket, said, uploads)

    @routes.post("/{ticket}/supplement", summary="The office asks for more evidence")
    def supplement(request: Request, ticket: TicketId, body: SupplementBody) -> dict[str, Any]:
        now = city_now(tickets.city)
        if body.due is not None and body.due <= now:
            raise HTTPException(422, f"due: expected a moment after {now}, got {body.due}")
        return _act(tickets, request, ticket, Supplement(now, acting(request, body.who), body.text, body.due))

    @routes.post("/{ticket}/verify", summary="The office decides and closes")
    def verify(request: Request, ticket: TicketId, body: VerifyBody) -> dict[str, Any]:
        said = Verified(city_now(tickets.city), acting(request, body.who), body.outcome, body.text)
        return _act(tickets, request, ticket, said)


def _act(
    tickets: Tickets, request: Request, ticket: str, event: Event, uploads: Sequence[Upload] = ()
) -> dict[str, Any]:
    _view(tickets, request, ticket)
    tickets.act(ticket, event, uploads)
    return tickets.view(ticket)


def _view(tickets: Tickets, request: Request, ticket: str) -> dict[str, Any]:
    try:
        view = tickets.view(ticket)
    except LookupError as error:
        raise HTTPException(404, f"no ticket {ticket!r}") from error
    site = tickets.city.registry.site(view["site"])
    within = jurisdiction_of(request)
    if not within.whole and (site is None or not within.covers(site.domain, site.district)):
        raise HTTPException(404, f"no ticket {ticket!r}")
    return view


def _content(file: FileBody) -> bytes:
    try:
        return base64.b64decode(file.content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise HTTPException(422, f"{file.name}: expected base64, got: {error}") from error
