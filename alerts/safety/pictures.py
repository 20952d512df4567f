"""The picture that rules look at, made of the book, the registry, the packs and the history."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts.city import City
from alerts.safety.book import Book
from alerts.safety.runs import SeenRuns
from alerts.tickets import tables as ticket_tables
from alerts.tickets.desk import Tickets
from records.history import History
from records.registry import valid_at
from records.safety.days import begins, days_back
from records.safety.forms import Danger, Exemption, Guarantor, StaticGrade, Visit
from records.safety.standing import Given, OpenDanger, Picture, Runs, nothing_seen
from records.safety.terms import SafetyTerms, safety_terms
from records.tickets import lapses_at
from topics.errors import ConfigurationError
from topics.safety_events import Commitment, WorkPermit


class Pictures:
    """Makes the picture of a domain, anew where the book has changed or the city's minute has."""

    def __init__(self, book: Book, city: City, history: History, tickets: Tickets) -> None:
        self.book = book
        self.tickets = tickets
        self.city = city
        self.history = history
        self._made: dict[str, tuple[tuple[object, ...], Picture]] = {}
        self._runs: dict[str, SeenRuns] = {}

    def terms(self, domain: str) -> SafetyTerms | None:
        """The terms of a domain (streams/packs.py refuses a pack with wrong ones), ``None`` where it has none."""
        pack = self.city.domains.get(domain)
        try:
            return None if pack is None else safety_terms(domain, pack.facts)
        except ConfigurationError:
            return None

    def domains(self) -> list[str]:
        """The domains whose packs speak of safety work."""
        return sorted(name for name, pack in self.city.domains.items() if "safety_work" in pack.facts)

    def of(self, domain: str, now: int, looked: int | None = None) -> Picture | None:
        """The picture at city time ``now``; ``looked`` is when it was looked at last."""
        terms = self.terms(domain)
        if terms is None:
            return None
        since = begins(days_back(now, looked)[0])
        stamp = (self.book.changes, now // 60_000, id(self.city.domains[domain]), self._tickets(now), since)
        made = self._made.get(domain)
        if made is None or made[0] != stamp:
            made = self._made[domain] = (stamp, self._make(domain, terms, now, since))
        return replace(made[1], looked=looked)

    def hazards(self, domain: str) -> dict[str, str]:
        """The major hazards of a domain's pack, with the site of each."""
        pack = self.city.domains.get(domain)
        units: Mapping[str, Mapping[str, Mapping[str, str]]] = {}
        if pack is not None:
            units = pack.facts.get("hazard", {}).get("units", {})
        return {name: unit["about"]["site"] for name, unit in units.items()}

    def guarantors(self, domain: str, terms: SafetyTerms) -> list[Guarantor]:
        """Those who were named at the desk, and before them those whom the pack itself names."""
        part = terms.guarantor
        named = [] if part is None else [_of_pack(row, self.hazards(domain)) for row in part.named]
        entered = self.book.newest(Guarantor)
        mine = {each.id for each in entered}
        return [*entered, *(each for each in named if each.id not in mine)]

    def _make(self, domain: str, terms: SafetyTerms, now: int, since: int) -> Picture:
        first = self.book.newest(Commitment, start=since, first=True)
        last = {(each.site, each.day): each for each in self.book.newest(Commitment, start=since)}
        sites = {
            site.id: site
            for site in self.city.registry.sites()
            if site.domain == domain and not site.retired and valid_at(site, now)
        }
        follow = terms.permit.follow_s * 1000 if terms.permit is not None else 0
        recent = self.book.newest(WorkPermit, start=now - follow)
        late = [each for each in self.book.newest(WorkPermit, end=now, unfinished=True) if each.end <= now - follow]
        return Picture(
            terms,
            sites,
            {(each.site, each.day): Given(each, last[(each.site, each.day)]) for each in first},
            self.book.newest(Exemption, start=since),
            [*recent, *late],
            self.guarantors(domain, terms),
            self.book.newest(StaticGrade),
            self.book.newest(Visit, unfinished=True),
            self.open_dangers(),
            self.hazards(domain),
            self._seen(domain, terms),
        )

    def open_dangers(self) -> list[OpenDanger]:
        """Dangers whose tickets are open."""
        table = ticket_tables.ticket.c
        asked = sa.select(table.id, table.domain, table.kind, table.waiting, table.due).where(
            table.closed.is_(None), table.kind.like("danger-%")
        )
        with self.book.store.read() as connection:
            rows = connection.execute(asked).all()
        found = ((self.book.one(Danger, row.id), row) for row in rows)
        return [self._open(danger, row) for danger, row in found if danger is not None]

    def _open(self, danger: Danger, row: Any) -> OpenDanger:
        terms = self.tickets.terms(row.domain, row.kind)
        if terms is None:
            return OpenDanger(danger, row.waiting, row.due)
        steps = terms.firm_steps if row.waiting == "firm" else terms.office_steps
        taken = self.tickets.ticket(row.id).step if row.due < self.city.time else 0
        climbed = tuple(lapses_at(row.due, terms, number) for number in range(1, taken + 1))
        return OpenDanger(danger, row.waiting, row.due, climbed, steps, terms.channels)

    def _tickets(self, now: int) -> tuple[object, ...]:
        """What changes where a danger's ticket does."""
        table = ticket_tables.ticket.c
        late = sa.func.count().filter(table.due < now)
        asked = sa.select(sa.func.sum(table.events), sa.func.count(), late).where(table.kind.like("danger-%"))
        with self.book.store.read() as connection:
            return tuple(connection.execute(asked).one())

    def _seen(self, domain: str, terms: SafetyTerms) -> Runs:
        signs = terms.commitment.signs if terms.commitment is not None else ()
        if not signs:
            return nothing_seen
        seen = self._runs.get(domain)
        if seen is None or tuple(seen.signs.values()) != tuple(signs):
            seen = self._runs[domain] = SeenRuns(self.history, self.city, signs)
        return seen


def _of_pack(row: Mapping[str, str], hazards: Mapping[str, str]) -> Guarantor:
    since = begins(row["since"])
    made = {"site": hazards.get(row["hazard"], ""), "since": since, "until": None, "time": since, "by": "pack"}
    return msgspec.convert(dict(row) | made, Guarantor)
