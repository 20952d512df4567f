"""What people do about alarms, and what time does; change whom a pack tells what."""

from collections.abc import Callable, Sequence

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.alarm_row import AlarmRow, storable
from alerts.city import City
from alerts.lifecycle import Acknowledged, Action, Alarm, NotAllowed
from alerts.store import Store
from alerts.workbench import Workbench
from topics.unit_state import FAMILIES, UnitState

#: One transaction steps at most this many alarms by time, so that findings never wait long behind it.
AT_ONCE = 200

#: Makes the action of an alarm as it stands, at this city time (ms UTC). Raises ``NotAllowed`` where it takes none.
MakeAction = Callable[[Alarm, int], Action]


class Done(msgspec.Struct, frozen=True):
    """What came of an action on one of many alarms: ``alarm`` is None where there is none with this id."""

    id: str
    alarm: AlarmRow | None
    refused: NotAllowed | None = None


class Desk:
    """The duty officers' hand on the store. ``wall_ms`` gives the wall time."""

    def __init__(self, store: Store, city: City, sender: str, wall_ms: Callable[[], int]) -> None:
        self._store = store
        self._city = city
        self._sender = sender
        self._wall_ms = wall_ms

    def act(self, alarm_id: str, make: MakeAction) -> AlarmRow | None:
        """Do to the alarm what ``make`` gives for it; ``None`` if there is none with this id.

        Raises ``NotAllowed`` with the reason where its state does not take it; nothing has changed then.
        """
        (done,) = self.act_on_all([alarm_id], make)
        if done.refused is not None:
            raise done.refused
        return done.alarm

    def act_on_all(self, alarm_ids: Sequence[str], make: MakeAction) -> list[Done]:
        """Do it to each of these in one transaction; one that is refused holds back no other."""
        return self._store.write(lambda connection: self._act_on_all(connection, alarm_ids, make))

    def acknowledge(self, alarm_id: str, who: str, note: str) -> AlarmRow | None:
        """Take an alarm on; otherwise as ``act``."""
        return self.act(alarm_id, lambda _, time_ms: Acknowledged(time_ms, storable(who), storable(note)))

    def on_time(self) -> list[str]:
        """Let city time act on the alarms that it is due for; the ids of those that changed."""
        now = self._city.time
        due = sa.select(sa.exists().where(schema.alarm.c.due <= now))
        with self._store.read() as connection:
            if not now or not connection.execute(due).scalar():
                return []
        return self._store.write(lambda connection: self._on_time(connection, now))

    def review(self, domain: str) -> int:
        """A pack has come or changed: release to whom it now sends the open alarms of its domain; how many changed."""
        return self._store.write(lambda connection: self._review(connection, domain))

    def heed(self, state: UnitState) -> int:
        """A unit says what it is: suppress by design what that makes meaningless of the open alarms of its site, and
        let go what it does no longer; how many changed.
        """
        if not self._city.units.put(state):
            return 0
        return self._store.write(lambda connection: self._heed(connection, state))

    def _bench(self, connection: sa.Connection) -> Workbench:
        return Workbench(connection, self._store, self._city, self._sender, self._wall_ms())

    def _act_on_all(self, connection: sa.Connection, alarm_ids: Sequence[str], make: MakeAction) -> list[Done]:
        bench = self._bench(connection)
        bench.load(alarm_ids)
        done = [self._act(bench, alarm_id, make) for alarm_id in alarm_ids]
        bench.finish()
        return done

    def _act(self, bench: Workbench, alarm_id: str, make: MakeAction) -> Done:
        alarm = bench.alarm(alarm_id)
        if alarm is None:
            return Done(alarm_id, None)
        # Where no tick has been seen yet the alarm's own last time is the best there is of city time.
        time_ms = max(self._city.time, alarm.life.updated)
        alarm = bench.catch_up(alarm_id, time_ms)
        try:
            return Done(alarm_id, bench.apply(alarm_id, make(alarm.life, time_ms)))
        except NotAllowed as error:
            return Done(alarm_id, alarm, error)

    def _on_time(self, connection: sa.Connection, now: int) -> list[str]:
        bench = self._bench(connection)
        for alarm in bench.load_due(now, AT_ONCE):
            bench.catch_up(alarm.id, now)
        return bench.finish()

    def _heed(self, connection: sa.Connection, state: UnitState) -> int:
        bench = self._bench(connection)
        for alarm in bench.load_site(state.domain, state.site, FAMILIES):
            time_ms = max(state.time, alarm.life.updated)
            life = bench.catch_up(alarm.id, time_ms).life
            lasting = bench.last_messages([*life.findings, *life.by_design])
            asked = self._city.units.asked(life, lasting, time_ms)
            for finding, action in asked or self._city.units.in_vain(life, bench.findings_of(alarm.id), time_ms):
                bench.apply(alarm.id, action, finding)
        return len(bench.finish())

    def _review(self, connection: sa.Connection, domain: str) -> int:
        bench = self._bench(connection)
        alarms = bench.load_domain(domain)
        bench.look_again(alarm.id for alarm in alarms)
        for alarm in alarms:
            bench.review(alarm.id, max(self._city.time, alarm.life.updated))
        return len(bench.finish())
