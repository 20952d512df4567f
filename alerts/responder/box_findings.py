"""What sensors at boxes and tanks say, as alarms stood at any moment: for the yard's page and the responder's card."""

from collections.abc import Collection

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.store import Store
from topics.families import BOX_FAMILIES
from topics.finding import Finding, Text


class BoxFinding(msgspec.Struct, frozen=True):
    """Something that held then. ``subject`` is the container, the tank or, of many sensors lost at once, the area;
    ``since`` is event time, ms UTC.
    """

    alarm: str
    site: str
    subject: str
    detector: str
    severity: str
    text: Text
    since: int


def box_findings(store: Store, sites: Collection[str], time_ms: int | None) -> list[BoxFinding]:
    """What held at these sites at an event time (``None`` = after all that was told), the gravest and newest first.

    An alarm closes only after all its findings have: those still open then are among the alarms open then.
    """
    alarm, told = schema.alarm.c, schema.finding.c
    open_then: sa.ColumnElement[bool] = alarm.closed.is_(None)
    if time_ms is not None:
        open_then = sa.and_(alarm.opened <= time_ms, sa.or_(open_then, alarm.closed > time_ms))
    asked = (
        sa.select(told.body, alarm.id, alarm.rank)
        .join(schema.alarm, alarm.id == told.alarm_id)
        .where(alarm.family.in_(BOX_FAMILIES), alarm.site.in_(sites), open_then)
        .order_by(told.id, told.seq)
    )
    if time_ms is not None:
        asked = asked.where(told.time <= time_ms)
    newest: dict[str, tuple[int, BoxFinding]] = {}
    with store.read() as connection:
        for body, name, rank in connection.execute(asked):
            each = msgspec.json.decode(body, type=Finding)
            if each.phase == "close":
                newest.pop(each.id, None)
                continue
            newest[each.id] = (
                rank,
                BoxFinding(name, each.site, each.quantity, each.detector, each.severity, each.text, each.opened),
            )
    return [each for _, each in sorted(newest.values(), key=lambda row: (-row[0], -row[1].since, row[1].subject))]
