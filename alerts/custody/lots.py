"""One lot's way from production to sale: all of it for officers, and what the public may see."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import sqlalchemy as sa

from alerts.city import City
from alerts.custody import tables
from alerts.custody.asking import by_number, during
from alerts.custody.desk import Recalls
from alerts.custody.holders import place_name
from alerts.custody.ingredients import parted
from alerts.custody.stored_links import StoredLinks
from records.cover import Window
from records.custody import BEGINNING, END, facts
from records.digital_link import canonical, one_name
from records.pack_code import pack_code
from records.recall_cause import FAILED, SAMPLING, sample_of
from records.trace import Affected, Seed, backward, forward
from topics.city_zone import day_start
from topics.events import Custody

#: Steps at which the place is named on the pack anyway; of all others the public sees the step and the day alone.
NAMED_TO_ALL = ("commissioning", "creating_class_instance", "sampling", "inspecting")
#: Events of one lot shown at most.
MOST = 500


def _own(elements: list[str]) -> Affected:
    """What is known of a lot before it is traced: itself."""
    return Affected(dict.fromkeys(elements, BEGINNING), {}, {name: ((BEGINNING, END),) for name in elements})


class Lots:
    """Answers by the record of custody as it is now."""

    def __init__(self, recalls: Recalls, city: City) -> None:
        self.recalls = recalls
        self.city = city

    def whole(self, code: str, most: int | None = None, *, at_once: bool = False) -> dict[str, Any] | None:
        """Everything: what it was made of (``made_of``, and what held that, ``carried_in``), what was made of it, the
        events of it and of what carried it, the first ``MOST``, and those of its ingredients (``sources``). ``most``
        names of each list are given; ``counts`` says how many there are. ``at_once`` leaves out what has to be traced,
        which takes seconds where very much was made of it: then ``traced`` is false.
        """
        elements = self._elements(code)
        if not elements:
            return None
        with self.recalls.store.read() as connection:
            links = StoredLinks(connection)
            found = forward(links, [Seed(name) for name in elements]) if not at_once else _own(elements)
            before_it = () if at_once else (name for each in elements for name in backward(links, each))
            ingredients, held = parted(links, set(before_it) - set(elements))
            own = {name: found.carrying[name] for name in elements}
            carriers = {name: each for name, each in found.carrying.items() if name not in found.since}
            events, events_count = self._events(links, {**carriers, **own})
            before, before_count = self._events(links, {name: [(0, 2**62)] for name in ingredients})
        lists = {
            "elements": elements,
            "made_of": sorted(ingredients),
            "carried_in": sorted(held - carriers.keys()),
            "made_of_it": sorted(found.since.keys() - set(elements)),
            "carriers": sorted(carriers),
        }
        return {
            "code": code,
            "traced": not at_once,
            **{name: each[:most] for name, each in lists.items()},
            "counts": {name: len(each) for name, each in lists.items()}
            | {"events": events_count, "sources": before_count},
            "events": [self._shown(each) for each in events],
            "sources": [self._shown(each) for each in before],
            "recalls": self._recalls(elements),
        }

    def public(self, code: str) -> dict[str, Any] | None:
        """What anybody may see: steps with their day, results of samples, recalls. No holder, carrier, customer,
        supplier, other lot or number of anything, and only what the pack says finds it, not an element's name.
        """
        elements = self._elements(code)
        if not elements or (pack_code(code) is None and one_name(code) in map(one_name, elements)):
            return None
        with self.recalls.store.read() as connection:
            events, _ = self._events(StoredLinks(connection), {name: [(0, 2**62)] for name in elements})
        steps = []
        for event in events:
            told = facts(event)
            if not told.step and told.kind != "TransformationEvent":
                continue
            made = told.kind == "TransformationEvent" and any(name in told.outputs for name in elements)
            named = (made or told.step in NAMED_TO_ALL) and self.city.registry.site(place_name(self.city, told.place))
            steps.append(
                {
                    "day": day_start(told.time),
                    "step": told.step or ("commissioning" if made else "transforming"),
                    "place": msgspec.to_builtins(named.title) if named else None,
                    "sample": self._sample(event),
                }
            )
        shown = [
            {
                "opened": each["opened"],
                "level": each["level"],
                "text": each["text"],
                "closed": each["closed"] is not None,
                "refuted": each["refuted"],
            }
            for each in self._recalls(elements)
        ]
        return {"code": code, "steps": steps, "recalls": shown}

    def _elements(self, code: str) -> list[str]:
        """What is meant: all of a lot code, or the lot of one product where the pack's whole code is given."""
        said = pack_code(code)
        if said is None:
            return self.recalls.record.elements(code)
        lot, link = said
        return [each for each in self.recalls.record.elements(lot) if canonical(each) == link]

    def _recalls(self, elements: list[str]) -> list[dict[str, Any]]:
        """Recalls that concern these: as a source, or as told to a holder."""
        named, sources = set(elements), set(map(one_name, elements))
        found = []
        for each in self.recalls.listed():
            recall = self.recalls.recall(each["id"])
            told = {name for holder in recall.holders.values() for name in holder.elements}
            bad = {one_name(source.name) for source in recall.opened.sources if source.start is None}
            if named & told or sources & bad:
                found.append(each)
        return found

    def _events(self, links: StoredLinks, windows: Mapping[str, Sequence[Window]]) -> tuple[list[Custody], int]:
        """The first ``MOST`` events in these windows, in order, and how many there are: the rest is not read."""
        seen, table = tables.custody_seen, tables.custody_event.c
        time, event = during(links.connection, seen, [seen.c.time, seen.c.event], links.windows(windows))
        told, row = np.unique(event, return_index=True)
        earliest = np.sort(told[np.lexsort((told, time[row]))[:MOST]])
        asked = sa.select(table.id, table.site, table.time, table.body)
        first = [
            Custody(name, site, time, msgspec.json.decode(body))
            for rows in by_number(links.connection, table.number, asked.where, earliest)
            for name, site, time, body in rows
        ]
        return sorted(first, key=lambda each: (each.time, each.id)), len(told)

    def _shown(self, event: Custody) -> dict[str, Any]:
        told = facts(event)
        holder = told.party or place_name(self.city, told.place)
        return {
            "id": told.id, "time": told.time, "kind": told.kind, "step": told.step, "holder": holder,
            "title": msgspec.to_builtins(self.city.site_title(holder)), "disposition": told.disposition,
            "elements": list(told.seen)[:20], "sample": self._sample(event),
        }  # fmt: skip

    def _sample(self, event: Custody) -> dict[str, Any] | None:
        told = facts(event)
        if told.step not in SAMPLING:
            return None
        item, value, standard = sample_of(event)
        return {"passed": told.disposition != FAILED, "item": item, "value": value, "standard": standard}
