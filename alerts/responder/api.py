"""The responder's card over HTTP: as JSON here, as one page to print in ``sheet.py``."""

import datetime as dt
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
from fastapi import APIRouter, HTTPException, Query, Request, Response
from pydantic import BeforeValidator, Field

from alerts.accounts.identity import jurisdiction_of
from alerts.refusals import in_language
from alerts.responder.asked import Asked, NotFound
from alerts.responder.card import Card
from alerts.responder.cards import ResponderCards
from topics.city_zone import CITY_ZONE
from topics.reading import EARLIEST_MS, LATEST_MS

Name = Annotated[str, Query(max_length=120)]
Moment = Annotated[str, Query(max_length=40, description="ms UTC, or a local time such as 2015-08-12T22:51:46")]
RulesAsOf = Annotated[
    str, Query(max_length=10, description="whose rules judge: empty = today's, then = those of `at`, or 2015-08-12")
]
#: A form sends what was left empty as an empty word.
_Empty = BeforeValidator(lambda said: None if said == "" else said)
Latitude = Annotated[Annotated[float, Field(ge=-90, le=90)] | None, _Empty, Query(description="WGS-84")]
Longitude = Annotated[Annotated[float, Field(ge=-180, le=180)] | None, _Empty, Query(description="WGS-84")]


def responder_routes(cards: ResponderCards) -> APIRouter:
    """``/api/responder-card`` and ``/api/yards``."""
    routes = APIRouter(tags=["responder"])

    @routes.get("/api/responder-card", summary="What stands near a point, now or at a past moment")
    def card(
        request: Request,
        lat: Latitude = None,
        lon: Longitude = None,
        site: Name = "",
        block: Name = "",
        container: Name = "",
        alarm: Name = "",
        at: Moment = "",
        rules_as_of: RulesAsOf = "",
    ) -> Response:
        asked = Asked(lat, lon, site, block, container, alarm, moment(at), rules_as_of)
        body = encoded(card_of(cards, request, asked))
        return Response(body, media_type="application/json")

    @routes.get("/api/yards", summary="The yards and how much is in them now")
    def yards(request: Request) -> dict[str, Any]:
        found: list[dict[str, Any]] = msgspec.to_builtins(cards.listed(jurisdiction_of(request)))
        return {"items": found, "behind": cards.standing.behind, "read_to": cards.standing.newest or None}

    return routes


def card_of(cards: ResponderCards, request: Request, asked: Asked) -> Card:
    """The card for whoever asks; refusals as HTTP answers."""
    try:
        return cards.card(asked, jurisdiction_of(request))
    except NotFound as error:
        raise HTTPException(404, in_language(request.cookies.get("lang"), error.text)) from error
    except ValueError as error:
        raise HTTPException(422, str(error)) from error


def moment(said: str) -> int | None:
    """The moment in ms UTC, ``None`` for now. Raises 422 for what is neither ms nor a time of day and date."""
    if not said:
        return None
    try:
        found = int(said) if said.isdecimal() else _local(said)
    except (ValueError, OverflowError) as error:
        raise HTTPException(422, f"at: expected ms UTC or a time such as 2015-08-12T22:51:46, got {said!r}") from error
    if not EARLIEST_MS <= found <= LATEST_MS:
        raise HTTPException(422, f"at: expected a moment between {EARLIEST_MS} and {LATEST_MS} ms, got {found}")
    return found


def encoded(card: Card) -> bytes:
    """The card as JSON (the framework's way takes ten times as long). The boxes' dots of the sketch are left out: the
    rings have all boxes.
    """
    return msgspec.json.encode(msgspec.structs.replace(card, dots=msgspec.UNSET))


def local_time(time_ms: int, zone: ZoneInfo = CITY_ZONE) -> str:
    """``2015-08-12 22:51:46`` in the city's zone."""
    return dt.datetime.fromtimestamp(time_ms / 1000, dt.UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def time_asked(said: str, zone: ZoneInfo = CITY_ZONE) -> str:
    """The moment that was asked for as a form's field keeps it, "" for now. Raises as ``moment`` does."""
    found = moment(said)
    return "" if found is None else local_time(found, zone).replace(" ", "T")


def _local(said: str) -> int:
    time = dt.datetime.fromisoformat(said)
    if time.tzinfo is None:
        time = time.replace(tzinfo=CITY_ZONE)
    return round(time.timestamp() * 1000)
