"""Trying and promoting over HTTP: for data scientists; promoting and taking back for administrators too."""

import base64
import binascii
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query, Request
from pydantic import Field

from alerts.acting import Said, acting
from alerts.alarm_row import storable
from alerts.promotions.promotions import GateShut, Promotions
from alerts.promotions.trials import NotPossible
from topics.errors import CityBrainError

DomainName = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{1,30}$")]
RunName = Annotated[str | None, Query(pattern="^[0-9a-f]{16}$")]


class Starting(Said):
    """A whole ``pack`` (its content), or a ``change`` of the one in force; ``models``: a bundle, base64."""

    pack: dict[str, Any] | None = None
    change: dict[str, Any] | None = None
    models: str | None = Field(default=None, max_length=11_000_000)


class Promoting(Said):
    """Which run; without it the one that was started last."""

    run: str | None = Field(default=None, pattern="^[0-9a-f]{16}$")


class NewNormal(Said):
    """Which series (site/device/quantity/statistic); ``note`` is the reason and must be given."""

    series: str = Field(min_length=1, max_length=300)


def promotion_routes(promotions: Promotions) -> APIRouter:
    """Everything under ``/api/shadow``, what is said of a series, and the record of both."""
    routes = APIRouter()

    @routes.get("/api/promotions", summary="What was tried, promoted and taken back, the youngest first")
    def listed(
        domain: Annotated[str | None, Query(max_length=40)] = None, limit: Annotated[int, Query(ge=1, le=500)] = 100
    ) -> dict[str, Any]:
        return {"items": promotions.listed(domain, limit)}

    @routes.get("/api/shadow/{domain}", summary="How a candidate differs from what is in force, and what the gate says")
    def report(domain: DomainName, run: RunName = None) -> dict[str, Any]:
        return _tried(lambda: promotions.report(domain, run))

    @routes.post("/api/shadow/{domain}/start", summary="Let a candidate run in the shadow")
    def start(domain: DomainName, said: Starting, request: Request) -> dict[str, Any]:
        who, note = _spoken(request, said)
        if said.pack is not None and said.change is not None:
            raise HTTPException(422, "expected a pack or a change of the one in force, got both")
        try:
            models = base64.b64decode(said.models, validate=True) if said.models is not None else None
        except binascii.Error as error:
            raise HTTPException(422, f"models: expected base64, got: {error}") from error

        def started() -> dict[str, Any]:
            pack = promotions.change_of(domain, said.change) if said.change is not None else said.pack
            return promotions.start(domain, who, note, pack, models)

        return _tried(started)

    @routes.post("/api/shadow/{domain}/stop", summary="End what runs in the shadow")
    def stop(domain: DomainName, said: Said, request: Request) -> dict[str, Any]:
        who, note = _spoken(request, said)
        return _tried(lambda: promotions.stop(domain, who, note))

    @routes.post("/api/shadow/{domain}/promote", summary="Bring a candidate into force; 409 while its gate is shut")
    def promote(domain: DomainName, said: Promoting, request: Request) -> dict[str, Any]:
        who, note = _spoken(request, said)
        return _tried(lambda: promotions.promote(domain, said.run, who, note))

    @routes.post("/api/shadow/{domain}/rollback", summary="Take the last promotion back")
    def roll_back(domain: DomainName, said: Said, request: Request) -> dict[str, Any]:
        who, note = _spoken(request, said)
        return _tried(lambda: promotions.roll_back(domain, who, note))

    @routes.post("/api/series/new-normal", summary="What a series shows is its new normal: its detectors learn it now")
    def new_normal(said: NewNormal, request: Request) -> dict[str, Any]:
        who, note = _spoken(request, said)
        return _tried(lambda: promotions.new_normal(said.series, who, note))

    return routes


def _spoken(request: Request, said: Said) -> tuple[str, str]:
    return acting(request, said.who), storable(said.note)


def _tried(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """409 with the reason for what cannot be done as things stand, 503 where the logs do not answer."""
    try:
        return work()
    except GateShut as shut:
        raise HTTPException(409, str(shut)) from shut
    except NotPossible as error:
        raise HTTPException(409, str(error)) from error
    except CityBrainError as error:
        raise HTTPException(503, str(error)) from error
