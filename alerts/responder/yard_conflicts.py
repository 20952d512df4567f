"""Which boxes of a yard stood too close to what they must be away from, as alarms stood at any moment."""

from collections.abc import Collection

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.store import Store
from topics.finding import Finding, Text

FAMILY = "segregation"


class Conflict(msgspec.Struct, frozen=True):
    """A conflict that held then, as it was last told: ``finding`` is its id, ``alarm`` the alarm it is part of."""

    finding: str
    alarm: str
    text: Text


class YardConflicts(msgspec.Struct, frozen=True):
    """Container → the findings of its conflicts, each with its last number and its alarm."""

    of_box: dict[str, list[tuple[str, int, str]]]

    @property
    def boxes(self) -> frozenset[str]:
        """All that stood too close to something."""
        return frozenset(self.of_box)


def yard_conflicts(store: Store, site: str, time_ms: int | None) -> YardConflicts:
    """What held at an event time (``None`` = after all that was told). A full yard may have tens of thousands of them,
    so their words are left where they are: ``words_of`` reads those of the boxes that are shown.
    """
    alarm, told = schema.alarm.c, schema.finding.c
    open_then: sa.ColumnElement[bool] = alarm.closed.is_(None)
    if time_ms is not None:
        open_then = sa.and_(alarm.opened <= time_ms, sa.or_(open_then, alarm.closed > time_ms))
    asked = (
        sa.select(told.id, told.seq, told.phase, told.subject, told.alarm_id)
        .join(schema.alarm, alarm.id == told.alarm_id)
        .where(alarm.family == FAMILY, alarm.site == site, open_then)
        .order_by(told.id, told.seq)
    )
    if time_ms is not None:
        asked = asked.where(told.time <= time_ms)
    last: dict[str, tuple[int, str, str]] = {}
    with store.read() as connection:
        for name, number, phase, subject, of_alarm in connection.execute(asked):
            if phase == "close":
                last.pop(name, None)
            else:
                last[name] = number, subject, of_alarm
    of_box: dict[str, list[tuple[str, int, str]]] = {}
    for name, (number, subject, of_alarm) in last.items():
        for container in dict.fromkeys(subject.removeprefix(f"{site}/").split("+")):
            of_box.setdefault(container, []).append((name, number, of_alarm))
    return YardConflicts(of_box)


def words_of(
    store: Store, found: YardConflicts, containers: Collection[str], most: int
) -> dict[str, tuple[list[Conflict], int]]:
    """Of each of these containers ``most`` conflicts, and how many it has."""
    mine = {each: found.of_box[each] for each in containers if each in found.of_box}
    wanted = sorted({(name, number) for all_of in mine.values() for name, number, _ in all_of[:most]})
    if not wanted:
        return {}
    told = schema.finding.c
    asked = sa.select(told.body).where(sa.tuple_(told.id, told.seq).in_(wanted))
    with store.read() as connection:
        texts = {
            each.id: each.text
            for body in connection.execute(asked).scalars()
            for each in [msgspec.json.decode(body, type=Finding)]
        }
    return {
        container: ([Conflict(name, alarm, texts[name]) for name, _, alarm in all_of[:most]], len(all_of))
        for container, all_of in mine.items()
    }
