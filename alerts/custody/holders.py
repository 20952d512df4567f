"""Who holds, or held, affected goods: every place and party named while something carried them. Who they are is asked
of the registry; a place nobody has registered stands for itself.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from alerts.city import City
from alerts.custody import tables
from alerts.custody.asking import during
from alerts.custody.record import StoredLinks
from records.custody import END
from records.trace import Affected

#: Seen by nobody.
NEVER = (0, "")


@dataclass(slots=True)
class Holding:
    """``elements`` are the affected goods, or what carried them; ``now``: at least one of them was last seen here."""

    elements: set[str] = field(default_factory=set)
    first: int = 2**62
    last: int = 0
    now: bool = False


def holders(connection: sa.Connection, city: City, affected: Affected, links: StoredLinks) -> dict[str, Holding]:
    """By holder: the party that took it where an event names one, else the site, else the place as named."""
    found: dict[str, Holding] = defaultdict(Holding)
    latest: dict[str, tuple[int, str]] = {}
    named: dict[str, str] = {}
    for element, place, party, first, last in _seen(connection, affected):
        holder = party or named.get(place) or named.setdefault(place, place_name(city, place))
        at = found[holder]
        at.elements.add(element)
        at.first, at.last = min(at.first, first), max(at.last, last)
        if (last, holder) > latest.get(element, NEVER):
            latest[element] = (last, holder)
    outermost = _latest_around(links, affected.since, latest)
    for element in affected.since:
        if (seen_last := outermost[element]) != NEVER:
            found[seen_last[1]].now = True
    return dict(found)


def _seen(connection: sa.Connection, affected: Affected) -> Iterator[tuple[str, str, str, int, int]]:
    """By element, place and party: when it was seen first and last while something affected was in it."""
    seen = tables.custody_seen
    by = [seen.c.element, seen.c.place, seen.c.party]
    return during(connection, seen, [*by, sa.func.min(seen.c.time), sa.func.max(seen.c.time)], affected.carrying, by)


def _latest_around(
    links: StoredLinks, elements: Iterable[str], latest: Mapping[str, tuple[int, str]]
) -> dict[str, tuple[int, str]]:
    """When and by whom each element, or anything it is in now, was seen last: there the goods are."""
    inside: dict[str, list[str]] = {}
    waiting = set(elements)
    while waiting:
        stays = links.containers(waiting)
        inside |= {name: [each.other for each in stays.get(name, ()) if each.end == END] for name in waiting}
        waiting = {other for name in waiting for other in inside[name]} - inside.keys()
    found = {name: latest.get(name, NEVER) for name in inside}
    changed = True
    while changed:  # mostly twice: what things are in was asked after them
        changed = False
        for name in reversed(inside):
            for other in inside[name]:
                if found[other] > found[name]:
                    found[name] = found[other]
                    changed = True
    return found


def place_name(city: City, place: str) -> str:
    """The id of the registered site that this place is, else the place itself."""
    known = city.registry.site_called(place) or city.registry.site_called(place.rstrip("/").rpartition("/")[2])
    return known.id if known is not None else place


def told_elements(holding: Mapping[str, Holding]) -> dict[str, set[str]]:
    """What each holder is told of."""
    return {name: each.elements for name, each in holding.items()}
