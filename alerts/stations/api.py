"""The logs of stations over HTTP: ``/api/station-log``."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from pydantic import BaseModel, Field

from alerts.accounts.identity import identity_of, jurisdiction_of
from alerts.acting import city_now
from alerts.city import City
from alerts.stations.log import StationLog
from topics.reading import EARLIEST_MS, LATEST_MS
from topics.station_entry import Kind, StationEntry, Work

Moment = Annotated[int, Field(ge=EARLIEST_MS, le=LATEST_MS, description="ms UTC")]
Asked = Annotated[int | None, Query(ge=EARLIEST_MS, le=LATEST_MS)]


class EntryBody(BaseModel):
    """An entry in the log of a station, or of one device of it. The same id again is a newer form of it."""

    id: str = Field(min_length=1, max_length=80, pattern=r"^[^/\x00]+$")
    site: str = Field(min_length=1, max_length=80)
    kind: Kind
    start: Moment
    end: Moment | None = None
    device: str = Field("", max_length=80, pattern=r"^[^\x00]*$")
    work: Work | None = Field(None, description="what was done; of maintenance alone")
    who: str = Field("", max_length=80, pattern=r"^[^\x00]*$", description="who did it")
    firm: str = Field("", max_length=120, pattern=r"^[^\x00]*$", description="the operator of the instruments")
    text: str = Field("", max_length=1000, pattern=r"^[^\x00]*$")
    link: str = Field("", max_length=1000, pattern=r"^$|^(https?|rtsps?)://[^\s\x00]+$")
    sha256: str = Field("", pattern=r"^$|^[0-9a-f]{64}$", description="of what lies at the link")
    withdrawn: bool = False


def station_routes(log: StationLog, city: City, wall_ms: Callable[[], int]) -> APIRouter:
    """Reading and writing the log."""
    routes = APIRouter(tags=["station log"])

    @routes.get("/api/station-log", summary="Maintenance, pictures and cameras of one site, the earliest first")
    def listed(
        request: Request,
        site: Annotated[str, Query(min_length=1, max_length=80)],
        start: Annotated[int | None, Query(alias="from", ge=EARLIEST_MS, le=LATEST_MS)] = None,
        end: Annotated[int | None, Query(alias="to", ge=EARLIEST_MS, le=LATEST_MS)] = None,
        forms: Annotated[bool, Query(description="every form of each entry, withdrawn ones too")] = False,
    ) -> dict[str, Any]:
        _mine(city, request, site)
        found = log.entries(site, start or 0, end or LATEST_MS, forms=forms)
        devices = [each.id for each in city.registry.devices(site)]
        return {"items": [_shown(each) for each in found], "devices": devices}

    @routes.post("/api/station-log", summary="Enter maintenance, a picture or a camera; amend or withdraw it")
    def enter(request: Request, body: EntryBody) -> dict[str, Any]:
        _mine(city, request, body.site)
        if body.device and city.registry.device(body.device) is None:
            raise HTTPException(422, f"device: expected a registered device, got {body.device!r}")
        said = body.model_dump()
        who = body.who or identity_of(request).shown or identity_of(request).name
        entry = StationEntry(**said | {"who": who, "made": city_now(city)})
        if (fault := entry.fault()) is not None:
            raise HTTPException(422, fault)
        return _shown(entry) | {"new": log.enter(entry, wall_ms())}

    return routes


def _mine(city: City, request: Request, site: str) -> None:
    within, known = jurisdiction_of(request), city.registry.site(site)
    if known is None or not within.covers(known.domain, known.district):
        raise HTTPException(404, f"no site {site!r}")


def _shown(entry: StationEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in entry.__struct_fields__ if name != "schema"}
