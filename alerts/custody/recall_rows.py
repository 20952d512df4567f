"""The rows of a recall as people see it: a holder, a word, its clocks, and what the last trace found."""

from typing import Any, NamedTuple

import msgspec

from alerts.city import City
from alerts.custody.holders import Holding
from records.recall import Holder, Terms
from records.recall_events import Event


class Traced(NamedTuple):
    """What a trace found: the affected goods in order, and their holders."""

    affected: list[str]
    holding: dict[str, Holding]


def holder_row(city: City, name: str, holder: Holder, at: Holding, most: int | None) -> dict[str, Any]:
    """How a holder stands, with ``most`` of the names it was told of and how many there are."""
    return msgspec.structs.asdict(holder) | {
        "holder": name,
        "title": msgspec.to_builtins(city.site_title(name)),
        "elements": sorted(holder.elements)[:most],
        "elements_count": len(holder.elements),
        "first": at.first if at.elements else None,
        "last": at.last if at.elements else None,
        "now": at.now,
    }


def word_of(event: Event, most: int | None) -> dict[str, Any]:
    """An event as it is, but for the names beyond ``most`` that a notice is about."""
    word: dict[str, Any] = msgspec.to_builtins(event)
    if "elements" in word:
        word |= {"elements": word["elements"][:most], "elements_count": len(word["elements"])}
    return word


def recall_terms(city: City, level: str) -> Terms | None:
    """The clocks of a level by the packs, ``None`` where none gives them."""
    for domain in city.domains.values():
        rows = domain.facts.get("recall_terms", {})
        if isinstance(rows, dict) and level in rows:
            try:
                return msgspec.convert(rows[level], Terms)
            except msgspec.ValidationError:
                return None
    return None
