"""The interface to the key figures of the duty desks."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query

from alerts.kpi.answers import DeskFiguresAnswer
from alerts.kpi.follow import DeskFigures
from alerts.kpi.record import CITY
from topics.reading import EARLIEST_MS, LATEST_MS


def _moment(alias: str, description: str) -> Any:
    return Query(alias=alias, ge=EARLIEST_MS, le=LATEST_MS, description=description)


def desk_routes(desks: DeskFigures) -> APIRouter:
    """``GET /api/desk-figures``."""
    routes = APIRouter()

    @routes.get(
        "/api/desk-figures",
        summary="Key figures of one duty desk over a stretch of event time",
        response_model=None,
        responses={200: {"model": DeskFiguresAnswer}},
    )
    def desk_figures(
        desk: Annotated[str, Query(max_length=80, description="a desk's name; city = the whole city")] = CITY,
        start: Annotated[int | None, _moment("from", "ms UTC; left out: a day before `to`")] = None,
        end: Annotated[int | None, _moment("to", "ms UTC; left out: now, in city time")] = None,
    ) -> dict[str, Any]:
        try:
            found = desks.of(desk, start, end)
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        names = [{"desk": name, "title": desks.title(name)} for name in desks.known()]
        return found | {"desks": names}

    return routes
