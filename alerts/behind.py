"""Hiding consequences behind their causes and showing them again, for all that changed in one write transaction."""

from abc import ABC, abstractmethod
from collections.abc import Iterable

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.alarm_row import AlarmRow
from alerts.at_hand import AtHand
from alerts.city import City
from alerts.groups import group_labels
from alerts.inhibition import Hiding, can_hide
from alerts.labels import seen
from alerts.lifecycle import Action, Hidden, Raised, Shown
from topics.finding import Finding


class Behind(AtHand, ABC):
    """The part of the work bench that keeps each open alarm behind a cause, if it has one that may stand for it."""

    def __init__(self, connection: sa.Connection, city: City) -> None:
        super().__init__(connection)
        self._city = city
        self._hiding = Hiding(city, self._alarms, self._load)
        self._hidden_now: set[str] = set()
        self._look_again: dict[str, None] = {}

    def look_again(self, names: Iterable[str]) -> None:
        """The rules may have changed: find anew behind which cause these belong, though nothing happened to them."""
        self._look_again |= dict.fromkeys(names)

    @abstractmethod
    def catch_up(self, name: str, time_ms: int) -> AlarmRow:
        """The alarm after all that time has done to it up to ``time_ms`` of city time."""

    @abstractmethod
    def _step(self, name: str, action: Action, finding: Finding | None) -> AlarmRow:
        """Step the alarm, log it, release what it calls for."""

    @abstractmethod
    def _note(self, name: str, action: str, time_ms: int, *, who: str | None = None, note: str = "") -> None:
        """A line of the alarm's log that changes no state."""

    def _enter(self, name: str, action: Raised) -> None:
        """An alarm that is about to open joins its group; if its cause is there it is hidden from the start."""
        alarm = self._alarms[name]
        opened = action.opened or action.time
        mine = seen(alarm, self._city, severity=action.severity, opened=opened)
        group = self._groups.join(alarm, group_labels(alarm, mine, self._city), opened)
        self._alarms[name] = alarm = msgspec.structs.replace(alarm, group_id=group)
        for cause, rule in self._hiding.causes_of(alarm, severity=action.severity, opened=opened):
            self._hide(name, cause, rule, action.time)
            return

    def _hide_and_show(self) -> None:
        """For everything that changed: behind which cause it belongs, and what belongs behind it.

        An alarm is hidden at most once in a transaction, so that rules that go in a circle come to an end, with
        something to be seen.
        """
        table = schema.alarm.c
        self._load(table.hidden_by.in_(list(self._touched)) & table.closed.is_(None))
        waiting = self._touched | self._look_again
        while waiting:
            name = next(iter(waiting))
            del waiting[name]
            time_ms = self._alarms[name].life.updated
            changed = [other for other in [name, *self._concerned(name)] if self._reconsider(other, time_ms)]
            waiting |= dict.fromkeys(changed)

    def _concerned(self, name: str) -> Iterable[str]:
        alarm = self._alarms[name]
        behind = [other.id for other in self._alarms.values() if other.life.hidden_by == name]
        return dict.fromkeys([*behind, *(self._hiding.consequences_of(alarm) if can_hide(alarm) else [])])

    def _reconsider(self, name: str, time_ms: int) -> bool:
        """Hide or show the alarm as its causes say; whether that changed anything."""
        life = self._alarms[name].life
        if life.closed is not None or life.opened is None:
            return False
        causes = dict(self._hiding.causes_of(self._alarms[name]))
        if life.hidden_by in causes or (life.hidden_by is None and not causes):
            return False
        life = self.catch_up(name, time_ms).life
        if life.closed is not None:
            return True
        if causes and name not in self._hidden_now:
            self._hide(name, *next(iter(causes.items())), time_ms)
            return True
        if life.hidden_by is None:
            return False
        self._note(life.hidden_by, "consequence-shown", time_ms, note=name)
        self._step(name, Shown(time_ms, "cause-over"), None)
        return True

    def _hide(self, name: str, cause: str, rule: str, time_ms: int) -> None:
        self._hidden_now.add(name)
        self._step(name, Hidden(time_ms, rule, cause), None)
        self._note(cause, "consequence-hidden", time_ms, note=name)
