"""Alarms, their stories, the wall, the stream and the report over HTTP."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, HTTPException, Path, Query, Request, Response
from fastapi.responses import PlainTextResponse, StreamingResponse

from alerts.accounts.identity import jurisdiction_of
from alerts.accounts.jurisdiction import Jurisdiction
from alerts.answers import AlarmsAnswer, Answer, ReportAnswer, SitesAnswer, StoryAnswer, WallAnswer
from alerts.conditional import Marks
from alerts.list_query import ListQuery
from alerts.parts import Server
from alerts.plot import plot
from alerts.queries import Queries
from alerts.report import report
from alerts.stream import Broadcaster
from alerts.views import site_view

LARGEST_NUMBER = 2**63 - 1
METRICS_TYPE = "text/plain; version=1.0.0; charset=utf-8"

AlarmId = Annotated[str, Path(min_length=1, max_length=64)]
Within = Annotated[Jurisdiction, Depends(jurisdiction_of)]


def alarm_routes(server: Server) -> APIRouter:
    """Everything that is only read under ``/api/alarms``; what is done to alarms: actions_api.py."""
    routes = APIRouter(prefix="/api/alarms")
    queries = Queries(server.store, server.city)

    marks = Marks(server.store, server.city)

    @routes.get("", summary="Alarms, the youngest first", responses=_shaped(AlarmsAnswer))
    def alarms(request: Request, within: Within, asked: Annotated[ListQuery, Query()]) -> Response:
        try:
            return marks.answer(request, within, lambda: queries.alarms(asked.cut(), asked.limit, asked.cursor, within))
        except ValueError as error:
            raise HTTPException(422, str(error)) from error

    @routes.get("/{alarm}", summary="All that is known of one alarm", responses=_shaped(StoryAnswer))
    def story(request: Request, within: Within, alarm: AlarmId) -> Response:
        return marks.answer(request, within, lambda: _found(queries.story(alarm), alarm))

    @routes.get("/{alarm}/readings", summary="The readings around an alarm and the limits of its day")
    def readings(alarm: AlarmId) -> dict[str, Any]:
        view = _found(queries.alarm(alarm), alarm)
        return plot(view, queries.channels(alarm) or queries.subjects(alarm), server.history, server.city)

    return routes


def city_routes(server: Server, broadcaster: Broadcaster) -> APIRouter:
    """The wall, the sites, the report, the stream of changes and the page of metrics."""
    routes = APIRouter()

    @routes.get("/api/wall", summary="How the city stands now", response_model=None, responses=_shaped(WallAnswer))
    def wall(within: Within) -> dict[str, Any]:
        return server.wall.show(within)

    @routes.get(
        "/api/sites", summary="Where the registered sites are", response_model=None, responses=_shaped(SitesAnswer)
    )
    def sites(within: Within) -> dict[str, Any]:
        known = [site for site in server.city.registry.sites() if not site.retired]
        return {"items": [site_view(site) for site in known if within.covers(site.domain, site.district)]}

    @routes.get(
        "/api/report", summary="Figures of the whole store", response_model=None, responses=_shaped(ReportAnswer)
    )
    def figures() -> dict[str, Any]:
        return report(server.store) | {"behind": server.behind()}

    @routes.get("/api/stream", response_class=EventStream, summary="What changes, as server-sent events")
    def stream(
        request: Request, last_event_id: Annotated[int | None, Header(ge=0, le=LARGEST_NUMBER)] = None
    ) -> Response:
        return EventStream(broadcaster.listen(last_event_id, jurisdiction_of(request)))

    @routes.get("/metrics", summary="Prometheus", response_class=PlainTextResponse)
    def metrics() -> Response:
        return Response(server.metrics(), media_type=METRICS_TYPE)

    return routes


class EventStream(StreamingResponse):
    """Server-sent events; a proxy must hold nothing back."""

    media_type = "text/event-stream"

    def __init__(self, chunks: AsyncIterator[bytes], status_code: int = 200) -> None:
        super().__init__(chunks, status_code, headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})


def _shaped(answer: type[Answer]) -> dict[int | str, dict[str, Any]]:
    """What a route answers, for the OpenAPI document."""
    return {200: {"model": answer}}


def _found(view: dict[str, Any] | None, alarm: str) -> dict[str, Any]:
    if view is None:
        raise HTTPException(404, f"no alarm {alarm!r}")
    return view
