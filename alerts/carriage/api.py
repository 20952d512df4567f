"""Where goods are over HTTP; ``docs/cargo-tracing.md`` shows the calls."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query, Request

from alerts.accounts.identity import jurisdiction_of
from alerts.carriage.desk import CargoDesk
from alerts.refusals import in_language
from alerts.responder.api import Moment, moment
from topics.finding import Text

Name = Annotated[str, Path(min_length=1, max_length=120)]


def cargo_routes(desk: CargoDesk) -> APIRouter:
    """``/api/cargo``: carriers under way, trips, containers."""
    routes = APIRouter(prefix="/api/cargo", tags=["cargo"])

    @routes.get("/carriers", summary="Carriers heard of in the last day, those under way first")
    def carriers(request: Request) -> dict[str, Any]:
        return desk.under_way(jurisdiction_of(request))

    @routes.get("/carriers/{carrier:path}", summary="A carrier's trips and where it was last seen")
    def carrier(request: Request, carrier: Name) -> dict[str, Any]:
        return _found(request, desk.carrier(carrier, jurisdiction_of(request)), carrier)

    @routes.get("/trips/{trip:path}", summary="One trip: waybill, track, what was found, areas around it")
    def trip(request: Request, trip: Name) -> dict[str, Any]:
        return _found(request, desk.trip(trip, jurisdiction_of(request)), trip)

    @routes.get("/containers/{container:path}", summary="Where a container is or was, with whom, on what evidence")
    def container(request: Request, container: Name, at: Annotated[Moment, Query()] = "") -> dict[str, Any]:
        return _found(request, desk.container(container, moment(at), jurisdiction_of(request)), container)

    return routes


def _found(request: Request, answer: dict[str, Any] | None, name: str) -> dict[str, Any]:
    if answer is None:
        text = Text(f"没有关于 {name} 的记录", f"nothing is known of {name}")
        raise HTTPException(404, in_language(request.cookies.get("lang"), text))
    return answer
