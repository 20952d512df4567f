"""Reading groups of alarms: which are open, how bad they are, and what is in one of them."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.accounts.jurisdiction import WHOLE_CITY, Jurisdiction
from alerts.accounts.subjects import visible_alarms
from alerts.alarm_list import Which, after, cursor_of
from alerts.city import City
from alerts.store import Store
from alerts.views import alarm_view


class GroupQueries:
    """Reads for the interface; only alarms of the caller's jurisdiction count, and groups that have some."""

    def __init__(self, store: Store, city: City) -> None:
        self._store = store
        self._city = city

    def listed(
        self, which: Which, limit: int, within: Jurisdiction = WHOLE_CITY, cursor: str | None = None
    ) -> dict[str, Any]:
        """``items``, the groups, the youngest first; ``next`` asks for what comes after them, if there is more.

        Raises ``ValueError`` for a cursor that is none of ours.
        """
        table, alarm = schema.alarm_group, schema.alarm.c
        visible = sa.select(alarm.id).where(alarm.group_id == table.c.id, visible_alarms(within, self._city))
        query = sa.select(table).order_by(table.c.opened.desc(), table.c.id.desc()).limit(limit + 1)
        if cursor is not None:
            query = query.where(after(cursor, table))
        if which != "all":
            query = query.where(table.c.closed.is_(None) if which == "open" else table.c.closed.is_not(None))
        if not within.whole:
            query = query.where(visible.exists())
        with self._store.read() as connection:
            found = connection.execute(query).mappings().all()
            groups = found[:limit]
            counts = self._counts(connection, [group["id"] for group in groups], within)
        more = cursor_of(groups[-1]["opened"], groups[-1]["id"]) if len(found) > limit else None
        return {"items": [_view(dict(group), counts.get(group["id"], [])) for group in groups], "next": more}

    def one(self, name: str, limit: int, within: Jurisdiction = WHOLE_CITY) -> dict[str, Any] | None:
        """A group with its alarms, the youngest first; ``None`` where there is none to see."""
        table, alarm = schema.alarm_group, schema.alarm
        mine = sa.and_(alarm.c.group_id == name, visible_alarms(within, self._city))
        query = sa.select(alarm).where(mine).order_by(alarm.c.opened.desc(), alarm.c.id.desc()).limit(limit)
        with self._store.read() as connection:
            group = connection.execute(sa.select(table).where(table.c.id == name)).mappings().first()
            alarms = connection.execute(query).mappings().all() if group is not None else []
            counts = self._counts(connection, [name], within)
        if group is None or not alarms:
            return None
        return _view(dict(group), counts[name]) | {"alarms": [alarm_view(dict(row), self._city) for row in alarms]}

    def _counts(
        self, connection: sa.Connection, names: Sequence[str], within: Jurisdiction
    ) -> dict[str, list[dict[str, Any]]]:
        alarm = schema.alarm.c
        kinds = (alarm.group_id, alarm.state, alarm.severity, alarm.rank, alarm.hidden_by.is_not(None).label("hidden"))
        query = sa.select(*kinds, sa.func.count().label("count")).where(
            alarm.group_id.in_(names), visible_alarms(within, self._city)
        )
        found: dict[str, list[dict[str, Any]]] = {}
        for row in connection.execute(query.group_by(*kinds)).mappings():
            found.setdefault(row["group_id"], []).append(dict(row))
        return found


def _view(group: dict[str, Any], counts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    still_open = [row for row in counts if row["state"] != "normal"]
    worst = max(still_open or counts, key=lambda row: row["rank"], default=None)
    return {
        "id": group["id"],
        "labels": msgspec.json.decode(group["labels"]),
        "opened": group["opened"],
        "closed": group["closed"],
        "severity": worst["severity"] if worst is not None else None,
        "count": sum(row["count"] for row in counts),
        "open": sum(row["count"] for row in still_open),
        "unacknowledged": sum(
            row["count"] for row in still_open if row["state"] in ("unacknowledged", "returned-unacknowledged")
        ),
        "hidden": sum(row["count"] for row in still_open if row["hidden"]),
    }
