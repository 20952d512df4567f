"""The wall: how each domain stands now, from the workers' pulses and the open alarms.

It never shows green because a feed died: a domain whose worker says nothing is ``dead``, one whose
worker lives but whose readings have stopped (in city time) is ``silent``.
"""

from collections.abc import Callable
from threading import Lock
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.accounts.jurisdiction import WHOLE_CITY, Jurisdiction
from alerts.accounts.subjects import visible_alarms
from alerts.city import City
from alerts.latency import Latency
from alerts.report import deliveries
from alerts.store import Store
from alerts.views import text_view
from topics.domain import Domain
from topics.pulse import Pulse

#: A worker speaks once a second of wall time; after this long it is taken for dead.
DEAD_AFTER_MS = 10_000
#: A domain is silent when nothing came for this many of its shortest intervals, and at least this long.
SILENT_AFTER_INTERVALS = 10
SILENT_AFTER_MS = 120_000
#: The replay's speed is measured over this much wall time.
SPEED_OVER_MS = 5_000
SHOW_EVERY_MS = 200

#: The states that somebody must still answer.
WAITING = ("unacknowledged", "returned-unacknowledged")

Status = Literal["live", "silent", "dead"]


class Heard(msgspec.Struct):
    """The last pulse of one worker for one domain and when it came (our wall time, not the worker's)."""

    pulse: Pulse
    at: int


class Wall:
    """Keeps what the workers say and makes the wall's object of it. ``wall_ms`` gives the wall time, ``desks`` the
    lines of the duty desks (kpi/follow.py).
    """

    def __init__(
        self,
        store: Store,
        city: City,
        latency: Latency,
        wall_ms: Callable[[], int],
        desks: Callable[[], list[dict[str, Any]]] = list,
    ) -> None:
        self._store = store
        self._city = city
        self._latency = latency
        self._wall_ms = wall_ms
        self._desks = desks
        self._heard: dict[tuple[str, str], Heard] = {}
        self._ticks: list[tuple[int, int]] = []
        self._lock = Lock()
        self._shown: dict[str, tuple[int, dict[str, Any]]] = {}
        self.dead_lettered = 0

    def hear(self, pulse: Pulse) -> None:
        """A worker spoke."""
        self._heard[pulse.worker, pulse.domain] = Heard(pulse, self._wall_ms())

    def tick(self, city_ms: int) -> None:
        """City time moved on."""
        now = self._wall_ms()
        self._city.tick(city_ms)
        self._ticks.append((now, city_ms))
        while len(self._ticks) > 2 and self._ticks[1][0] < now - SPEED_OVER_MS:
            self._ticks.pop(0)

    def speed(self) -> float:
        """City seconds per wall second of late; 1 until two ticks were seen."""
        if len(self._ticks) < 2 or self._ticks[-1][0] == self._ticks[0][0]:
            return 1.0
        (wall_start, city_start), (wall_end, city_end) = self._ticks[0], self._ticks[-1]
        return round((city_end - city_start) / (wall_end - wall_start), 1)

    def show(self, within: Jurisdiction = WHOLE_CITY) -> dict[str, Any]:
        """The object of ``GET /api/wall`` as those of a jurisdiction see it; made anew at most every
        ``SHOW_EVERY_MS``, however many look at it.
        """
        with self._lock:
            now, key = self._wall_ms(), within.key()
            self._shown = {name: each for name, each in self._shown.items() if 0 <= now - each[0] < SHOW_EVERY_MS}
            if key not in self._shown:
                self._shown[key] = (now, self._make(within))
            return self._shown[key][1]

    def _make(self, within: Jurisdiction) -> dict[str, Any]:
        mine = sa.true() if within.whole else visible_alarms(within, self._city)
        with self._store.read() as connection:
            alarms = _open_alarms(connection, mine)
            owed = deliveries(connection, None if within.whole else mine)
        # A domain in which nothing is measured and nothing happens has no feed that could live or die.
        watched = [each for each in self._city.domains.values() if each.quantities or each.events]
        domains = [each for each in watched if within.has_domain(each.name)]
        return {
            "city_time": self._city.time or None,
            "simulated": self._city.simulated,
            "speed": self.speed(),
            "domains": [
                self._domain(domain, [row for row in alarms if row.domain == domain.name])
                for domain in sorted(domains, key=lambda each: (each.order, each.name))
            ],
            "totals": {
                "open": sum(row.count for row in alarms),
                "unacknowledged": sum(row.count for row in alarms if row.state in WAITING),
                **owed,
                "dead_lettered": self.dead_lettered,
            },
            "desks": self._desks() if within.whole else [],
            "latency_ms": self._latency.at(50, 99),
        }

    def status(self, domain: Domain) -> Status:
        """Whether the domain's feed lives; see the constants for how long it may be quiet."""
        heard = [each for (_, name), each in self._heard.items() if name == domain.name]
        if not any(self._wall_ms() - each.at <= DEAD_AFTER_MS for each in heard):
            return "dead"
        last = max(each.pulse.last_reading for each in heard)
        shortest_s = min((quantity.interval_s for quantity in domain.quantities.values()), default=0.0)
        allowed_ms = max(SILENT_AFTER_MS, SILENT_AFTER_INTERVALS * shortest_s * 1000)
        return "live" if last and self._city.time - last <= allowed_ms else "silent"

    def _domain(self, domain: Domain, alarms: list[Any]) -> dict[str, Any]:
        heard = [each.pulse for (_, name), each in self._heard.items() if name == domain.name]
        by_severity: dict[str, int] = {}
        for row in alarms:
            by_severity[row.severity] = by_severity.get(row.severity, 0) + row.count
        return {
            "name": domain.name,
            "title": text_view(domain.title),
            "status": self.status(domain),
            "last_reading": max((pulse.last_reading for pulse in heard), default=0) or None,
            "readings": sum(pulse.readings for pulse in heard),
            "events": sum(pulse.events for pulse in heard),
            "lag": sum(pulse.lag for pulse in heard),
            "alarms": by_severity,
            "unacknowledged": sum(row.count for row in alarms if row.state in WAITING),
            "tiles": [self._tile(domain, alarms, tile.title, tile.quantities) for tile in domain.wall],
        }

    def _tile(self, domain: Domain, alarms: list[Any], title: Any, quantities: tuple[str, ...]) -> dict[str, Any]:
        mine = [row for row in alarms if row.quantity in quantities]
        worst = max((row.severity for row in mine), key=lambda code: self._city.rank(domain.name, code), default=None)
        return {
            "title": text_view(title),
            "quantities": [
                {"name": name, "title": text_view(self._city.quantity_title(domain.name, name))} for name in quantities
            ],
            "severity": worst,
            "alarms": sum(row.count for row in mine),
            "unacknowledged": sum(row.count for row in mine if row.state in WAITING),
        }


def _open_alarms(connection: sa.Connection, mine: sa.ColumnElement[bool]) -> list[Any]:
    table = schema.alarm.c
    groups = (table.domain, table.severity, table.state, table.quantity)
    # What is hidden stands behind its cause, and what is delayed may yet be nothing.
    seen = table.closed.is_(None) & table.hidden_by.is_(None) & (table.state != "delayed")
    query = sa.select(*groups, sa.func.count().label("count")).where(seen, mine).group_by(*groups)
    return list(connection.execute(query))
