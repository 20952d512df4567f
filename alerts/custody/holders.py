"""Who holds, or held, affected goods: every place and party named while something carried them. Who they are is asked
of the registry; a place nobody has registered stands for itself.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from alerts.city import City
from alerts.custody import tables
from alerts.custody.asking import during
from alerts.custody.record import StoredLinks
from records.custody import END
from records.trace import Affected


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
    seen = tables.custody_seen
    columns = [seen.c.element, seen.c.time, seen.c.place, seen.c.party]
    for element, time, place, party in during(connection, seen, columns, affected.carrying):
        holder = party or named.get(place) or named.setdefault(place, place_name(city, place))
        at = found[holder]
        at.elements.add(element)
        at.first, at.last = min(at.first, time), max(at.last, time)
        if (time, holder) > latest.get(element, (0, "")):
            latest[element] = (time, holder)
    for wheres in _with_what_they_are_in(links, affected.since).values():
        seen_last = max((latest[each] for each in wheres if each in latest), default=None)
        if seen_last is not None:
            found[seen_last[1]].now = True
    return dict(found)


def _with_what_they_are_in(links: StoredLinks, elements: Iterable[str]) -> dict[str, set[str]]:
    """Each element and what it is in now, and what that is in: where the outermost was seen last, the goods are."""
    inside: dict[str, list[str]] = {}
    waiting = set(elements)
    while waiting:
        stays = links.containers(waiting)
        inside |= {name: [each.other for each in stays.get(name, ()) if each.end == END] for name in waiting}
        waiting = {other for name in waiting for other in inside[name]} - inside.keys()
    found: dict[str, set[str]] = {}
    for element in elements:
        found[element] = reached = {element}
        queue = [element]
        while queue:
            more = set(inside[queue.pop()]) - reached
            reached |= more
            queue += more
    return found


def place_name(city: City, place: str) -> str:
    """The id of the registered site that this place is, else the place itself."""
    known = city.registry.site_called(place) or city.registry.site_called(place.rstrip("/").rpartition("/")[2])
    return known.id if known is not None else place


def told_elements(holding: Mapping[str, Holding]) -> dict[str, set[str]]:
    """What each holder is told of."""
    return {name: each.elements for name, each in holding.items()}
