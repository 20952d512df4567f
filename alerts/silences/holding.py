"""What silences hold back in one write transaction, and the record of it."""

import sqlalchemy as sa

from alerts.alarm_row import AlarmRow
from alerts.alertmanager.labels import label_sets
from alerts.city import City
from alerts.silences import tables
from alerts.silences.coverage import covering
from alerts.silences.rows import active
from alerts.silences.silence import Silence


class Holding:
    """Asked for each alarm that is about to be announced; ``write`` it once the alarms themselves are written.

    Silences hold in wall time (``wall_ms``): they are set by a person who looks at a clock.
    """

    def __init__(self, connection: sa.Connection, city: City, wall_ms: int) -> None:
        self._connection = connection
        self._city = city
        self._wall_ms = wall_ms
        self._active: list[Silence] | None = None
        self._rows: dict[tuple[str, str], Silence] = {}

    def silences(self, alarm: AlarmRow) -> list[Silence]:
        """The silences under which this alarm is not announced; none = it is announced."""
        if self._active is None:
            self._active = active(self._connection, self._wall_ms)
        if not self._active:
            return []
        sets = label_sets(self._connection, self._city, alarm)
        return covering(sets, self._active, self._wall_ms, top=is_top(self._city, alarm.domain, alarm.rank))

    def hold(self, alarm: AlarmRow, by: list[Silence]) -> list[Silence]:
        """Note that these keep the alarm from being announced; gives those that have not been noted with it yet."""
        table = tables.silence_hold.c
        query = sa.select(table.silence_id).where(table.alarm_id == alarm.id)
        noted = set(self._connection.execute(query).scalars())
        news = [each for each in by if each.id not in noted and (each.id, alarm.id) not in self._rows]
        self._rows |= {(each.id, alarm.id): each for each in news}
        return news

    def write(self) -> None:
        """Store what was noted."""
        if self._rows:
            rows = [{"silence_id": one, "alarm_id": other, "since": self._wall_ms} for one, other in self._rows]
            self._connection.execute(sa.insert(tables.silence_hold), rows)


def is_top(city: City, domain: str, rank: int) -> bool:
    """Whether a severity of this rank is the worst that the domain's scheme has."""
    return rank >= max(level.rank for level in city.scheme(domain).levels)
