"""Keeps the desks' records in step with the alarm log of the store, and answers with figures in the city's words.

One reader follows the log by the number of its lines; what it has read is a fold of them, so that a server
that starts anew reads the same figures out of the same log.
"""

from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

import sqlalchemy as sa

from alerts import schema
from alerts.city import City
from alerts.kpi.annunciation import Line
from alerts.kpi.desks import DutyDesks
from alerts.kpi.figures import DAY_MS, HOUR_MS, figures
from alerts.kpi.mix import priorities
from alerts.kpi.record import CITY, Records
from alerts.safety_figures.points import MEASURED, points_of
from alerts.store import Store
from alerts.views import text_view
from records.safety_figures import Place, online_rates

#: The key figures need thirty days (IEC 62682); what is older leaves memory.
KEPT_MS = 31 * DAY_MS
#: Lines read in one go, so that nobody waits long for the lock.
PAGE = 5_000
#: The panel of the wall is made anew at most this often, and the log read for who is flooded (wall time).
PANEL_EVERY_MS = 2_000
FLOODED_EVERY_MS = 500


class DeskFigures:
    """The figures of all desks, live. Safe for several threads; ``wall_ms`` gives the wall time."""

    def __init__(self, store: Store, city: City, desks: DutyDesks, wall_ms: Callable[[], int]) -> None:
        self._store = store
        self._city = city
        self.desks = desks
        self._wall_ms = wall_ms
        self._records = Records(desks.rates)
        self._line = 0
        self._pruned = 0
        self._lock = Lock()
        self._panel: tuple[int, list[dict[str, Any]]] | None = None
        self._lately: tuple[int, dict[str, int]] | None = None
        self._priorities: dict[str, dict[str, str]] = {}

    @property
    def now(self) -> int:
        """City time; where no tick has been seen, the youngest line's (ms UTC)."""
        return self._city.time or self._records.last

    def catch_up(self) -> None:
        """Read what the log has that is not in the figures yet."""
        with self._lock:
            while len(lines := self._read()) == PAGE:
                self._follow(lines)
            self._follow(lines)

    def known(self) -> list[str]:
        """The names of the desks: the city, the ones of the split, and those of domains that have no other."""
        with self._lock:
            named = [each.name for each in self.desks.desk]
            domains = [name for name in self._city.domains if not self.desks.desk]
            return [CITY, *dict.fromkeys([*named, *sorted(domains), *self._records.desks])]

    def of(self, desk: str, start: int | None, end: int | None) -> dict[str, Any]:
        """The figures of a desk over (start, end]; without ``end`` up to now, without ``start`` of a day.

        Raises ``ValueError`` for a desk there is not, or a stretch that is empty.
        """
        self.catch_up()
        if desk not in (known := self.known()):
            raise ValueError(f"desk: expected one of {', '.join(known)}, got {desk!r}")
        with self._lock:
            end = self.now if end is None else end
            start = end - DAY_MS if start is None else start
            record = self._records.desk(desk)
            found = figures(record, start, end, self._priority)
            measured = sum(each.key.split("|")[-1] in MEASURED for each in record.between(start, end))
        found["points"] = self._points(desk, start, end, measured)
        bursts, stale, top = found["chattering"]["worst"], found["stale"]["oldest"], found["top"]["keys"]
        found["chattering"]["worst"] = [
            self._named(each.key) | {"alarms": each.alarms, "most": each.most} for each in bursts
        ]
        found["stale"]["oldest"] = [each | self._named(each["key"]) for each in stale]
        found["top"]["keys"] = [each | self._named(each["key"]) for each in top]
        return {"desk": desk, "title": self.title(desk), **found}

    def title(self, desk: str) -> dict[str, str]:
        """What a desk is called."""
        return text_view(self.desks.title(desk, {name: pack.title for name, pack in self._city.domains.items()}))

    def desk_of(self, domain: str, site: str) -> str:
        """The desk that answers an alarm of this domain and site."""
        return self.desks.of(domain, site, self._city.district(site))

    def flooded(self) -> dict[str, int]:
        """The desks in a flood now and since when (the whole city, which answers nothing, is not among them)."""
        with self._lock:
            found = {}
            for name in self._records.desks:
                floods = self._records.desk(name).floods.until(self.now)
                if floods and floods[-1].end is None:
                    found[name] = floods[-1].start
            return found

    def flooded_lately(self) -> dict[str, int]:
        """The same for whoever asks of every warning: the log is read for it a few times a second at most."""
        now = self._wall_ms()
        if self._lately is None or not 0 <= now - self._lately[0] < FLOODED_EVERY_MS:
            self.catch_up()
            self._lately = (now, self.flooded())
        return self._lately[1]

    def panel(self) -> list[dict[str, Any]]:
        """A line for each desk on the wall: the rate, the flood, the last hour, what waits."""
        with self._lock:
            if self._panel is not None and 0 <= self._wall_ms() - self._panel[0] < PANEL_EVERY_MS:
                return self._panel[1]
        self.catch_up()
        known = self.known()
        with self._lock:
            made = [self._panel_line(name) for name in known] if self.now else []
            self._panel = (self._wall_ms(), made)
        return made

    def _points(self, desk: str, start: int, end: int, measured: int) -> dict[str, Any]:
        """What the desk watches over: points, their online rate, and alarms of instruments a point and day."""
        points = []
        with self._store.read() as connection:
            for domain in self._city.domains:
                places = {
                    site.id: Place(site.id, "", site.district)
                    for site in self._city.registry.sites()
                    if site.domain == domain and desk in (CITY, self.desk_of(domain, site.id))
                }
                points += points_of(connection, self._city.registry, domain, places, start, end)
        online, days = online_rates(points, start, end)
        rate = round(measured / days, 6) if days else None
        return online | {"alarms_of_instruments": measured, "alarms_per_point_day": rate}

    def _panel_line(self, desk: str) -> dict[str, Any]:
        now, record = self.now, self._records.desk(desk)
        hour = figures(record, now - HOUR_MS, now, self._priority)
        floods = record.floods.until(now)
        return {
            "desk": desk,
            "title": self.title(desk),
            "now": hour["now"],
            "last_hour": hour["alarms"],
            "peak": hour["peak"]["alarms"],
            "flood": {
                "on": hour["flood"]["on"],
                "since": hour["flood"]["since"],
                "share_of_day": round(sum(flood.overlap(now - DAY_MS, now) for flood in floods) / DAY_MS, 6),
            },
            "chattering": hour["chattering"]["keys"],
            "stale": hour["stale"]["now"],
            "waiting": hour["unacknowledged"]["waiting"],
            "oldest_waiting_s": hour["unacknowledged"]["oldest_s"],
        }

    def _read(self) -> list[Any]:
        line, alarm = schema.alarm_log.c, schema.alarm.c
        query = (
            sa.select(
                line.id, line.alarm_id, line.time, line.action, line.from_state, line.to_state, line.severity,
                alarm.key, alarm.domain, alarm.site,
            )
            .join(schema.alarm, alarm.id == line.alarm_id)
            .where(line.id > self._line)
            .order_by(line.id)
            .limit(PAGE)
        )  # fmt: skip
        with self._store.read() as connection:
            return list(connection.execute(query))

    def _follow(self, rows: list[Any]) -> None:
        for row in rows:
            self._records.follow(
                Line(
                    row.alarm_id,
                    row.key,
                    self.desk_of(row.domain, row.site),
                    row.time,
                    row.action,
                    row.from_state,
                    row.to_state,
                    row.severity,
                    self._city.rank(row.domain, row.severity),
                )
            )
            self._line = row.id
        if rows and self._records.last - self._pruned > DAY_MS:
            self._pruned = self._records.last
            self._records.forget(self._pruned - KEPT_MS)

    def _priority(self, severity: str, key: str) -> str:
        domain = key.partition("|")[0]
        scheme = self._city.scheme(domain)
        if scheme.name not in self._priorities:
            levels = sorted(scheme.levels, key=lambda level: level.rank)
            self._priorities[scheme.name] = priorities([level.code for level in levels])
        known: Mapping[str, str] = self._priorities[scheme.name]
        return known.get(severity, list(known.values())[-1])  # an unknown code ranks as the worst

    def _named(self, key: str) -> dict[str, Any]:
        """A key with its parts and their titles."""
        domain, site, quantity, family = [*key.split("|"), "", "", "", ""][:4]
        return {
            "key": key,
            "domain": domain,
            "site": site,
            "quantity": quantity,
            "family": family,
            "site_title": text_view(self._city.site_title(site)),
            "quantity_title": text_view(self._city.quantity_title(domain, quantity)),
        }
