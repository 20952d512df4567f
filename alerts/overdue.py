"""Tickets and accidents that are overdue and have climbed, as findings: each becomes an alarm that climbs with them."""

from typing import Any

import sqlalchemy as sa

from alerts.accidents.desk import Accidents
from alerts.accidents.tables import accident
from alerts.city import City
from alerts.safety.watch import Watch
from alerts.tickets.desk import SUPERVISION, Tickets
from alerts.tickets.tables import ticket
from records.overdue import ORIGIN, OVER, case_standing, ticket_standing
from records.safety.episodes import messages
from records.safety.standing import Standing


class Overdue:
    """``watch`` keeps what is told, for whoever tells it. Hidden dangers have findings of their own (DangerOverdue)."""

    def __init__(self, tickets: Tickets, accidents: Accidents, city: City, watch: Watch) -> None:
        self.tickets = tickets
        self.accidents = accidents
        self.city = city
        self.watch = watch
        self._looked: tuple[Any, ...] = ()

    def on_time(self) -> int:
        """What has climbed, or is done, since the last time; how many messages of findings came of it."""
        now, stamp = self.city.time, self._stamp()
        if not now or stamp == self._looked:
            return 0
        found: dict[str, list[Standing]] = {name: [] for name in self.city.domains}
        self._tickets(found)
        self._cases(found)
        said = 0
        for domain, standing in found.items():
            told = messages(domain, self.watch.known(domain, now), standing, now, set(OVER), over=OVER, origin=ORIGIN)
            self.watch.keep(domain, told, now)
            said += len(told)
        self._looked = stamp
        return said

    def _stamp(self) -> tuple[Any, ...]:
        """Climbing, answering and closing are events, so nothing changes where none was added."""
        with self.tickets.store.read() as connection:
            tickets = connection.execute(sa.select(sa.func.sum(ticket.c.events), sa.func.count())).one()
            cases = connection.execute(sa.select(sa.func.sum(accident.c.events), sa.func.count())).one()
        return (*tickets, *cases, tuple(map(id, self.city.domains.values())))

    def _tickets(self, found: dict[str, list[Standing]]) -> None:
        for view in self.tickets.climbing(SUPERVISION):
            name, domain, terms, each = view
            if domain in found:
                site = self.city.site_title(each.issued.site)
                found[domain] += ticket_standing(name, each, terms, site, self._levels(domain))

    def _cases(self, found: dict[str, list[Standing]]) -> None:
        for name, case in self.accidents.cases().items():
            domain = case.opened.domain
            if case.climbed and domain in found:
                found[domain] += case_standing(name, case, self.accidents.terms(domain), self._levels(domain))

    def _levels(self, domain: str) -> list[str]:
        levels = sorted(self.city.scheme(domain).levels, key=lambda level: level.rank)
        return [level.code for level in levels]
