"""Which boxes of a yard stood longer than their class may, as alarms stood at any moment."""

import sqlalchemy as sa

from alerts import schema
from alerts.store import Store

FAMILY = "dwell"


def yard_overdue(store: Store, site: str, time_ms: int | None) -> frozenset[str]:
    """The containers past their limit at an event time (``None`` = after all that was told): each that an open alarm
    has told of and not ended, by its findings up to then.
    """
    alarm, told = schema.alarm.c, schema.finding.c
    open_then: sa.ColumnElement[bool] = alarm.closed.is_(None)
    if time_ms is not None:
        open_then = sa.and_(alarm.opened <= time_ms, sa.or_(open_then, alarm.closed > time_ms))
    asked = (
        sa.select(told.id, told.phase, told.subject)
        .join(schema.alarm, alarm.id == told.alarm_id)
        .where(alarm.family == FAMILY, alarm.site == site, open_then)
        .order_by(told.id, told.seq)
    )
    if time_ms is not None:
        asked = asked.where(told.time <= time_ms)
    last: dict[str, str] = {}
    with store.read() as connection:
        for name, phase, subject in connection.execute(asked):
            if phase == "close":
                last.pop(name, None)
            else:
                last[name] = subject.removeprefix(f"{site}/")
    return frozenset(last.values())
