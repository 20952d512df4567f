"""What people do: acknowledge an alarm, with who, when (city time) and a note; change whom a pack tells what."""

from collections.abc import Callable

import sqlalchemy as sa

from alerts.alarm_row import AlarmRow, storable
from alerts.city import City
from alerts.lifecycle import Acknowledged
from alerts.store import Store
from alerts.workbench import Workbench


class Desk:
    """The duty officers' hand on the store. ``wall_ms`` gives the wall time."""

    def __init__(self, store: Store, city: City, sender: str, wall_ms: Callable[[], int]) -> None:
        self._store = store
        self._city = city
        self._sender = sender
        self._wall_ms = wall_ms

    def acknowledge(self, alarm_id: str, who: str, note: str) -> AlarmRow | None:
        """Take an alarm on; ``None`` if there is none with this id.

        Raises ``lifecycle.NotAllowed`` with the reason where its state does not take it.
        """
        return self._store.write(lambda connection: self._acknowledge(connection, alarm_id, who, note))

    def review(self, domain: str) -> int:
        """A pack has come or changed: release to whom it now sends the open alarms of its domain; how many changed."""
        return self._store.write(lambda connection: self._review(connection, domain))

    def _review(self, connection: sa.Connection, domain: str) -> int:
        bench = Workbench(connection, self._store, self._city, self._sender, self._wall_ms())
        for alarm in bench.load_domain(domain):
            bench.review(alarm.id, max(self._city.time, alarm.life.updated))
        return len(bench.finish())

    def _acknowledge(self, connection: sa.Connection, alarm_id: str, who: str, note: str) -> AlarmRow | None:
        wall_ms = self._wall_ms()
        bench = Workbench(connection, self._store, self._city, self._sender, wall_ms)
        alarm = bench.alarm(alarm_id)
        if alarm is None:
            return None
        # Where no tick has been seen yet the alarm's own last time is the best there is of city time.
        time_ms = max(self._city.time, alarm.life.updated)
        after = bench.apply(alarm_id, Acknowledged(time_ms, storable(who), storable(note)))
        bench.finish()
        return after
