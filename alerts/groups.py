"""Groups: alarms that share the labels by which their domain groups, from the first that opens to the last that closes.

A group has an id of its own. A new alarm joins the open group of its labels or begins one; at most one group of the
same labels is open, which the database holds, whoever writes.
"""

import hashlib
from collections.abc import Iterable

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.alarm_row import AlarmRow
from alerts.city import City
from alerts.labels import Seen

DEFAULT_LABELS = ("domain", "site")


def group_labels(alarm: AlarmRow, seen: Seen, city: City) -> dict[str, str]:
    """The labels its domain groups by, with this alarm's values."""
    pack = city.domains.get(alarm.domain)
    names = pack.grouping if pack is not None else DEFAULT_LABELS
    return {name: seen.labels[name] for name in names}


def group_key(labels: dict[str, str]) -> str:
    """The same text for the same labels, whatever their order."""
    return msgspec.json.encode(labels, order="sorted").decode()


class Groups:
    """The groups that one write transaction needs."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._open: dict[str, str] = {}
        self._new: list[dict[str, object]] = []

    def join(self, alarm: AlarmRow, labels: dict[str, str], opened: int) -> str:
        """The id of the group that this new alarm is in."""
        key = group_key(labels)
        if key not in self._open:
            table = schema.alarm_group.c
            known = sa.select(table.id).where(table.key == key, table.closed.is_(None))
            name = self._connection.execute(known).scalar()
            if name is None:
                name = hashlib.blake2b(f"{key}\n{alarm.id}".encode(), digest_size=10).hexdigest()
                self._new.append({"id": name, "key": key, "labels": key, "opened": opened, "closed": None})
            self._open[key] = name
        return self._open[key]

    def write(self) -> None:
        """Insert the new ones; before the alarms that are in them."""
        if self._new:
            self._connection.execute(sa.insert(schema.alarm_group), self._new)
            self._new = []

    def settle(self, closed: Iterable[AlarmRow]) -> None:
        """Close the groups whose last alarm is among these; after the alarms are written."""
        ends: dict[str, int] = {}
        for alarm in closed:
            if alarm.group_id is not None and alarm.life.closed is not None:
                ends[alarm.group_id] = max(ends.get(alarm.group_id, 0), alarm.life.closed)
        if not ends:
            return
        group, alarm_table = schema.alarm_group, schema.alarm
        still_open = sa.select(alarm_table.c.id).where(
            alarm_table.c.group_id == sa.bindparam("which"), alarm_table.c.closed.is_(None)
        )
        change = (
            sa.update(group)
            .where(group.c.id == sa.bindparam("which"), group.c.closed.is_(None), ~still_open.exists())
            .values(closed=sa.bindparam("at"))
        )
        self._connection.execute(change, [{"which": name, "at": at} for name, at in sorted(ends.items())])
