"""Which alarms changed since a line of the log, each with its own youngest line, so that a reader can stop anywhere."""

from typing import Any

import sqlalchemy as sa

from alerts import schema
from alerts.city import City
from alerts.store import Store
from alerts.views import alarm_view


class Changes:
    """Reads for the stream; each call is one short read of one moment."""

    def __init__(self, store: Store, city: City) -> None:
        self._store = store
        self._city = city

    def last(self) -> int:
        """The number of the youngest line of the log, 0 if there is none."""
        with self._store.read() as connection:
            return connection.execute(sa.select(sa.func.max(schema.alarm_log.c.id))).scalar() or 0

    def since(self, number: int, most: int) -> tuple[list[tuple[int, dict[str, Any]]], int, bool]:
        """``(line, alarm)`` of each alarm with lines after ``number`` in the order of those lines, the youngest line
        there is, and whether that is all of it. Where it is not, because it is more than ``most`` or nobody gave out
        such a number yet, none is given.
        """
        line, alarm = schema.alarm_log.c, schema.alarm
        youngest = (
            sa.select(line.alarm_id, sa.func.max(line.id).label("line"))
            .where(line.id > number)
            .group_by(line.alarm_id)
            .subquery()
        )
        query = (
            sa.select(alarm, youngest.c.line)
            .join(youngest, youngest.c.alarm_id == alarm.c.id)
            .order_by(youngest.c.line)
            .limit(most + 1)
        )
        with self._store.read() as connection:
            last = connection.execute(sa.select(sa.func.max(line.id))).scalar() or 0
            if last <= number:
                return [], last, last == number
            rows = connection.execute(query).mappings().all()
        if len(rows) > most:
            return [], last, False
        return [(row["line"], alarm_view(dict(row), self._city)) for row in rows], last, True
