"""Kitchens under cameras over HTTP: scores and next visits, what was seen, the list of a week, visits."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request
from pydantic import Field

from alerts.accounts.identity import jurisdiction_of
from alerts.accounts.jurisdiction import Jurisdiction
from alerts.acting import By, acting
from alerts.kitchens.desk import Kitchens, week_of

Within = Annotated[Jurisdiction, Depends(jurisdiction_of)]
SiteId = Annotated[str, Path(min_length=1, max_length=120)]


class VisitBody(By):
    """``text`` is what was found."""

    text: str = Field(min_length=1, max_length=4000)


def kitchen_routes(kitchens: Kitchens) -> APIRouter:
    """The answers and the one act; ``docs/food.md`` shows the calls."""
    routes = APIRouter(prefix="/api", tags=["kitchens"])

    @routes.get("/kitchens", summary="Kitchens under cameras: score, cameras, next visit, what was seen lately")
    def view(within: Within) -> dict[str, Any]:
        return kitchens.view(within)

    @routes.get("/kitchens/weekly", summary="The list of a week: what is routine")
    def weekly(within: Within, week: Annotated[str, Query(max_length=20)] = "") -> dict[str, Any]:
        try:
            return kitchens.weekly(within, week or week_of(kitchens.city.time))
        except ValueError as error:
            raise HTTPException(422, str(error)) from error

    @routes.post("/kitchens/{site}/visits", summary="Somebody was there: the next visit is reckoned from now")
    def visit(request: Request, within: Within, site: SiteId, body: VisitBody) -> dict[str, Any]:
        known = kitchens.terms()
        if known is None or not within.covers(known[0], kitchens.city.district(site)):
            raise HTTPException(404, f"no kitchen {site!r}")
        try:
            return dict(msgspec.to_builtins(kitchens.visit(site, acting(request, body.who), body.text)))
        except LookupError as error:
            raise HTTPException(404, str(error)) from error

    return routes
