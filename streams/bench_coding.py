"""A city's day of coded goods with faults planted in it, and whether the desk of coding finds exactly these.

Importers code cartons at a first station and send them, alone or on pallets, over wholesalers to shops, which sell
them. Planted are sales of goods that nobody coded (some name no goods at all), vouchers that are missing on the way,
codes that a second shop sells too, and records that lack something.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from alerts.city import City
from alerts.coding.book import Book
from alerts.custody.record import CustodyRecord
from alerts.store import Store
from records.coding.code_life import Fault
from records.coding.terms import CodingTerms
from records.registry import Site, registry_of
from topics.events import Custody
from topics.finding import Text

FIRST_MS = 1_795_741_200_000
MINUTE_MS = 60_000
BATCH = 1_000
FIRMS = {"port": 4, "hall": 12, "shop": 60}

TERMS = CodingTerms(
    source="the bench",
    confirmed=True,
    first_station={"importer": ("importer",), "country": ("countryOfOrigin",), "quarantine": ("quarantine",)},
    record_fields={
        "code": ("place", "goods", "form", "offset", "first_station"),
        "in": ("place", "goods", "form", "offset", "voucher", "source"),
        "out": ("place", "goods", "form", "offset", "voucher", "destination"),
        "sale": ("place", "goods", "form", "offset"),
    },
)


class Planted(msgspec.Struct):
    """The day: its events in order of time, the faults that are in it (kind, holder, goods), and by firm how many
    records of flow it has and how many of these lack something.
    """

    events: list[Custody] = []
    faults: list[tuple[str, str, str]] = []
    records: Counter[str] = msgspec.field(default_factory=Counter)
    poor: Counter[str] = msgspec.field(default_factory=Counter)


def planted_day(events: int, *, uncoded: int, broken: int, shared: int, poor: int, seed: int = 1) -> Planted:
    """``events`` events, among them so many of each fault. Equal seeds give equal days."""
    return _Day(events, uncoded, broken, shared, poor, random.Random(seed)).made()


def bench_coding(url: str, events: int, seed: int, say: Callable[[str], None] = lambda line: None) -> dict[str, Any]:
    """Plant as many faults a thousand events as 50, 20 and 10 are in 10,000, and look for them in portions."""
    parts = {"uncoded": events // 200, "broken": events // 500, "shared": events // 1000}
    day = planted_day(events, poor=events // 50, seed=seed, **parts)
    store = Store(url)
    try:
        record, book = CustodyRecord(store), Book(store)
        registry = registry_of(sites())
        begun = time.process_time()
        for at in range(0, events, BATCH):
            part = day.events[at : at + BATCH]
            record.take(part)
            book.take(part, TERMS, registry)
            say(f"{min(at + BATCH, events):,} of {events:,}")
        seconds = time.process_time() - begun
        found = book.faults(0, 2**62, limit=events)
        figures = {row["site"]: row for row in book.figures(0, 2**62)}
    finally:
        store.close()
    return {
        "events": events,
        "planted": dict(Counter(kind for kind, _, _ in day.faults)),
        "found": dict(Counter(each.kind for each in found)),
        "missed": sorted(set(day.faults) - _said(found)),
        "false": sorted(_said(found) - set(day.faults)),
        "firms": len(figures),
        "shares_equal": {site: row["records"] - row["well_formed"] for site, row in figures.items()}
        == {site: day.poor[site] for site in day.records}
        and {site: row["records"] for site, row in figures.items()} == dict(day.records),
        "cpu_s": round(seconds, 2),
        "events_per_cpu_s": round(events / seconds),
    }


def sites() -> list[Site]:
    """The firms' places, registered."""
    return [
        Site(f"{kind}-{each}", "food", Text(f"{kind} {each}", f"{kind} {each}"), "firm", "120116", 39.0, 117.7)
        for kind, many in FIRMS.items()
        for each in range(many)
    ]


def city() -> City:
    """A city that knows these places."""
    return City(registry=registry_of(sites()))


def _said(faults: Sequence[Fault]) -> set[tuple[str, str, str]]:
    return {(each.kind, each.site, each.name) for each in faults}


class _Day:
    def __init__(self, events: int, uncoded: int, broken: int, shared: int, poor: int, draw: random.Random) -> None:
        self.size, self.draw, self.poor = events, draw, poor
        self.waiting = ["uncoded"] * uncoded + ["broken"] * broken + ["shared"] * shared
        draw.shuffle(self.waiting)
        self.day = Planted()
        self.number = 0

    def made(self) -> Planted:
        # Faults first, then sound chains up to the size, so that all that was asked for is in it.
        for kind in self.waiting:
            self._chain(kind)
        while len(self.day.events) < self.size:
            self._chain("")
        if self.waiting and len(self.day.events) > self.size + 8:
            raise ValueError(f"planted day: expected room for all faults, got {self.size} events")
        self.day.events = self.day.events[: self.size]  # only the last, sound chain may be cut
        self._spoil()
        self.day.events.sort(key=lambda event: event.time)
        return self.day

    def _chain(self, fault: str) -> None:
        self.number += 1
        item = f"urn:epc:id:sgtin:6900000.{100000 + self.number % 900000:06d}.{self.number}"
        port, hall, shop, other = (self._firm(kind) for kind in ("port", "hall", "shop", "shop"))
        while other == shop:
            other = self._firm("shop")
        if fault == "uncoded":
            nameless = self.draw.random() < 0.2
            self._event("retail_selling", shop, [] if nameless else [item])
            self.day.faults.append(("uncoded-sale", shop, "" if nameless else item))
            return
        box = f"urn:epc:id:sscc:6900000.{self.number:010d}" if fault != "broken" and self.draw.random() < 0.4 else ""
        ilmd = {"example:importer": "I", "example:countryOfOrigin": "CL", "example:quarantine": "Q"}
        steps: list[tuple[str, str, list[str], dict[str, Any]]] = [
            ("commissioning", port, [item], {"action": "ADD", "ilmd": ilmd})
        ]
        if box:
            steps.append(("packing", port, [item], _packed(box, "ADD")))
        moved = [box or item]
        steps += [
            ("shipping", port, moved, {}), ("receiving", hall, moved, {}),
            ("shipping", hall, moved, {}), ("receiving", shop, moved, {}),
        ]  # fmt: skip
        if box:
            steps.append(("unpacking", shop, [item], _packed(box, "DELETE")))
        steps.append(("retail_selling", shop, [item], {}))
        if fault == "broken":
            lost = self.draw.choice([1, 2, 3, 4])
            shown_by = {1: hall, 2: hall, 3: shop, 4: shop}[lost]
            steps.pop(lost)
            self.day.faults.append(("broken-link", shown_by, item))
        if fault == "shared":
            steps.append(("retail_selling", other, [item], {}))
            self.day.faults.append(("two-holders", other, item))
        for step, site, names, more in steps:
            self._event(step, site, names, **more)

    def _firm(self, kind: str) -> str:
        return f"{kind}-{self.draw.randrange(FIRMS[kind])}"

    def _event(self, step: str, site: str, names: list[str], **more: Any) -> None:
        number = len(self.day.events)
        epcis: dict[str, Any] = {
            "type": "ObjectEvent", "action": "OBSERVE", "bizStep": step, "eventTimeZoneOffset": "+08:00",
            "bizLocation": {"id": site},
        }  # fmt: skip
        epcis["childEPCs" if "parentID" in more else "epcList"] = names
        if step in ("shipping", "receiving"):
            side = "destination" if step == "shipping" else "source"
            epcis["bizTransactionList"] = [{"type": "desadv", "bizTransaction": f"urn:epcglobal:cbv:bt:69:{number}"}]
            epcis[f"{side}List"] = [{"type": "possessing_party", side: "urn:epc:id:pgln:6900000.00001"}]
        self.day.events.append(Custody(f"urn:b:{number}", site, FIRST_MS + number * MINUTE_MS, epcis | more))

    def _spoil(self) -> None:
        """Take something away from some records, and count by firm what the figures must say."""
        flow = [
            place
            for place, event in enumerate(self.day.events)
            if event.epcis["bizStep"] not in ("packing", "unpacking")
        ]
        chosen = set(self.draw.sample(flow, self.poor))
        for place, event in enumerate(self.day.events):
            step = event.epcis["bizStep"]
            fields = TERMS.record_fields.get(TERMS.role(step) or "made", ())
            self.day.records[event.site] += 1
            if place in chosen:
                lost = "ilmd" if step == "commissioning" else "eventTimeZoneOffset"
                epcis = {key: value for key, value in event.epcis.items() if key != lost}
                self.day.events[place] = msgspec.structs.replace(event, epcis=epcis)
            nameless = "goods" in fields and not event.epcis.get("epcList")
            self.day.poor[event.site] += place in chosen or nameless


def _packed(box: str, action: str) -> dict[str, Any]:
    return {"type": "AggregationEvent", "action": action, "parentID": box}
