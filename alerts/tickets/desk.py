"""Tickets in the store: issued, answered, reviewed and climbed, each event chained in the ledger."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts.accounts.jurisdiction import WHOLE_CITY, Jurisdiction
from alerts.case_events import CaseEvents
from alerts.city import City
from alerts.store import Store
from alerts.tickets import tables
from alerts.tickets.views import ticket_view
from records.tickets import Event, File, Issued, Terms, Ticket, Withdrawn, fold, lapses, step
from topics.city_zone import day_of
from topics.finding import Text
from topics.judgement import Judgement

SYSTEM = "citybrain"

#: The kinds of tickets that judgements issue: an hour is the plant's own matter, a day the officers'.
EXCEEDING = ("exceeds", "anomaly")

_EVENT: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)

#: The kinds that supervise judgements; hidden dangers (alerts/safety/) are tickets of other kinds, counted elsewhere.
SUPERVISION = ("hour", "day")

#: Whether a ticket has ever climbed.
PASSED_ON = sa.exists().where(
    tables.ticket_event.c.ticket_id == tables.ticket.c.id, tables.ticket_event.c.body.like('{"type":"escalated"%')
)

#: A file that came with an answer: its name and content.
Upload = tuple[str, bytes]


class Tickets:
    """All tickets. ``wall_ms`` gives the wall time; city time is the city's."""

    def __init__(self, store: Store, city: City, wall_ms: Callable[[], int]) -> None:
        self.store = store
        self.city = city
        self._events = CaseEvents(tables.ticket_event, _EVENT.decode, wall_ms)

    def terms(self, domain: str, kind: str) -> Terms | None:
        """The clocks that the domain's pack gives this kind, ``None`` where it gives none (streams/packs.py refuses a
        pack with wrong ones; one that came by another way has none).
        """
        pack = self.city.domains.get(domain)
        rows: Mapping[str, Any] = {} if pack is None else pack.facts.get("ticket_terms", {})
        if kind not in rows:
            return None
        try:
            return msgspec.convert(rows[kind], Terms)
        except msgspec.ValidationError:
            return None

    def judged(self, versions: Sequence[Judgement]) -> list[str]:
        """Issue a ticket for each newly exceeding period, and withdraw one whose judgement no longer exceeds before
        anybody has closed it. Hours of one subject and day share a ticket. Gives the ids that changed.
        """
        changed = []
        for each in versions:
            domain = self.domain_of(each.site)
            name = ticket_id(each)
            if self.terms(domain, each.period) is None:
                continue
            known = self.events(name)
            if each.verdict in EXCEEDING and not known:
                changed.append(self.issue(name, each.site, each.period, each.key, each.reason, SYSTEM, each.made))
            elif each.verdict not in EXCEEDING and self._stands(known, each.key, name):
                why = f"version {each.version}: {each.verdict}"
                self.act(name, Withdrawn(max(each.made, known[-1].time), SYSTEM, why))
                changed.append(name)
        return changed

    def issue(
        self, name: str, site: str, kind: str, about: str, text: Text, who: str, time: int, due: int | None = None
    ) -> str:
        """Put a ticket to the firm of a site, to be answered by ``due`` or within the terms' clock; one of this name
        that is there already is left as it is.
        """
        domain = self.domain_of(site)
        terms = self.terms(domain, kind)
        if terms is None:
            raise LookupError(f"ticket: expected clocks for {kind!r} in facts.ticket_terms of {domain!r}, got none")
        event = Issued(time, who, site, kind, about, text, due)
        made = step(None, event, terms)

        def work(connection: sa.Connection) -> None:
            row = {"id": name, "site": site, "domain": domain, "kind": kind, "about": about, "issued": time}
            new = connection.execute(self.store.insert_new(tables.ticket).values(row | _standing(made, 1)))
            if new.rowcount:
                self._events.write(connection, name, 1, event)

        self.store.write(work)
        return name

    def act(self, name: str, event: Event, uploads: Sequence[Upload] = ()) -> Ticket:
        """One event of a ticket. Raises ``Refused`` where its state does not allow it, ``LookupError`` where there is
        no such ticket.
        """

        def work(connection: sa.Connection) -> Ticket:
            events = self._events.read(connection, name)
            before = self._folded(name, events)
            after = step(before, event, self._terms_of(before))
            self._events.write(connection, name, len(events) + 1, event)
            for title, content in uploads:
                row = {"ticket_id": name, "sha256": sha256(content), "name": title, "content": content}
                connection.execute(self.store.insert_new(tables.ticket_file).values(row))
            self._stand(connection, name, after, len(events) + 1)
            return after

        return self.store.write(work)

    def on_time(self) -> list[str]:
        """Let city time act: the steps that are due are taken, each once. Gives the ids of the tickets that climbed."""
        now, table = self.city.time, tables.ticket.c
        asked = sa.select(table.id).where(table.closed.is_(None), table.due < now)
        with self.store.read() as connection:
            late = list(connection.execute(asked).scalars())
        climbed = []
        for name in late:
            ticket = self.ticket(name)
            found = lapses(ticket, self._terms_of(ticket), now)
            for lapse in found:
                self.act(name, lapse)
            climbed += [name] if found else []
        return climbed

    def ticket(self, name: str) -> Ticket:
        """Where it stands. Raises ``LookupError`` where there is none of this name."""
        return self._folded(name, self.events(name))

    def events(self, name: str) -> list[Event]:
        """Its events in order; empty where there is none."""
        with self.store.read() as connection:
            return self._events.read(connection, name)

    def file(self, name: str, digest: str) -> Upload | None:
        """An attachment by its SHA-256."""
        table = tables.ticket_file.c
        asked = sa.select(table.name, table.content).where(table.ticket_id == name, table.sha256 == digest)
        with self.store.read() as connection:
            row = connection.execute(asked).first()
        return None if row is None else (row.name, bytes(row.content))

    def listed(
        self,
        within: Jurisdiction = WHOLE_CITY,
        *,
        state: str = "",
        overdue: bool = False,
        site: str = "",
        audience: str = "",
        kinds: Sequence[str] = SUPERVISION,
        limit: int = 200,
    ) -> list[dict[str, Any]]:
        """Tickets, the youngest first. An hour's is the plant's: officers find it once nobody has answered it."""
        table = tables.ticket.c
        asked = sa.select(table.id).where(table.kind.in_(kinds))
        if state:
            asked = asked.where(table.state == state)
        if overdue:
            asked = asked.where(table.closed.is_(None), table.due < self.city.time)
        if site:
            asked = asked.where(table.site == site)
        if audience:
            officers = sa.or_(table.kind != "hour", PASSED_ON)
            asked = asked.where(officers if audience == "officers" else sa.not_(officers))
        if not within.whole:
            sites = [each.id for each in self.city.registry.sites() if within.covers(each.domain, each.district)]
            asked = asked.where(table.site.in_(sites))
        with self.store.read() as connection:
            names = list(connection.execute(asked.order_by(table.issued.desc(), table.id).limit(limit)).scalars())
        return [self.view(name) for name in names]

    def climbing(self, kinds: Sequence[str] = SUPERVISION) -> list[tuple[str, str, Terms, Ticket]]:
        """Open tickets of these kinds that have climbed in their present turn: id, domain, clocks, where they stand."""
        table = tables.ticket.c
        asked = sa.select(table.id, table.domain, table.kind)
        asked = asked.where(table.closed.is_(None), table.kind.in_(kinds), PASSED_ON).order_by(table.id)
        with self.store.read() as connection:
            rows = connection.execute(asked).all()
        found = []
        for row in rows:
            terms = self.terms(row.domain, row.kind)
            if terms is not None and (ticket := self.ticket(row.id)).step:
                found.append((row.id, row.domain, terms, ticket))
        return found

    def view(self, name: str) -> dict[str, Any]:
        """A ticket as people see it, with all its events."""
        events = self.events(name)
        return ticket_view(name, self._folded(name, events), events, self.city)

    def _stands(self, events: Sequence[Event], about: str, name: str) -> bool:
        """Whether there is an open ticket that was issued for this judgement."""
        first = events[0] if events else None
        return isinstance(first, Issued) and first.about == about and self.ticket(name).closed is None

    def domain_of(self, site: str) -> str:
        """The domain of a site, empty where none of this id is registered."""
        known = self.city.registry.site(site)
        return known.domain if known is not None else ""

    def _terms_of(self, ticket: Ticket) -> Terms:
        terms = self.terms(self.domain_of(ticket.issued.site), ticket.issued.kind)
        if terms is None:
            raise LookupError(f"ticket: no clocks for {ticket.issued.kind!r} at {ticket.issued.site!r} any more")
        return terms

    def _folded(self, name: str, events: Sequence[Event]) -> Ticket:
        if not events or not isinstance(events[0], Issued):
            raise LookupError(f"no ticket {name!r}")
        terms = self.terms(self.domain_of(events[0].site), events[0].kind)
        if terms is None:
            raise LookupError(f"ticket {name!r}: no clocks for {events[0].kind!r} any more")
        return fold(events, terms)

    def _stand(self, connection: sa.Connection, name: str, ticket: Ticket, events: int) -> None:
        connection.execute(sa.update(tables.ticket).where(tables.ticket.c.id == name).values(_standing(ticket, events)))


def _standing(ticket: Ticket, events: int) -> dict[str, Any]:
    return {
        "state": ticket.state, "waiting": ticket.waiting, "due": ticket.due, "closed": ticket.closed, "events": events,
    }  # fmt: skip


def ticket_id(judgement: Judgement) -> str:
    """The name of the ticket of a judgement: one for a day, one for the hours of one subject and day."""
    day = day_of(judgement.start)
    return hashlib.sha256(f"{judgement.subject}|{judgement.period}|{day}".encode()).hexdigest()[:16]


def sha256(content: bytes) -> str:
    """SHA-256 as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def attached(uploads: Sequence[Upload]) -> tuple[File, ...]:
    """What an answer says of its attachments."""
    return tuple(File(name, sha256(content), len(content)) for name, content in uploads)
