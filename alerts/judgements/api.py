"""Judgements and marks over HTTP."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from alerts.accounts.identity import identity_of, jurisdiction_of
from alerts.acting import city_now
from alerts.alarm_list import cursor_of, read_cursor
from alerts.csv_table import as_csv
from alerts.judgements.board import Board
from alerts.judgements.evidence import JudgementEvidence
from alerts.judgements.month import MonthStatistics
from topics.judgement import Period, Verdict
from topics.mark import Mark, Scope
from topics.reading import EARLIEST_MS, LATEST_MS

#: Brings a mark to the judge; where there is none, marks are kept and judge nothing.
SendMark = Callable[[Mark], Awaitable[None]]

Moment = Annotated[int, Field(ge=EARLIEST_MS, le=LATEST_MS, description="ms UTC")]
Asked = Annotated[int | None, Query(ge=EARLIEST_MS, le=LATEST_MS)]
Key = Annotated[str, Query(max_length=400, description="site/device/quantity|hour or day|start")]

Month = Annotated[str, Query(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description="YYYY-MM, a month of the city")]
Form = Annotated[Literal["json", "csv"], Query(alias="format")]


class MarkBody(BaseModel):
    """What a firm says of its plant, treatment or monitor. The same id again changes it."""

    id: str = Field(min_length=1, max_length=80, pattern=r"^[^/\x00]+$")
    site: str = Field(min_length=1, max_length=80)
    scope: Scope
    state: str = Field(min_length=1, max_length=40)
    start: Moment
    end: Moment
    device: str = Field("", max_length=80)
    quantity: str = Field("", max_length=80)
    note: str = Field("", max_length=500)
    document: str = Field("", max_length=300, description="name and SHA-256 of the proof")
    withdrawn: bool = False
    who: str = Field("", max_length=80, description="who says it; the account where there is one")


def judgement_routes(board: Board, send: SendMark | None = None) -> APIRouter:
    """``/api/judgements`` and ``/api/marks``."""
    routes = APIRouter(tags=["judgements"])

    @routes.get("/api/judgements", summary="Formal judgements in their newest version, the youngest first")
    def judgements(
        request: Request,
        site: Annotated[str, Query(max_length=80)] = "",
        period: Period | None = None,
        verdict: Verdict | None = None,
        start: Annotated[int | None, Query(alias="from", ge=EARLIEST_MS, le=LATEST_MS)] = None,
        end: Annotated[int | None, Query(alias="to", ge=EARLIEST_MS, le=LATEST_MS)] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 200,
        cursor: Annotated[str, Query(max_length=700, description="what `next` gave")] = "",
    ) -> dict[str, Any]:
        try:
            after = read_cursor(cursor) if cursor else None
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        found = board.listed(
            jurisdiction_of(request),
            site=site,
            period=period or "",
            verdict=verdict or "",
            start=start or 0,
            end=end or LATEST_MS,
            limit=limit + 1,
            after=after,
        )
        items = found[:limit]
        more = len(found) > limit
        return {"items": items, "next": cursor_of(items[-1]["start"], items[-1]["key"]) if more else None}

    @routes.get("/api/judgements/versions", summary="All versions of one judgement, the newest first")
    def versions(request: Request, key: Key) -> dict[str, Any]:
        found = board.versions(key, jurisdiction_of(request))
        if not found:
            raise HTTPException(404, f"no judgement {key!r}")
        return {"items": found}

    _mark_routes(routes, board, send)
    return routes


def _mark_routes(routes: APIRouter, board: Board, send: SendMark | None) -> None:
    @routes.get("/api/marks", summary="Every form of the marks of one site")
    def marks(
        request: Request,
        site: Annotated[str, Query(min_length=1, max_length=80)],
        start: Asked = None,
        end: Asked = None,
    ) -> dict[str, Any]:
        _mine(board, request, site)
        return {"items": [_shown(each) for each in board.marks(site, start or 0, end or LATEST_MS)]}

    @routes.post("/api/marks", summary="Enter, document or withdraw a mark")
    async def enter(request: Request, body: MarkBody) -> dict[str, Any]:
        _mine(board, request, body.site)
        if body.end <= body.start:
            raise HTTPException(422, f"end: expected a moment after start {body.start}, got {body.end}")
        now = city_now(board.city)
        before = [each for each in board.marks(body.site) if each.id == body.id]
        identity = identity_of(request)
        mark = Mark(
            body.id,
            body.site,
            body.scope,
            body.state,
            body.start,
            body.end,
            before[0].made if before else now,
            who=identity.shown or identity.name or body.who,
            device=body.device,
            quantity=body.quantity,
            note=body.note,
            document=body.document,
            documented=_first_documented(before, now) if body.document else None,
            withdrawn=now if body.withdrawn else None,
        )
        new = board.enter(mark)
        if send is not None:
            await send(mark)
        return _shown(mark) | {"new": new}


def month_routes(statistics: MonthStatistics, evidence: JudgementEvidence, wall_ms: Callable[[], int]) -> APIRouter:
    """``/api/effectiveness``, ``/api/scorecard`` and ``/api/judgements/evidence``."""
    routes = APIRouter(tags=["judgements"])

    @routes.get("/api/effectiveness", summary="Transmission effectiveness and online rate of a month by station")
    def stations(request: Request, month: Month, as_of: Asked = None, form: Form = "json") -> Response:
        year, number = _month(month)
        rows = statistics.stations(year, number, as_of, jurisdiction_of(request))
        return _table(rows, form, f"effectiveness-{month}")

    @routes.get("/api/scorecard", summary="The scorecard of a month by district, with the change to the month before")
    def scores(request: Request, month: Month, as_of: Asked = None, form: Form = "json") -> Response:
        year, number = _month(month)
        rows = statistics.scorecard(year, number, as_of, jurisdiction_of(request))
        return _table(rows, form, f"scorecard-{month}")

    @routes.get("/api/judgements/evidence", summary="All that is known of one judgement, as one sealed file")
    def pack(request: Request, key: Key) -> Response:
        if not statistics.board.versions(key, jurisdiction_of(request)):
            raise HTTPException(404, f"no judgement {key!r}")
        made = evidence.pack(key, wall_ms())
        if made is None:
            raise HTTPException(404, f"no judgement {key!r}")
        body, manifest = made
        name = f"judgement-{manifest.head[:12]}.zip"
        headers = {"X-Evidence-Head": manifest.head, "Content-Disposition": f'attachment; filename="{name}"'}
        return Response(body, media_type="application/zip", headers=headers)

    return routes


def _month(text: str) -> tuple[int, int]:
    year, _, month = text.partition("-")
    return int(year), int(month)


def _table(rows: list[dict[str, Any]], form: str, name: str) -> Response:
    if form == "json":
        return JSONResponse({"items": rows})
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(as_csv(rows), media_type="text/csv; charset=utf-8", headers=headers)


def _first_documented(before: list[Mark], now: int) -> int:
    return next((each.documented for each in before if each.documented is not None), now)


def _mine(board: Board, request: Request, site: str) -> None:
    within = jurisdiction_of(request)
    known = board.city.registry.site(site)
    if known is None or not within.covers(known.domain, known.district):
        raise HTTPException(404, f"no site {site!r}")


def _shown(mark: Mark) -> dict[str, Any]:
    return {name: getattr(mark, name) for name in mark.__struct_fields__ if name != "schema"}
