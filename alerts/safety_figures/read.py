"""From the store to rows for the statistics (records/safety_figures.py): who is what firm, and what happened there."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.accidents.desk import Accidents
from alerts.accounts.jurisdiction import Jurisdiction
from alerts.city import City
from alerts.safety import tables as safety
from alerts.safety_figures.points import FOREVER, MEASURED, points_of
from alerts.store import Store
from alerts.tickets.tables import ticket
from records.accident_duties import duties
from records.registry import Site
from records.safety.forms import Danger as DangerForm
from records.safety.forms import Visit as VisitForm
from records.safety_figures import Accident, Alarm, Danger, Facts, Missed, Place, Visit

COMMITMENT, OVERDUE = "commitment-missing", "danger-overdue"


def firm_key(site: Site) -> str:
    """A firm is its credit code (GB 32100); its name where the registry has none."""
    return site.credit_code or site.firm


class FactsReader:
    """Reads one domain's rows. ``places`` are the sites within a jurisdiction, by id."""

    def __init__(self, store: Store, city: City, accidents: Accidents) -> None:
        self.store = store
        self.city = city
        self.accidents = accidents

    def places(self, domain: str, within: Jurisdiction) -> dict[str, Place]:
        """Where each registered site of the domain is, as far as it lies within."""
        return {
            site.id: Place(site.id, firm_key(site), site.district)
            for site in self.city.registry.sites()
            if site.domain == domain and within.covers(domain, site.district)
        }

    def firm_titles(self) -> dict[str, str]:
        """The name of each firm by its key."""
        return {firm_key(site): site.firm for site in self.city.registry.sites()}

    def read(self, domain: str, within: Jurisdiction, start: int, end: int) -> Facts:
        """All rows that can matter to stretches between ``start`` and ``end`` (city time, ms UTC)."""
        places = self.places(domain, within)
        with self.store.read() as connection:
            alarms = _alarms(connection, domain, places, start, end)
            points = points_of(connection, self.city.registry, domain, places, start, end)
            dangers = _dangers(connection, places, start)
            visits = _visits(connection, places, start, end)
            missed = _missed(connection, places, start, end)
        return Facts(self._accidents(domain, within), alarms, points, dangers, visits, missed)

    def _accidents(self, domain: str, within: Jurisdiction) -> list[Accident]:
        keys = {name: key for key, name in self.firm_titles().items()}
        terms, now, found = self.accidents.terms(domain), self.city.time, []
        for case in self.accidents.cases(within).values():
            opened = case.opened
            if opened.domain != domain:
                continue
            site = self.city.registry.site(opened.site)
            firm = firm_key(site) if site is not None else keys.get(opened.firm, opened.firm)
            grade = case.grade(terms).code if case.versions else ""
            initial = next(each for each in duties(case, terms) if each.name == "initial")
            place = Place(opened.site, firm, opened.district)
            found.append(Accident(place, opened.occurred, opened.kind, grade, case.figures, initial.late(now)))
        return found


def _alarms(connection: sa.Connection, domain: str, places: Mapping[str, Place], start: int, end: int) -> list[Alarm]:
    table = schema.alarm.c
    asked = sa.select(table.site, table.family, table.latched_severity, table.annunciated, table.closed).where(
        table.domain == domain, table.opened < end, table.annunciated >= start, table.annunciated < end
    )
    return [
        Alarm(places[row.site], row.annunciated, row.closed, row.latched_severity, row.family in MEASURED)
        for row in connection.execute(asked)
        if row.site in places
    ]


def _dangers(connection: sa.Connection, places: Mapping[str, Place], start: int) -> list[Danger]:
    """Dangers found or not yet put right by ``start``; each is the ticket with its id."""
    late = _episodes(connection, OVERDUE, "danger")
    record = safety.safety_record.c
    asked = (
        sa.select(record.site, record.body, ticket.c.state, ticket.c.closed)
        .join_from(safety.safety_record, ticket, ticket.c.id == record.id, isouter=True)
        .where(record.kind == "danger", record.newest)
        .where(sa.or_(record.start >= start, ticket.c.closed.is_(None), ticket.c.closed >= start))
    )
    found = []
    for row in connection.execute(asked):
        form = msgspec.json.decode(row.body, type=DangerForm)
        if row.site not in places or row.state == "withdrawn":
            continue
        over = tuple((opened, closed) for opened, closed, _ in late.get(form.id, ()))
        found.append(Danger(places[row.site], form.found, row.closed, form.level == "major", over))
    return found


def _visits(connection: sa.Connection, places: Mapping[str, Place], start: int, end: int) -> list[Visit]:
    record = safety.safety_record.c
    asked = sa.select(record.site, record.body).where(
        record.kind == "visit", record.newest, record.end >= start, record.end < end
    )
    forms = [(row.site, msgspec.json.decode(row.body, type=VisitForm)) for row in connection.execute(asked)]
    return [Visit(places[site], each.due, each.done) for site, each in forms if site in places and not each.cancelled]


def _missed(connection: sa.Connection, places: Mapping[str, Place], start: int, end: int) -> list[Missed]:
    found = []
    for episodes in _episodes(connection, COMMITMENT, "day", start, end).values():
        for opened, closed, body in episodes:
            # The form came after all where the finding that ended says when; a day that passed says nothing.
            given = body["facts"].get("given") if closed is not None else None
            if body["site"] in places:
                found.append(Missed(places[body["site"]], opened, given if isinstance(given, int) else None))
    return found


def _episodes(
    connection: sa.Connection, rule: str, key: str, start: int = 0, end: int = FOREVER
) -> dict[str, list[tuple[int, int | None, Any]]]:
    """What a rule of safety work has found, by one of the finding's facts: opened, closed, and the last message."""
    table = safety.safety_finding.c
    asked = (
        sa.select(table.opened, table.closed, table.body)
        .where(table.rule == rule, table.opened >= start, table.opened < end)
        .order_by(table.opened, table.id)
    )
    found: dict[str, list[tuple[int, int | None, Any]]] = defaultdict(list)
    for row in connection.execute(asked):
        body = msgspec.json.decode(row.body)
        body.setdefault("facts", {})
        found[str(body["facts"].get(key, ""))].append((row.opened, row.closed, body))
    return found
