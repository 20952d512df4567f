"""First-station coding over HTTP: firms' share of well-formed records, and what is wrong with which code."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Query

from alerts.accounts.identity import jurisdiction_of
from alerts.accounts.jurisdiction import Jurisdiction
from alerts.coding.desk import Coding
from records.coding.standing import DAY_MS
from topics.reading import EARLIEST_MS, LATEST_MS

Within = Annotated[Jurisdiction, Depends(jurisdiction_of)]
Moment = Annotated[int | None, Query(ge=EARLIEST_MS, le=LATEST_MS)]
Kind = Literal["", "uncoded-sale", "broken-link", "two-holders"]
#: What is shown where no beginning is asked for.
SHOWN_DAYS = 7


def coding_routes(coding: Coding) -> APIRouter:
    """The answers; ``docs/food.md`` shows the calls."""
    routes = APIRouter(prefix="/api", tags=["custody"])

    @routes.get("/coding", summary="First-station coding: records of flow by firm, faults of codes")
    def view(
        within: Within,
        since: Moment = None,
        until: Moment = None,
        kind: Kind = "",
        limit: Annotated[int, Query(ge=1, le=10_000)] = 500,
    ) -> dict[str, Any]:
        last = until if until is not None else max(coding.city.time, EARLIEST_MS) + 1
        first = since if since is not None else max(last - SHOWN_DAYS * DAY_MS, EARLIEST_MS)
        if first >= last:
            raise HTTPException(422, f"since: expected less than until = {last}, got {first}")
        return coding.view(within, first, last, kind, limit)

    return routes
