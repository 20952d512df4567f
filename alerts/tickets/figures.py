"""How a stretch of time went in tickets: counts, and how long the office took."""

from typing import Any

import sqlalchemy as sa

from alerts.accounts.jurisdiction import Jurisdiction
from alerts.tickets import tables
from alerts.tickets.desk import SUPERVISION, Tickets
from records.tickets import Ticket, figures


class TicketFigures:
    """Of the tickets that supervise judgements and were issued in ``start <= … < end`` (city time, ms UTC)."""

    def __init__(self, tickets: Tickets) -> None:
        self.tickets = tickets

    def counts(self, within: Jurisdiction, start: int, end: int) -> dict[str, Any]:
        """How many were issued and what became of them (records/tickets.py: ``figures``)."""
        return figures(self._issued(within, start, end), self.tickets.city.time)

    def review_lag_h(self, within: Jurisdiction, start: int, end: int) -> float | None:
        """Mean hours that the office took for each ticket of these that was answered; ``None`` where none was."""
        now = self.tickets.city.time
        taken = [used for ticket in self._issued(within, start, end) if (used := ticket.used("office", now))]
        return round(sum(taken) / len(taken) / 3_600_000, 2) if taken else None

    def _issued(self, within: Jurisdiction, start: int, end: int) -> list[Ticket]:
        table, city = tables.ticket.c, self.tickets.city
        asked = sa.select(table.id, table.site).where(
            table.issued >= start, table.issued < end, table.kind.in_(SUPERVISION)
        )
        with self.tickets.store.read() as connection:
            rows = connection.execute(asked).all()
        mine = (row for row in rows if within.covers(self.tickets.domain_of(row.site), city.district(row.site)))
        return [self.tickets.ticket(row.id) for row in mine]
