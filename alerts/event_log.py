"""The life of alarms on its way out: lines of their log as messages for the topic, each at least once and in order.

The log is the outbox (alerts/published_log.py).
"""

import sqlalchemy as sa

from alerts import schema
from alerts.published_log import PublishedLog
from alerts.store import Store
from topics.alarm_event import TOPIC, AlarmEvent

#: So many lines are read at once; the place up to which the topic is written is noted once for all of them.
BATCH = 200


class EventLog(PublishedLog):
    """Every line of the log that tells of an alarm's life."""

    topic = TOPIC

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._last = 0

    def unsaid(self, limit: int = BATCH) -> list[tuple[int, AlarmEvent]]:
        """The next lines of alarms' lives with their numbers; notes that change nothing are passed over."""
        log = schema.alarm_log.c
        with self._store.read() as connection:
            query = (
                sa.select(schema.alarm_log, *_ALARM)
                .join_from(schema.alarm_log, schema.alarm, log.alarm_id == schema.alarm.c.id)
                .where(log.id > self._seen, log.body != "")
                .order_by(log.id)
                .limit(limit)
            )
            found = [(row.id, self._said(row)) for row in connection.execute(query)]
        self._last = found[-1][0] if found else self._seen
        return found

    def kept(self, line: int) -> None:
        """The broker has kept this line and all before it; noted once for each reading of the log."""
        if line == self._last:
            super().kept(line)

    def _said(self, row: "sa.Row[tuple[object, ...]]") -> AlarmEvent:
        return AlarmEvent(
            id=f"{self._store.id}-{row.id}",
            alarm=row.alarm_id,
            domain=row.domain,
            site=row.site,
            quantity=row.quantity,
            family=row.family,
            action=row.action,
            severity=row.severity,
            time=row.time,
            wall=row.wall,
            who=row.who or "",
            note=row.note,
            before=row.from_state,
            after=row.to_state,
        )


_ALARM = [schema.alarm.c[name] for name in ("domain", "site", "quantity", "family")]
