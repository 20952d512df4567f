"""The doors of the HTTP intake: what comes in at each, and which records an item becomes. Pure.

One more kind of message is one more line of ``doors``, and a function from its item to its record.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from streams.sources.epcis import capture, event_list
from streams.sources.intake_items import Item, Refused, refused_item, shown
from streams.sources.intake_messages import (
    CargoEvent,
    City,
    Outgoing,
    SafetyEvent,
    cargo_item,
    kitchen_item,
    reading_item,
    safety_item,
)
from streams.sources.position_items import position_item
from topics.kitchen_events import Kitchen
from topics.positions import Told
from topics.reading import Reading

#: Items of a body, and bytes of the record one item becomes (below Kafka's 1 MiB).
MAX_ITEMS = 10_000
MAX_RECORD = 1_000_000

JSON = ("application/json",)
EPCIS_JSON = ("application/json", "application/ld+json")

#: What an item becomes: its records, whether it is unregistered, how many readings came of an event.
Became = tuple[list[Outgoing], bool, int]


def list_of_items(body: Any) -> list[Any]:
    """The items of a body that is nothing but their list. Raises ``Refused``."""
    if not isinstance(body, list):
        raise Refused("$", "a JSON array", shown(body))
    return body


@dataclass(frozen=True, slots=True)
class Door:
    """``body`` is the type of what is posted to ``path`` in one of the media ``types``.

    ``take`` gets an item, the city and the wall time (ms UTC), ``items_of`` the whole body, in which the list of items
    stands at ``base``; both raise ``Refused``.
    """

    path: str
    summary: str
    body: Any
    take: Callable[[Any, City, int], Became]
    types: Sequence[str] = JSON
    base: str = "$"
    items_of: Callable[[Any], list[Any]] = list_of_items

    def items(self, body: Any) -> list[Any]:
        """The items of a body, not too many of them. Raises ``Refused``."""
        items = self.items_of(body)
        if len(items) > MAX_ITEMS:
            raise Refused(self.base, f"at most {MAX_ITEMS} items", str(len(items)))
        return items

    def taken(self, items: Sequence[Any], city: City, now_ms: int) -> tuple[list[Outgoing], list[Item]]:
        """All records to be kept, and the answer to each item; one that is refused leaves the others alone."""
        outgoing: list[Outgoing] = []
        answers: list[Item] = []
        for index, item in enumerate(items):
            try:
                records, unregistered, readings = self.take(item, city, now_ms)
                if (largest := max(len(record.value) for record in records)) > MAX_RECORD:
                    raise Refused("$", f"at most {MAX_RECORD} bytes", str(largest))
            except Refused as refusal:
                answers.append(refused_item(index, refusal, self.base))
                continue
            outgoing += records
            answers.append(Item(index, True, unregistered=unregistered, readings=readings))
        return outgoing, answers


def doors(custody_domain: str) -> tuple[Door, ...]:
    """All doors there are; EPCIS events of places nobody registered go to the events of ``custody_domain``."""
    return (
        Door("/intake/readings", "Readings, in the order they were taken", list[Reading], _reading),
        _plain("/intake/cargo", "Declarations, gate and yard moves, observations", list[CargoEvent], cargo_item),
        _plain("/intake/positions", "Positions, waybills, handovers of carriers", list[Told], position_item),
        _plain("/intake/safety", "Commitments of the day, permits of special work", list[SafetyEvent], safety_item),
        _plain("/intake/kitchens", "What cameras in kitchens saw, and whether they see", list[Kitchen], kitchen_item),
        Door(
            "/epcis/capture",
            "An EPCIS 2.0 document",
            dict[str, Any],
            lambda item, city, now_ms: _captured(item, city, now_ms, custody_domain),
            EPCIS_JSON,
            "$.epcisBody.eventList",
            event_list,
        ),
    )


def _plain(path: str, summary: str, body: Any, record: Callable[[Any, City], Outgoing]) -> Door:
    """A door at which each item is one record of its own."""
    return Door(path, summary, body, lambda item, city, _: ([record(item, city)], False, 0))


def _reading(item: Any, city: City, now_ms: int) -> Became:
    outgoing, unregistered = reading_item(item, city, now_ms)
    return [outgoing], unregistered, 0


def _captured(item: Any, city: City, now_ms: int, custody_domain: str) -> Became:
    captured = capture(item, city, now_ms, custody_domain)
    return captured.outgoing, captured.unregistered, captured.readings
