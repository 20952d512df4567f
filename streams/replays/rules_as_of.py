"""A pack under the rules of one day, whatever the dates of the events it judges. Pure.

A rule is picked by the event's date. To ask what today's rules would have said of a day in the past, the editions in
force on the day asked for are made to hold at any time, and the others are left out.
"""

import datetime as dt
from typing import Any

import msgspec

from alerts.rules_said import PUT_UNDER, in_force
from topics.domain import Domain, Limit

ALWAYS = dt.date(2000, 1, 1)


def rules_as_of(domain: Domain, day: dt.date) -> Domain:
    """The pack with the limits, formal limits and critical quantities that are in force on ``day`` (of the city's zone)
    alone; it says so, and the pages (and what segregation is judged by) with it (``alerts/rules_said.py``).
    """
    quantities = {
        name: msgspec.structs.replace(
            quantity, limits=tuple(_held(each) for each in quantity.limits if each.in_force(day))
        )
        for name, quantity in domain.quantities.items()
    }
    return msgspec.structs.replace(domain, quantities=quantities, facts=_facts(domain.facts, day))


def _held(limit: Limit) -> Limit:
    return msgspec.structs.replace(limit, valid_from=ALWAYS, valid_to=None)


def _always(row: dict[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in row.items() if name != "valid_to"} | {"valid_from": ALWAYS}


def _facts(facts: dict[str, Any], day: dt.date) -> dict[str, Any]:
    found = dict(facts) | {PUT_UNDER: day.isoformat()}
    if "formal_limits" in found:
        found["formal_limits"] = {
            name: [_always(row) for row in rows if in_force(row, day)] for name, rows in found["formal_limits"].items()
        }
    older = found.pop("critical_quantities_until", {})
    for until in sorted(older):
        if day < dt.date.fromisoformat(until):
            found["critical_quantities"] = older[until]["rows"]
            found["critical_standard"] = older[until]["standard"]
            break
    return found
