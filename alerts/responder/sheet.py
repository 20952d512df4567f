"""The card as one page that needs nothing else: to look at, to print, to keep as a file."""

import base64
import hashlib
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import FastAPI, Request, Response
from markupsafe import Markup

from alerts.accounts.identity import jurisdiction_of
from alerts.pages import FOLDER, SECURITY_HEADERS, Pages
from alerts.responder.api import Latitude, Longitude, Moment, Name, RulesAsOf, card_of, local_time, moment, time_asked
from alerts.responder.asked import Asked
from alerts.responder.card import Card
from alerts.responder.cards import ResponderCards
from records.responder_card import HALF_SECTOR, RINGS_M, Standing, Substance
from records.temperature_controlled import temperature_controlled
from topics.city_zone import CITY_ZONE

#: So many single boxes are listed; the rest is in the tables by substance.
MOST_BOXES = 20
#: Side of the sketch in its own units, of which one is this many metres.
SKETCH, SKETCH_M = 520.0, 2.0

_STYLE = Path("static/css/responder_card.css")
_SCRIPT = 'document.getElementById("print").onclick = () => window.print();'


def mount_sheet(app: FastAPI, pages: Pages, cards: ResponderCards, zone: ZoneInfo = CITY_ZONE) -> None:
    """Add ``/responder-card``: without a point the yards to choose from, with one its card."""
    style = (FOLDER / _STYLE).read_text(encoding="utf-8")
    policy = f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(_SCRIPT)}; form-action 'self'"
    headers = {
        **SECURITY_HEADERS,
        "Content-Security-Policy": f"{policy}; base-uri 'none'; frame-ancestors 'self'",
        "Cache-Control": "no-store",
    }

    @app.get("/responder-card", include_in_schema=False)
    def sheet(
        request: Request,
        lat: Latitude = None,
        lon: Longitude = None,
        site: Name = "",
        block: Name = "",
        container: Name = "",
        alarm: Name = "",
        at: Moment = "",
        rules_as_of: RulesAsOf = "",
        download: bool = False,
    ) -> Response:
        asked = Asked(lat, lon, site, block, container, alarm, moment(at), rules_as_of)
        named = any((alarm, container, site, lat is not None and lon is not None))
        card = card_of(cards, request, asked) if named else None
        response = pages.answer(
            request,
            "responder_card.html",
            style=Markup(style),  # our own file
            script=Markup(_SCRIPT),
            card=None if card is None else shown(card, zone),
            choose=[] if named else cards.listed(jurisdiction_of(request)),
            asked=asked,
            at=time_asked(at, zone),
            download=str(request.url.include_query_params(download=1).query),
            kept=download,
        )
        response.headers.update(headers)
        if download and card is not None:
            name = f"responder-card-{local_time(card.time, zone).replace(' ', '-').replace(':', '')}.html"
            response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


def shown(card: Card, zone: ZoneInfo) -> dict[str, Any]:
    """What the template shows: the card, its times in the city's zone, and its tables put together."""
    substances = card.near.substances
    boxes = sorted(_boxes(substances), key=lambda each: (each[0].away_m or 0.0, each[0].container))
    return {
        "card": card,
        "time": local_time(card.time, zone),
        "not_yet": local_time(card.not_yet, zone) if card.not_yet is not None else "",
        "made": local_time(card.made, zone),
        "read_to": local_time(card.read_to, zone) if card.read_to else "",
        "wind_time": local_time(card.wind.time, zone) if card.wind else "",
        "rings": card.near.rings,
        "substances": [
            {"of": each, "masses": [ring.masses_t.get(each.un) for ring in card.near.rings], "nearest": _nearest(each)}
            for each in substances
        ],
        "unconfirmed": any(not each.confirmed for each in substances),
        "controlled": {each.un for each in substances if temperature_controlled(each.un)},
        "dry": [each for each in substances if each.no_water],
        "dry_unknown": [each for each in substances if each.no_water is None],
        "boxes": boxes[:MOST_BOXES],
        "more_boxes": sum(each.boxes_in_all for each in substances) - len(boxes[:MOST_BOXES]),
        "unknown": card.near.rings[-1].unknown,
        "undeclared": [name for yard in card.yards for name in yard.undeclared],
        "called": sorted({word for each in substances for word in each.contacts}),
        "sketch": _sketch(card),
    }


def _boxes(substances: Iterable[Substance]) -> list[tuple[Standing, Substance]]:
    return [(stands, each) for each in substances for stands in each.boxes]


def _nearest(substance: Substance) -> float | None:
    return min((each.away_m for each in substance.boxes if each.away_m is not None), default=None)


def _sketch(card: Card) -> dict[str, Any]:
    """Rings, stacks and the sector the wind blows into, in the sketch's units (north is up)."""
    middle = SKETCH / 2
    wedge = ""
    if card.wind is not None and card.wind.downwind_from is not None:
        to = card.wind.downwind_from + 180
        ends = [math.radians(to + side * HALF_SECTOR) for side in (-1, 1)]
        reach = RINGS_M[-1] / SKETCH_M
        corners = [f"{middle + reach * math.sin(end):.1f} {middle - reach * math.cos(end):.1f}" for end in ends]
        wedge = f"M {middle} {middle} L {corners[0]} A {reach} {reach} 0 0 1 {corners[1]} Z"
    return {
        "side": SKETCH,
        "middle": middle,
        "rings": [(radius, radius / SKETCH_M) for radius in RINGS_M],
        "wedge": wedge,
        "dots": [(middle + dot.x_m / SKETCH_M, middle - dot.y_m / SKETCH_M, dot.water) for dot in card.dots or ()],
    }


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
