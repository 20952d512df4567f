"""Who holds, or held, affected goods: every place and party named while something carried them. Who they are is asked
of the registry; a place nobody has registered stands for itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import sqlalchemy as sa

from alerts.city import City
from alerts.custody import tables
from alerts.custody.asking import during
from alerts.custody.numbering import names_of
from alerts.custody.stored_links import StoredLinks
from records.custody import END
from records.links import Array
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
    seen = tables.custody_seen
    columns = [seen.c.element, seen.c.time, seen.c.place, seen.c.party]
    element, time, place, party = during(connection, seen, columns, links.windows(affected.carrying))
    called, holder = _called(connection, city, place, party)
    first, last = np.full(len(called), END, np.int64), np.zeros(len(called), np.int64)
    np.minimum.at(first, holder, time)
    np.maximum.at(last, holder, time)
    spread = int(element.max(initial=0)) + 1
    pairs = np.unique(holder * spread + element)
    names = links.names(pairs % spread)
    parts = np.searchsorted(pairs, np.arange(len(called) + 1) * spread).tolist()
    found = [
        Holding(set(names[start:end]), *times)
        for start, end, *times in zip(parts, parts[1:], first.tolist(), last.tolist(), strict=False)
    ]
    for at in _now(affected, links, element, time, holder).tolist():
        found[at].now = True
    return dict(zip(called, found, strict=True))


def _called(connection: sa.Connection, city: City, place: Array, party: Array) -> tuple[list[str], Array]:
    """The holders by rising name, and for each place and party which of them it is."""
    spread = int(party.max(initial=0)) + 1
    pairs = np.unique(place * spread + party)
    places, parties = pairs // spread, pairs % spread
    names = names_of(connection, np.concatenate((places, parties)))
    who = [
        names[named] if named else place_name(city, names[there])
        for there, named in zip(places.tolist(), parties.tolist(), strict=True)
    ]
    called = sorted(set(who))
    at = {name: number for number, name in enumerate(called)}
    of_pair = np.fromiter((at[name] for name in who), np.int64, len(who))
    return called, of_pair[np.searchsorted(pairs, place * spread + party)]


def _now(affected: Affected, links: StoredLinks, element: Array, time: Array, holder: Array) -> Array:
    """The holders by whom an affected element, or anything it is in now, was seen last: there the goods are."""
    goods = np.unique(np.fromiter(links.numbers(affected.since).values(), np.int64))
    inner, outer = _inside_now(links, goods)
    numbers = np.unique(np.concatenate((goods, outer)))
    latest = np.full(len(numbers), -1, np.int64)
    at = np.searchsorted(numbers, element)
    some = np.isin(element, numbers)
    holders_count = int(holder.max(initial=0)) + 1
    moments = np.unique(time)  # the later counts most, and at one moment the holder whose name comes later
    np.maximum.at(latest, at[some], (np.searchsorted(moments, time) * holders_count + holder)[some])
    inner, outer = np.searchsorted(numbers, inner), np.searchsorted(numbers, outer)
    while True:  # as often as things are within each other
        before = latest.copy()
        np.maximum.at(latest, inner, before[outer])
        if np.array_equal(before, latest):
            break
    last = latest[np.searchsorted(numbers, goods)]
    found: Array = np.unique(last[last >= 0] % holders_count)
    return found


def _inside_now(links: StoredLinks, elements: Array) -> tuple[Array, Array]:
    """What these are in now, what that is in now, and so on: the inner and the outer of each pair."""
    inner, outer = [elements[:0]], [elements[:0]]
    known: set[int] = set()
    while len(elements):
        known.update(elements.tolist())
        stays = links.containers_again(elements)
        now = stays.end == END
        inner.append(stays.of[now])
        outer.append(stays.other[now])
        elements = np.array(sorted(set(stays.other[now].tolist()) - known), np.int64)
    return np.concatenate(inner), np.concatenate(outer)


def place_name(city: City, place: str) -> str:
    """The id of the registered site that this place is, else the place itself."""
    known = city.registry.site_at(place)
    return known.id if known is not None else place


def told_elements(holding: Mapping[str, Holding]) -> dict[str, set[str]]:
    """What each holder is told of."""
    return {name: each.elements for name, each in holding.items()}
