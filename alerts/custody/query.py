"""Queries with the simple parameters of EPCIS 2.0 (8.2.7.1), as far as tracing needs them, a page at a time (its REST
binding, 12.4).
"""

import base64
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts.custody import tables
from alerts.custody.query_terms import Asked, Event, asked_of
from alerts.store import Store

#: Taken: each with the values of the standard. ``eventCountLimit`` cuts the answer, ``maxEventCount`` refuses a longer
#: one, ``perPage`` gives it in parts.
PARAMETERS = (
    "eventType", "GE_eventTime", "LT_eventTime", "EQ_action", "EQ_bizStep", "EQ_disposition", "EQ_readPoint",
    "EQ_bizLocation", "MATCH_epc", "MATCH_anyEPC", "MATCH_anyEPCClass", "MATCH_parentID", "MATCH_inputEPC",
    "MATCH_outputEPC", "EQ_transformationID", "EQ_eventID", "eventCountLimit", "maxEventCount", "perPage",
    "nextPageToken",
)  # fmt: skip
#: Events of one page at most, and without ``perPage``.
MOST = 1_000
#: How large ``eventCountLimit`` and ``maxEventCount`` may be.
LARGEST = 1_000_000

_EVENT = tables.custody_event.c


class TooLarge(Exception):
    """The answer would have more events than ``maxEventCount`` (QueryTooLargeException of the standard)."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the answer, and the ``nextPageToken`` of the rest; ``None`` on the last page."""

    events: list[Event]
    next: str | None


class _Place(msgspec.Struct, array_like=True):
    """The last event given, and how many were given with it: what a token says."""

    time: int
    id: str
    given: int


def query(store: Store, parameters: Mapping[str, str]) -> Page:
    """The events that fit all parameters, by event time; several values of one are parted by ``|`` and any may fit.
    Events that were declared wrong are left out, as are the declarations. Raises ``ValueError`` for a parameter or
    value that is none, ``TooLarge``.
    """
    unknown = sorted(set(parameters) - set(PARAMETERS))
    if unknown:
        raise ValueError(f"{unknown[0]}: expected one of {', '.join(PARAMETERS)}")
    limit, most = _number(parameters, "eventCountLimit", LARGEST), _number(parameters, "maxEventCount", LARGEST)
    if limit is not None and most is not None:
        raise ValueError("eventCountLimit: expected no maxEventCount beside it, got both")
    size = _number(parameters, "perPage", MOST) or MOST
    place = _place(parameters.get("nextPageToken"))
    asked = asked_of(parameters)
    if most is not None and place is None and sum(1 for _ in _found(store, asked, None, most + 1)) > most:
        raise TooLarge(f"maxEventCount: expected at most {most} events, got more")
    given = place.given if place is not None else 0
    size = size if limit is None else max(0, min(size, limit - given))
    found = list(_found(store, asked, place, size + 1))
    events = [event | {"eventID": name} for _, name, event in found[:size]]
    if len(found) <= size or (limit is not None and given + size >= limit):
        return Page(events, None)
    time, name, _ = found[size - 1]
    return Page(events, _token(_Place(time, name, given + size)))


def once(parameters: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The parameters of an address, each of which may stand there once. Raises ``ValueError``."""
    found: dict[str, str] = {}
    for name, text in parameters:
        if name in found:
            raise ValueError(f"{name}: expected once, its values parted by |, got it again with {text[:60]!r}")
        found[name] = text
    return found


def document(events: list[Event], made_ms: int) -> dict[str, Any]:
    """The answer as an ``EPCISQueryDocument``."""
    made = dt.datetime.fromtimestamp(made_ms / 1000, dt.UTC).isoformat(timespec="milliseconds")
    return {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISQueryDocument",
        "schemaVersion": "2.0",
        "creationDate": made.replace("+00:00", "Z"),
        "epcisBody": {"queryResults": {"queryName": "SimpleEventQuery", "resultsBody": {"eventList": events}}},
    }


def _found(store: Store, asked: Asked, place: _Place | None, most: int) -> Iterator[tuple[int, str, Event]]:
    """The first ``most`` events behind a place, with time and id. What only the event itself tells is looked for page
    by page, so that no more is read than it takes.
    """
    rows = sa.select(_EVENT.time, _EVENT.id, _EVENT.body).where(_EVENT.retracted.is_(False), _EVENT.retracts == "")
    rows = rows.where(*asked.where).order_by(_EVENT.time, _EVENT.id)
    after = (place.time, place.id) if place is not None else None
    while most > 0:
        at_once = most if not asked.fits else max(most, MOST)
        part = rows.limit(at_once)
        if after is not None:
            part = part.where(sa.tuple_(_EVENT.time, _EVENT.id) > sa.tuple_(*map(sa.literal, after)))
        with store.read() as connection:
            read = connection.execute(part).all()
        for time, name, body in read:
            event = msgspec.json.decode(body)
            if most > 0 and all(fits(event) for fits in asked.fits):
                most -= 1
                yield time, name, event
        if len(read) < at_once:
            return
        after = (read[-1].time, read[-1].id)


def _number(parameters: Mapping[str, str], name: str, most: int) -> int | None:
    text = parameters.get(name)
    if text is None:
        return None
    if not text.isdecimal() or len(text) > 9 or not 1 <= int(text) <= most:
        raise ValueError(f"{name}: expected 1 to {most}, got {text[:60]!r}")
    return int(text)


def _token(place: _Place) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def _place(token: str | None) -> _Place | None:
    if token is None:
        return None
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)), type=_Place)
    except (ValueError, msgspec.MsgspecError) as error:
        raise ValueError(f"nextPageToken: expected one that a Link header gave, got {token[:60]!r}") from error
