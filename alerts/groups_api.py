"""Groups of alarms over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query, Request

from alerts.accounts.identity import jurisdiction_of
from alerts.alarm_list import Which
from alerts.group_queries import GroupQueries


def group_routes(queries: GroupQueries) -> APIRouter:
    """Everything under ``/api/groups``."""
    routes = APIRouter(prefix="/api/groups")

    @routes.get("")
    def groups(
        request: Request,
        state: Which = "open",
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        cursor: Annotated[str | None, Query(max_length=200)] = None,
    ) -> dict[str, Any]:
        try:
            return queries.listed(state, limit, jurisdiction_of(request), cursor)
        except ValueError as error:
            raise HTTPException(422, str(error)) from error

    @routes.get("/{group}")
    def group(
        request: Request,
        group: Annotated[str, Path(min_length=1, max_length=64)],
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> dict[str, Any]:
        view = queries.one(group, limit, jurisdiction_of(request))
        if view is None:
            raise HTTPException(404, f"no group {group!r}")
        return view

    return routes
