"""The statistics of safety production over HTTP: as JSON, as a table, and as plots."""

import time
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse

from alerts.accounts.identity import jurisdiction_of
from alerts.csv_table import as_csv
from alerts.safety_figures.plots import plot_of, svg
from alerts.safety_figures.report import DOMAIN, SafetyFigures, rows_of

Asked = Annotated[
    str, Query(alias="period", pattern=r"^20[0-9]{2}(-[0-9]{2}){0,2}$", description="YYYY-MM-DD, YYYY-MM or YYYY")
]


#: A page asks for the figures and at once for all plots of them: those are drawn from the same report.
SAME_S = 30.0
MOST_KEPT = 16


class Cut:
    """What part of it is asked for."""

    def __init__(
        self,
        asked: Asked,
        domain: Annotated[str, Query(max_length=80)] = DOMAIN,
        district: Annotated[str, Query(pattern=r"^([0-9]{6})?$", description="GB/T 2260 code")] = "",
        firm: Annotated[str, Query(max_length=200, description="credit code, or the name where there is none")] = "",
    ) -> None:
        self.period, self.more = asked, {"domain": domain, "district": district, "firm": firm}

    def key(self, request: Request) -> tuple[str, ...]:
        """The same for the same question of the same jurisdiction."""
        return (self.period, *self.more.values(), jurisdiction_of(request).key())


def safety_figure_routes(figures: SafetyFigures) -> APIRouter:
    """``/api/safety-figures``."""
    routes = APIRouter(prefix="/api/safety-figures", tags=["safety production"])
    recent: dict[tuple[str, ...], tuple[float, dict[str, Any]]] = {}

    def made(request: Request, cut: Cut) -> dict[str, Any]:
        try:
            found = figures.report(cut.period, jurisdiction_of(request), **cut.more)
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        while len(recent) >= MOST_KEPT:
            recent.pop(next(iter(recent)), None)
        recent[cut.key(request)] = (time.monotonic(), found)
        return found

    def lately(request: Request, cut: Cut) -> dict[str, Any]:
        at, found = recent.get(cut.key(request), (0.0, {}))
        return found if found and time.monotonic() - at < SAME_S else made(request, cut)

    @routes.get("", summary="Statistics of safety production over a day, month or year")
    def report(
        request: Request,
        cut: Annotated[Cut, Depends()],
        form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
    ) -> Response:
        found = made(request, cut)
        if form == "json":
            return JSONResponse(found)
        headers = {"Content-Disposition": f'attachment; filename="safety-{cut.period}.csv"'}
        return Response(as_csv(rows_of(found)), media_type="text/csv; charset=utf-8", headers=headers)

    @routes.get("/plots/{name}", summary="One plot of it (SVG)", response_class=Response)
    def plot(
        request: Request,
        name: str,
        cut: Annotated[Cut, Depends()],
        language: Annotated[Literal["zh", "en"], Query(alias="lang")] = "zh",
    ) -> Response:
        found = lately(request, cut)
        try:
            picture = svg(plot_of(found, name), found["series"], found["unit"], language)
        except LookupError as error:
            raise HTTPException(404, str(error)) from error
        headers = {"Content-Security-Policy": "default-src 'none'; sandbox", "X-Content-Type-Options": "nosniff"}
        return Response(picture, media_type="image/svg+xml", headers=headers)

    return routes
