"""The silences of one alarm, for its story: those that cover it now and those that have held something of it back."""

from typing import Any

import sqlalchemy as sa

from alerts import schema
from alerts.alarm_row import from_row as alarm_from_row
from alerts.city import City
from alerts.silences import tables
from alerts.silences.holding import Holding
from alerts.silences.rows import from_row
from alerts.silences.silence import Silence
from alerts.store import Store


def silences_of(store: Store, city: City, alarm: str, now_ms: int) -> list[dict[str, Any]] | None:
    """The youngest first; ``covers`` says whether it keeps the alarm quiet at ``now_ms`` of wall time, ``since`` when
    it first held something back (``None``: there was nothing). ``None`` if there is no such alarm.
    """
    with store.read() as connection:
        row = connection.execute(sa.select(schema.alarm).where(schema.alarm.c.id == alarm)).mappings().first()
        if row is None:
            return None
        now = [] if row["closed"] is not None else Holding(connection, city, now_ms).silences(alarm_from_row(dict(row)))
        held = _held(connection, alarm)
    found: dict[str, tuple[Silence, int | None]] = {**{each.id: (each, None) for each in now}, **held}
    covering = {each.id for each in now}
    views = [_view(one, since, one.id in covering, now_ms) for one, since in found.values()]
    return sorted(views, key=lambda view: (-view["starts_at"], view["id"]))


def held_by(connection: sa.Connection, alarm: str) -> list[dict[str, Any]]:
    """The silences that have held something of this alarm back, the first first, whether they still hold or not."""
    held = sorted(_held(connection, alarm).values(), key=lambda each: (each[1], each[0].id))
    names = ("id", "created_by", "comment", "starts_at", "ends_at")
    return [{name: getattr(silence, name) for name in names} | {"since": since} for silence, since in held]


def _held(connection: sa.Connection, alarm: str) -> dict[str, tuple[Silence, int]]:
    hold = tables.silence_hold
    query = sa.select(tables.silence, hold.c.since).join(hold).where(hold.c.alarm_id == alarm)
    return {each["id"]: (from_row(dict(each)), each["since"]) for each in connection.execute(query).mappings()}


def _view(silence: Silence, since: int | None, covers: bool, now_ms: int) -> dict[str, Any]:
    return {
        "id": silence.id,
        "state": silence.state(now_ms),
        "covers": covers,
        "since": since,
        "created_by": silence.created_by,
        "comment": silence.comment,
        "starts_at": silence.starts_at,
        "ends_at": silence.ends_at,
        "matchers": [str(each) for each in silence.matchers],
    }
