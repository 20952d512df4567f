"""A ticket as people see it."""

from collections.abc import Sequence
from typing import Any

import msgspec

from alerts.city import City
from records.tickets import Escalated, Event, Issued, Ticket


def ticket_view(name: str, ticket: Ticket, events: Sequence[Event], city: City) -> dict[str, Any]:
    """Where it stands now, with all its events; times are city time, ms UTC."""
    issued, now = ticket.issued, city.time
    return {
        "id": name,
        "site": issued.site,
        "site_title": msgspec.to_builtins(city.site_title(issued.site)),
        "kind": issued.kind,
        "about": issued.about,
        "text": msgspec.to_builtins(issued.text),
        "audience": audience_of(events),
        "state": ticket.state,
        "waiting": ticket.waiting,
        "issued": issued.time,
        "due": ticket.due,
        "overdue": ticket.overdue(now),
        "closed": ticket.closed,
        "outcome": ticket.outcome,
        "supplements": ticket.supplements,
        "escalation": ticket.step,
        "used_ms": {"firm": ticket.used("firm", now), "office": ticket.used("office", now)},
        "events": [msgspec.to_builtins(each) for each in events],
    }


def audience_of(events: Sequence[Event]) -> str:
    """An hour's ticket is between us and the plant, until nobody has answered in time; all else is the officers'."""
    first = events[0]
    plant = isinstance(first, Issued) and first.kind == "hour"
    return "plant" if plant and not any(isinstance(each, Escalated) for each in events) else "officers"
