"""Silences to and from their table."""

from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts.alarm_row import storable
from alerts.silences import tables
from alerts.silences.matcher import Matcher
from alerts.silences.silence import Silence

_MATCHERS = msgspec.json.Decoder(tuple[Matcher, ...])
_ANNOTATIONS = msgspec.json.Decoder(dict[str, str])


def to_row(silence: Silence, *, settled: bool = False) -> dict[str, Any]:
    """The columns of the table ``silence``."""
    return {
        "id": silence.id,
        "matchers": msgspec.json.encode(silence.matchers).decode(),
        "starts_at": silence.starts_at,
        "ends_at": silence.ends_at,
        "created_by": storable(silence.created_by),
        "comment": storable(silence.comment),
        "updated_at": silence.updated_at,
        "may_cover_top": silence.may_cover_top,
        "annotations": msgspec.json.encode(silence.annotations).decode(),
        "settled": settled,
    }


def from_row(row: Mapping[str, Any]) -> Silence:
    """The silence of a row."""
    return Silence(
        id=row["id"],
        matchers=_MATCHERS.decode(row["matchers"]),
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        created_by=row["created_by"],
        comment=row["comment"],
        updated_at=row["updated_at"],
        may_cover_top=row["may_cover_top"],
        annotations=_ANNOTATIONS.decode(row["annotations"]),
    )


def active(connection: sa.Connection, now_ms: int) -> list[Silence]:
    """The silences that hold at ``now_ms``."""
    table = tables.silence
    query = sa.select(table).where(table.c.starts_at <= now_ms, table.c.ends_at > now_ms).order_by(table.c.id)
    return [from_row(dict(row)) for row in connection.execute(query).mappings()]
