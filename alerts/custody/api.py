"""Custody over HTTP: recalls, one lot's way, the public's look at a lot, EPCIS queries."""

import time
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from pydantic import BaseModel, Field

from alerts.acting import By, acting, city_now
from alerts.custody.desk import Recalls, recall_id
from alerts.custody.lots import Lots
from alerts.custody.query import TooLarge, document, once, query
from alerts.custody.recall_list import recall_page
from alerts.custody.recall_query import RecallQuery
from alerts.custody.receipts import Receipts
from records.recall_events import Closed, Event, Level, Opened, Reported, Signed, Source, Started
from topics.finding import Text
from topics.reading import EARLIEST_MS, LATEST_MS

RecallId = Annotated[str, Path(min_length=1, max_length=64)]
Token = Annotated[str, Path(min_length=20, max_length=64)]
Part = Annotated[RecallQuery, Query()]
Code = Annotated[str, Path(min_length=1, max_length=200)]
Most = Annotated[int | None, Query(ge=1, le=1_000_000, description="names of each list; their counts are of all")]
AtOnce = Annotated[bool, Query(description="what is known without a trace; `traced` says whether it is all")]


class SignBody(BaseModel):
    """Who signs, by name: the person, not the firm."""

    who: str = Field(min_length=1, max_length=80)


class SourceBody(BaseModel):
    """A bad lot, or with ``start`` and ``end`` (ms UTC) a vehicle or store whose contents were bad meanwhile."""

    name: str = Field(min_length=1, max_length=500)
    start: int | None = Field(None, ge=EARLIEST_MS, le=LATEST_MS)
    end: int | None = Field(None, ge=EARLIEST_MS, le=LATEST_MS)


class OpenBody(By):
    """A recall opened by hand: its level, why in both languages, and what is bad."""

    level: Level
    zh: str = Field(min_length=1, max_length=1000)
    en: str = Field(min_length=1, max_length=1000)
    sources: list[SourceBody] = Field(min_length=1, max_length=100)


class HolderBody(By):
    """The holder it is about: a site's id, a firm, or an EPCIS location."""

    holder: str = Field(min_length=1, max_length=500)


class ReportBody(HolderBody):
    """What a holder had, found and destroyed so far, in its own units of sale."""

    held: float = Field(ge=0, le=1e12)
    found: float = Field(ge=0, le=1e12)
    destroyed: float = Field(ge=0, le=1e12)


class CloseBody(By):
    """How it ended."""

    text: str = Field(min_length=1, max_length=4000)


def custody_routes(recalls: Recalls, lots: Lots) -> APIRouter:
    """Everything of custody; ``docs/food.md`` shows the calls."""
    routes = APIRouter(prefix="/api", tags=["custody"])
    _reading(routes, recalls, lots)
    _acting(routes, recalls)
    _receipts(routes, Receipts(recalls))
    return routes


def _reading(routes: APIRouter, recalls: Recalls, lots: Lots) -> None:
    @routes.get("/recalls", summary="Recalls, the youngest first, with how many there are; on with `cursor` = `next`")
    def listed(
        is_open: Annotated[bool | None, Query(alias="open")] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 200,
        cursor: Annotated[str | None, Query(max_length=200)] = None,
    ) -> dict[str, Any]:
        try:
            return recall_page(recalls, is_open, limit, cursor)
        except ValueError as error:
            raise HTTPException(422, str(error)) from error

    @routes.get("/recalls/{recall}", summary="One recall: its holders, notices, receipts and figures")
    def one(recall: RecallId, part: Part) -> dict[str, Any]:
        return _view(recalls, recall, part)

    @routes.get("/lots/{code:path}", summary="One lot's way from production to sale")
    def whole(code: Code, most: Most = None, at_once: AtOnce = False) -> dict[str, Any]:
        return _found(lots.whole(code, most, at_once=at_once), code)

    @routes.get("/public/lots/{code:path}", summary="What the public may see of a lot")
    def public(code: Code) -> dict[str, Any]:
        return _found(lots.public(code), code)

    @routes.get("/epcis/events", summary="EPCIS 2.0 events by the standard's simple parameters")
    def events(request: Request, response: Response) -> dict[str, Any]:
        try:
            page = query(recalls.store, once(request.query_params.multi_items()))
        except TooLarge as error:
            raise HTTPException(413, str(error)) from error
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        if page.next is not None:
            following = request.url.include_query_params(nextPageToken=page.next)
            response.headers["link"] = f'<{following}>; rel="next"'
        return document(page.events, time.time_ns() // 1_000_000)


def _acting(routes: APIRouter, recalls: Recalls) -> None:
    @routes.post("/recalls", summary="Open a recall: one click, and each holder has its notice")
    def opened(request: Request, body: OpenBody) -> dict[str, Any]:
        sources = tuple(Source(each.name, each.start, each.end) for each in body.sources)
        if any((each.start is None) != (each.end is None) or (each.end or 1) <= (each.start or 0) for each in sources):
            raise HTTPException(422, "sources: expected start and end together, start < end")
        event = Opened(
            city_now(recalls.city), acting(request, body.who), body.level, "other", Text(body.zh, body.en), sources
        )
        name = recall_id(f"{event.time}|{event.who}|{'|'.join(each.name for each in sources)}")
        recalls.open(name, event)
        return recalls.view(name)

    @routes.post("/recalls/{recall}/start", summary="The firm has begun")
    def start(request: Request, recall: RecallId, body: By, part: Part) -> dict[str, Any]:
        return _act(recalls, request, recall, Started(city_now(recalls.city), acting(request, body.who)), part)

    @routes.post("/recalls/{recall}/sign", summary="A holder signs for its notice")
    def sign(request: Request, recall: RecallId, body: HolderBody, part: Part) -> dict[str, Any]:
        said = Signed(city_now(recalls.city), body.holder, acting(request, body.who))
        return _act(recalls, request, recall, said, part)

    @routes.post("/recalls/{recall}/report", summary="What a holder had, found and destroyed so far")
    def report(request: Request, recall: RecallId, body: ReportBody, part: Part) -> dict[str, Any]:
        who = acting(request, body.who)
        said = Reported(city_now(recalls.city), body.holder, who, body.held, body.found, body.destroyed)
        return _act(recalls, request, recall, said, part)

    @routes.post("/recalls/{recall}/close", summary="The recall is over")
    def close(request: Request, recall: RecallId, body: CloseBody, part: Part) -> dict[str, Any]:
        said = Closed(city_now(recalls.city), acting(request, body.who), body.text)
        return _act(recalls, request, recall, said, part)


def _receipts(routes: APIRouter, receipts: Receipts) -> None:
    @routes.get("/public/recall-receipts/{token}", summary="A notice of a recall, for its holder to sign")
    def notice(token: Token) -> dict[str, Any]:
        return _receipt(receipts.view, token)

    @routes.post("/public/recall-receipts/{token}", summary="A holder signs for its notice, by the word in it")
    def sign(token: Token, body: SignBody) -> dict[str, Any]:
        city_now(receipts.recalls.city)
        return _receipt(lambda word: receipts.sign(word, body.who), token)

    @routes.post("/recalls/{recall}/notices/{number}/send", summary="Send a notice again that was given up")
    def send(recall: RecallId, number: Annotated[int, Path(ge=1, le=10**9)], part: Part) -> dict[str, Any]:
        if not receipts.send_again(recall, number):
            raise HTTPException(409, f"no notice {number} of recall {recall!r} that was given up")
        return _after(receipts.recalls, recall, part)


def _receipt(ask: Callable[[str], dict[str, Any]], token: str) -> dict[str, Any]:
    try:
        return ask(token)
    except LookupError as error:
        raise HTTPException(404, "no notice by this word") from error


def _act(recalls: Recalls, request: Request, name: str, event: Event, part: RecallQuery) -> dict[str, Any]:
    try:
        recalls.act(name, event)
    except LookupError as error:
        raise HTTPException(404, f"no recall {name!r}") from error
    return _after(recalls, name, part)


def _after(recalls: Recalls, name: str, part: RecallQuery) -> dict[str, Any]:
    """Whoever asks for so many names only is not kept waiting for a trace either."""
    return recalls.view(name, part.most, at_once=part.most is not None, page=part.page())


def _view(recalls: Recalls, name: str, part: RecallQuery) -> dict[str, Any]:
    try:
        return recalls.view(name, part.most, at_once=part.at_once, page=part.page())
    except LookupError as error:
        raise HTTPException(404, f"no recall {name!r}") from error


def _found(view: dict[str, Any] | None, code: str) -> dict[str, Any]:
    if view is None:
        raise HTTPException(404, f"no lot {code!r}")
    return view
