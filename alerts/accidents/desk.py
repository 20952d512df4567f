"""Accidents in the store: opened, reported, passed up and climbed, each event chained in the ledger."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.accidents import tables
from alerts.accidents.terms import terms_of
from alerts.accounts.jurisdiction import WHOLE_CITY, Jurisdiction
from alerts.case_events import CaseEvents
from alerts.city import City
from alerts.store import Store
from records.accident_duties import lapses, next_lapse, owed
from records.accident_events import Event, Linked, Opened
from records.accident_terms import Terms
from records.accidents import Case, fold, step
from topics.city_zone import CITY_ZONE

_EVENT: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


class Accidents:
    """All cases. ``wall_ms`` gives the wall time; the clocks of cases run in city time."""

    def __init__(self, store: Store, city: City, wall_ms: Callable[[], int]) -> None:
        self.store = store
        self.city = city
        self._events = CaseEvents(tables.accident_event, _EVENT.decode, wall_ms)

    def terms(self, domain: str) -> Terms:
        """The terms that hold for an accident of this domain."""
        return terms_of(self.city, domain)

    def open(self, opened: Opened) -> str:
        """Open a case; gives its id, the district, the day it happened and a number within them.

        Raises ``Refused`` for times that cannot be, ``LookupError`` for a kind or an alarm there is not.
        """
        terms = self.terms(opened.domain)
        case = step(None, opened, terms)

        def work(connection: sa.Connection) -> str:
            self._require_alarms(connection, opened.alarms)
            name = self._next_id(connection, opened)
            row = {
                "id": name, "domain": opened.domain, "site": opened.site, "firm": opened.firm,
                "district": opened.district, "kind": opened.kind, "occurred": opened.occurred, "known": opened.known,
            }  # fmt: skip
            connection.execute(sa.insert(tables.accident).values(row | _standing(case, terms, 1)))
            self._events.write(connection, name, 1, opened)
            self._link(connection, name, opened.alarms)
            return name

        return self.store.write(work)

    def act(self, name: str, event: Event) -> Case:
        """One event of a case. Raises ``Refused`` where its state does not allow it, ``LookupError`` where there is
        no such case or alarm.
        """

        def work(connection: sa.Connection) -> Case:
            events = self._events.read(connection, name)
            terms = self._terms_of(name, events)
            after = step(fold(events, terms), event, terms)
            if isinstance(event, Linked):
                self._require_alarms(connection, event.alarms)
                self._link(connection, name, event.alarms)
            self._events.write(connection, name, len(events) + 1, event)
            table = tables.accident
            values = _standing(after, terms, len(events) + 1)
            connection.execute(sa.update(table).where(table.c.id == name).values(values))
            return after

        return self.store.write(work)

    def on_time(self) -> list[str]:
        """Let city time act: what is overdue climbs, each step once. Gives the ids of the cases that climbed."""
        now, table = self.city.time, tables.accident.c
        asked = sa.select(table.id).where(table.due < now)
        with self.store.read() as connection:
            late = list(connection.execute(asked).scalars())
        climbed = []
        for name in late:
            found = lapses(self.case(name), self._terms_of(name, self.events(name)), now)
            for lapse in found:
                self.act(name, lapse)
            climbed += [name] if found else []
        return climbed

    def case(self, name: str) -> Case:
        """Where it stands. Raises ``LookupError`` where there is none of this name."""
        events = self.events(name)
        return fold(events, self._terms_of(name, events))

    def events(self, name: str) -> list[Event]:
        """Its events in order; empty where there is none."""
        with self.store.read() as connection:
            return self._events.read(connection, name)

    def cases(self, within: Jurisdiction = WHOLE_CITY) -> dict[str, Case]:
        """Every case that was not withdrawn, by id, in the order in which the accidents happened."""
        return {name: case for name, case in self._all(within).items() if case.state != "withdrawn"}

    def listed(
        self,
        within: Jurisdiction = WHOLE_CITY,
        *,
        state: str = "",
        grade: str = "",
        overdue: bool = False,
        site: str = "",
        alarm: str = "",
        limit: int = 200,
    ) -> list[str]:
        """Ids of cases, the youngest accident first."""
        table = tables.accident.c
        asked = sa.select(table.id, table.domain, table.district).order_by(table.occurred.desc(), table.id)
        for column, wanted in ((table.state, state), (table.grade, grade), (table.site, site)):
            asked = asked.where(column == wanted) if wanted else asked
        if alarm:
            linked = tables.accident_alarm.c
            asked = asked.where(table.id.in_(sa.select(linked.accident_id).where(linked.alarm_id == alarm)))
        with self.store.read() as connection:
            rows = connection.execute(asked).all()
        names = [row.id for row in rows if within.covers(row.domain, row.district)]
        if overdue:
            names = [name for name in names if self._overdue(name)]
        return names[:limit]

    def _all(self, within: Jurisdiction) -> dict[str, Case]:
        table, event = tables.accident.c, tables.accident_event.c
        asked = (
            sa.select(table.id, table.domain, table.district, event.body)
            .join(tables.accident_event, event.accident_id == table.id)
            .order_by(table.occurred, table.id, event.number)
        )
        events: dict[str, list[Event]] = {}
        with self.store.read() as connection:
            for row in connection.execute(asked):
                if within.covers(row.domain, row.district):
                    events.setdefault(row.id, []).append(_EVENT.decode(row.body))
        return {name: fold(mine, self._terms_of(name, mine)) for name, mine in events.items()}

    def _overdue(self, name: str) -> bool:
        case = self.case(name)
        return any(each.late(self.city.time) for each in owed(case, self.terms(case.opened.domain)))

    def _terms_of(self, name: str, events: Sequence[Event]) -> Terms:
        if not events or not isinstance(events[0], Opened):
            raise LookupError(f"no accident {name!r}")
        return self.terms(events[0].domain)

    def _require_alarms(self, connection: sa.Connection, alarms: Sequence[str]) -> None:
        asked = sa.select(schema.alarm.c.id).where(schema.alarm.c.id.in_(alarms))
        known = set(connection.execute(asked).scalars())
        if unknown := [each for each in alarms if each not in known]:
            raise LookupError(f"no alarm {unknown[0]!r}")

    def _next_id(self, connection: sa.Connection, opened: Opened) -> str:
        day = dt.datetime.fromtimestamp(opened.occurred / 1000, CITY_ZONE)
        before = f"{opened.district}-{day:%Y%m%d}-"
        asked = sa.select(sa.func.count()).where(tables.accident.c.id.startswith(before, autoescape=True))
        return f"{before}{connection.execute(asked).scalar_one() + 1:02d}"

    def _link(self, connection: sa.Connection, name: str, alarms: Sequence[str]) -> None:
        for each in alarms:
            row = {"accident_id": name, "alarm_id": each}
            connection.execute(self.store.insert_new(tables.accident_alarm).values(row))


def _standing(case: Case, terms: Terms, events: int) -> dict[str, Any]:
    grade = case.grade(terms).code if case.versions else ""
    return {
        "state": case.state, "grade": grade, "due": next_lapse(case, terms), "closed": case.closed, "events": events,
    }  # fmt: skip
