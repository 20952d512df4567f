"""Under which day's rules a page shows what was judged: said by the server on every page that shows any.

What is judged is judged by the rules of the day it happened on. A replay may put all packs under the rules of one day
(`--rules-as-of`); then every page says that day. Which tables each page shows applied stands in ``page_rules.py``.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import msgspec

from alerts.city import City
from alerts.page_rules import PAGES, Applied
from alerts.published_rules import parted
from alerts.responder.rules import rules_day
from alerts.standards_once import RowSource, standards_once
from topics.city_zone import CITY_ZONE
from topics.domain import Domain
from topics.finding import Text
from topics.segregation_table import load_segregation
from topics.sources import edition_text, source_text

#: In the facts of a pack that a replay has put under the rules of one day: that day, ``YYYY-MM-DD``.
PUT_UNDER = "rules_as_of"

#: Gives the editions by which the packs that keep yards are judged on a day.
YardEditions = Callable[[dt.date], Iterable[str]]


class PageRules(msgspec.Struct, frozen=True):
    """What stands at the foot of a page: ``text`` says of which day the rules are, ``as_of`` is the day of the sources,
    ``YYYY-MM-DD``; they are ``published`` documents and practice or numbers of our ``own``.
    """

    as_of: str
    text: Text
    published: tuple[Text, ...]
    own: tuple[Text, ...]


class RulesSaid:
    """Says it. ``wall_ms`` gives the wall time, asked where the city has none yet."""

    def __init__(self, city: City, wall_ms: Callable[[], int], yards: YardEditions = lambda _day: ()) -> None:
        self._city = city
        self._wall_ms = wall_ms
        self._yards = yards

    def fixed(self) -> str:
        """The day under whose rules the packs were put, ``YYYY-MM-DD``; "" where each event has those of its own."""
        day = day_put_under(self._city.domains.values())
        return day.isoformat() if day is not None else ""

    def of(self, page: str) -> PageRules | None:
        """The rules of a page by its template, ``None`` where it shows nothing that was judged. Raises ``KeyError`` for
        a page that ``page_rules.PAGES`` does not have: whoever adds one says what rules it shows applied.
        """
        applied = PAGES[page]
        if applied is None:
            return None
        fixed = day_put_under(self._city.domains.values())
        day = fixed or rules_day("", None, self._city.time or self._wall_ms(), CITY_ZONE)
        if fixed:
            text = Text(f"规则日期 {day}", f"rules as of {day}")
        else:
            text = Text(
                f"规则：各按其事件当日的规则（今日 {day}）", f"rules: for each event those of its own day (today {day})"
            )
        return PageRules(day.isoformat(), text, *parted(self._sources(applied, day)))

    def _sources(self, applied: Applied, day: dt.date) -> Iterator[Text]:
        packs = [pack for _, pack in sorted(self._city.domains.items())]
        if applied.limits:
            yield from (
                edition_text(limit.standard, limit.edition)
                for pack in packs
                for quantity in pack.quantities.values()
                for limit in quantity.limits
                if limit.edition and limit.in_force(day)
            )
        if applied.yards:
            yield from map(source_text, self._yards(day))
        if applied.segregation:
            yield source_text(_segregation(day))
        for path, otherwise in applied.facts.items():
            named = [each for pack in packs for each in _named(_at(pack.facts, path), day)]
            yield from (each for each in named if isinstance(each, Text))
            yield from standards_once(each for each in named if isinstance(each, RowSource))
            if not named and otherwise:
                yield source_text(otherwise)


@cache
def _segregation(day: dt.date) -> str:
    """The table's own words, read once a day: it is the product's."""
    return load_segregation().on(day).source


def day_put_under(packs: Iterable[Domain]) -> dt.date | None:
    """The day under whose rules a replay has put the packs, ``None`` where it has not."""
    said = [each.facts[PUT_UNDER] for each in packs if PUT_UNDER in each.facts]
    return dt.date.fromisoformat(str(said[0])) if said else None


def _at(facts: Mapping[str, Any], path: str) -> Any:
    found: Any = facts
    for name in path.split("."):
        found = found.get(name, {}) if isinstance(found, Mapping) else {}
    return found


def _named(table: Any, day: dt.date) -> Iterator[Text | RowSource]:
    """The editions, or where a row has none the sources, of the rows in a table that are in force on a day."""
    if isinstance(table, (list, tuple)):
        for each in table:
            yield from _named(each, day)
    elif isinstance(table, Mapping) and in_force(table, day):
        if "standard" in table:
            yield edition_text(str(table["standard"]), str(table.get("edition", "")))
        elif isinstance(table.get("source"), str):
            yield RowSource(table["source"], bool(table.get("confirmed", False)))
        for each in table.values():
            yield from _named(each, day)


def in_force(row: Mapping[str, Any], day: dt.date) -> bool:
    """Whether a row of facts holds on a day; its days are dates or, where the pack came over the log, ISO text."""
    begin, end = str(row.get("valid_from") or ""), str(row.get("valid_to") or "")
    return begin <= day.isoformat() and (not end or day.isoformat() < end)
