"""Queries with the simple parameters of EPCIS 2.0 (8.2.7.1), as far as tracing needs them."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts.custody import tables
from alerts.store import Store
from records.digital_link import one_name

#: Taken: each with the values of the standard. ``eventCountLimit`` cuts the answer.
PARAMETERS = (
    "eventType", "GE_eventTime", "LT_eventTime", "EQ_bizStep", "EQ_bizLocation", "MATCH_anyEPC", "MATCH_anyEPCClass",
    "MATCH_parentID", "MATCH_inputEPC", "MATCH_outputEPC", "EQ_transformationID", "EQ_eventID", "eventCountLimit",
)  # fmt: skip
MOST = 1_000


def query(store: Store, parameters: Mapping[str, str]) -> list[dict[str, Any]]:
    """The events that fit all parameters, by event time; several values of one are parted by ``|`` and any may fit.
    Events that were declared wrong are left out, as are the declarations. Raises ``ValueError`` for a parameter or
    value that is none.
    """
    event, seen, link, use, called = (
        each.c
        for each in (
            tables.custody_event, tables.custody_seen, tables.custody_link, tables.custody_use, tables.custody_name,
        )
    )  # fmt: skip
    unknown = sorted(set(parameters) - set(PARAMETERS))
    if unknown:
        raise ValueError(f"{unknown[0]}: expected one of {', '.join(PARAMETERS)}")
    asked = sa.select(event.id, event.body).where(event.retracted.is_(False), event.retracts == "")
    limit = MOST
    for name, text in parameters.items():
        values = text.split("|")
        numbers = sa.select(called.number).where(called.name.in_(map(one_name, values)))
        match name:
            case "eventType":
                asked = asked.where(event.kind.in_(values))
            case "EQ_bizStep":
                asked = asked.where(event.step.in_(each.replace("#", ":").rpartition(":")[2] for each in values))
            case "EQ_eventID":
                asked = asked.where(event.id.in_(values))
            case "GE_eventTime":
                asked = asked.where(event.time >= _moment(name, text))
            case "LT_eventTime":
                asked = asked.where(event.time < _moment(name, text))
            case "EQ_bizLocation":
                asked = asked.where(event.number.in_(sa.select(seen.event).where(seen.place.in_(numbers))))
            case "MATCH_anyEPC" | "MATCH_anyEPCClass":
                asked = asked.where(event.number.in_(sa.select(seen.event).where(seen.element.in_(numbers))))
            case "MATCH_parentID":
                asked = asked.where(event.number.in_(sa.select(link.event).where(link.parent.in_(numbers))))
            case "MATCH_inputEPC" | "MATCH_outputEPC":
                side = tables.IN if name == "MATCH_inputEPC" else tables.OUT
                used = sa.select(use.event).where(use.element.in_(numbers), use.side == side)
                asked = asked.where(event.number.in_(used))
            case "EQ_transformationID":
                asked = asked.where(event.number.in_(sa.select(use.event).where(use.process.in_(numbers))))
            case _:
                if not text.isdecimal() or not 1 <= int(text) <= MOST:
                    raise ValueError(f"eventCountLimit: expected 1 to {MOST}, got {text!r}")
                limit = int(text)
    with store.read() as connection:
        rows = connection.execute(asked.order_by(event.time, event.id).limit(limit)).all()
    return [msgspec.json.decode(row.body) | {"eventID": row.id} for row in rows]


def document(events: list[dict[str, Any]], made_ms: int) -> dict[str, Any]:
    """The answer as an ``EPCISQueryDocument``."""
    made = dt.datetime.fromtimestamp(made_ms / 1000, dt.UTC).isoformat(timespec="milliseconds")
    return {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISQueryDocument",
        "schemaVersion": "2.0",
        "creationDate": made.replace("+00:00", "Z"),
        "epcisBody": {"queryResults": {"queryName": "SimpleEventQuery", "resultsBody": {"eventList": events}}},
    }


def _moment(name: str, text: str) -> int:
    try:
        parsed = dt.datetime.fromisoformat(text)
    except ValueError:
        parsed = None
    if parsed is None or parsed.tzinfo is None:
        raise ValueError(f"{name}: expected an ISO 8601 time with a zone, got {text[:60]!r}")
    return int(parsed.timestamp() * 1000)
