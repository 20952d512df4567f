"""The rows of a recall as people see it: itself, a holder, a word, its clocks, and what the last trace found."""

from typing import Any, NamedTuple

import msgspec

from alerts.city import City
from alerts.custody.holders import Holding
from records.recall import Holder, Recall, Terms, dues, effectiveness
from records.recall_events import Event

#: Names of what is bad in a recall's row of the list, at most.
NAMED = 5


class Traced(NamedTuple):
    """What a trace found: the affected goods in order, and their holders."""

    affected: list[str]
    holding: dict[str, Holding]


def due_of(recall: Recall, terms: Terms | None) -> int | None:
    """When its next clock runs out, ms UTC; ``None`` for one that is closed, or where no ``terms`` are known."""
    if terms is None or recall.closed is not None:
        return None
    return dues(recall, terms)[0 if recall.started is None else 1]


def summary(recall: Recall, terms: Terms | None, now: int) -> dict[str, Any]:
    """What is bad (``of``, the first ``NAMED`` of ``of_count``) and why, the clocks by ``terms`` and whether one has
    run out ``now`` (ms UTC), and how effective it is.
    """
    opened = recall.opened
    start, finish = dues(recall, terms) if terms is not None else (None, None)
    due = due_of(recall, terms)
    return {
        "opened": opened.time, "level": opened.level, "cause": opened.cause,
        "text": msgspec.to_builtins(opened.text), "who": opened.who,
        "of": [each.name for each in opened.sources[:NAMED]], "of_count": len(opened.sources),
        "started": recall.started, "closed": recall.closed, "refuted": recall.refuted, "start_due": start,
        "finish_due": finish,
        "overdue": due is not None and now > due,
        "confirmed": terms is not None and terms.confirmed, "source": terms.source if terms else "",
        "figures": effectiveness(recall),
    }  # fmt: skip


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
