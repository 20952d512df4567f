"""A city's day of coded goods at the desk: exactly what was planted is found, told, and taken back once corrected."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from alerts.accounts.jurisdiction import Jurisdiction
from alerts.city import City
from alerts.coding.desk import Coding
from alerts.custody.record import CustodyRecord
from alerts.safety.watch import Watch
from alerts.store import Store
from records.registry import registry_of
from streams.bench_coding import FIRST_MS, TERMS, Planted, planted_day, sites
from tests.alerts.city_parts import domain
from tests.made_stores import made_store
from topics.events import Custody

DAY_MS = 86_400_000
FACTS = {"coding": msgspec.to_builtins(TERMS) | {"min_records": 5}}


class House:
    """A store with the desk of coding, fed as the reader feeds it."""

    def __init__(self, url: str) -> None:
        self.store = Store(url)
        self.city = City([domain(name="food", facts=FACTS, events=True)], registry_of(sites()))
        self.record = CustodyRecord(self.store)
        self.coding = Coding(self.store, self.city, Watch(self.store))
        self.city.tick(FIRST_MS + DAY_MS)

    def take(self, *events: Custody) -> None:
        self.record.take(events)
        self.coding.take(events)

    def open(self) -> Counter[str]:
        """The findings that stand, by rule."""
        self.coding.on_time()
        known = self.coding.watch.known("food", self.city.time).values()
        return Counter(each.finding.detector for each in known if each.closed is None)

    def faults(self) -> set[tuple[str, str, str]]:
        return {(each.kind, each.site, each.name) for each in self.coding.book.faults(0, 2**62)}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(made_store(tmp_path))
    yield made
    made.store.close()


@pytest.fixture
def either(store_url: str) -> Iterator[House]:
    """The same on each kind of store."""
    made = House(store_url)
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def day() -> Planted:
    """A tenth of the day that `citybrain bench coding` plays."""
    return planted_day(1_000, uncoded=5, broken=2, shared=1, poor=40)


def test_exactly_what_was_planted_is_found_and_shares_are_those_counted_by_hand(either: House, day: Planted) -> None:
    house = either
    assert Counter(kind for kind, _, _ in day.faults) == {"uncoded-sale": 5, "broken-link": 2, "two-holders": 1}
    later = [*day.events[1::2], *day.events[::3]]  # half of it late, some of it twice
    house.take(*day.events[::2])
    house.take(*later)
    assert house.faults() == set(day.faults)
    figures = {row["site"]: (row["records"], row["well_formed"]) for row in house.coding.book.figures(0, 2**62)}
    assert figures == {site: (many, many - day.poor[site]) for site, many in day.records.items()}
    told = house.open()
    assert {kind: told[kind] for kind in ("uncoded-sale", "broken-link", "two-holders")} == Counter(
        kind for kind, _, _ in day.faults
    )
    poor = {site for site, many in day.records.items() if many >= 5 and day.poor[site] > 0.05 * many}
    assert told["coding-records"] == len(poor) > 0
    assert house.coding.on_time() == 0, "nothing new, nothing told"


def seen(name: str, at: int, step: str, site: str, *goods: str, **more: object) -> Custody:
    body = {"type": "ObjectEvent", "bizStep": step, "epcList": list(goods)} | more
    return Custody(name, site, FIRST_MS + at, body)


def test_a_voucher_that_comes_late_mends_the_link_and_a_correction_breaks_it_again(house: House) -> None:
    coded = seen("1", 1, "commissioning", "port-1", "item")
    sent = seen("2", 2, "shipping", "port-1", "item")
    house.take(coded, seen("3", 3, "receiving", "shop-1", "item"))
    assert house.faults() == {("broken-link", "shop-1", "item")}
    assert house.open()["broken-link"] == 1
    house.take(sent)
    assert house.faults() == set() and house.open()["broken-link"] == 0
    house.take(msgspec.structs.replace(sent, id="2#error/x", epcis=sent.epcis | {"errorDeclaration": {}}))
    assert house.faults() == {("broken-link", "shop-1", "item")}
    assert house.open()["broken-link"] == 1
    house.city.tick(FIRST_MS + 8 * DAY_MS)
    assert house.open()["broken-link"] == 0, "after a week it is no longer told"
    assert house.faults() == {("broken-link", "shop-1", "item")}, "and still known"


def test_goods_travel_in_boxes_within_boxes_and_are_made_of_coded_goods(house: House) -> None:
    def packed(name: str, at: int, site: str, parent: str, child: str, action: str = "ADD") -> Custody:
        step = {"ADD": "packing", "DELETE": "unpacking"}[action]
        body = {"type": "AggregationEvent", "action": action, "parentID": parent, "childEPCs": [child], "bizStep": step}
        return Custody(name, site, FIRST_MS + at, body)

    making = {"type": "TransformationEvent", "inputEPCList": ["fish", "salt"], "outputEPCList": ["fillet"]}
    chain = [
        seen("1", 1, "commissioning", "port-1", "fish"), Custody("2", "port-1", FIRST_MS + 2, making),
        packed("3", 3, "port-1", "case", "fillet"), packed("4", 4, "port-1", "pallet", "case"),
        seen("5", 5, "shipping", "port-1", "pallet"), seen("6", 6, "receiving", "shop-1", "pallet"),
        packed("7", 7, "shop-1", "pallet", "case", "DELETE"), packed("8", 8, "shop-1", "case", "fillet", "DELETE"),
        seen("9", 9, "retail_selling", "shop-1", "fillet"),
    ]  # fmt: skip
    house.take(*chain)
    assert house.faults() == {("uncoded-sale", "shop-1", "fillet")}, "one of what it was made of bears no code"
    house.take(seen("0", 0, "commissioning", "port-2", "salt"))
    assert house.faults() == set(), "coded all along, it only was not known"
    house.take(seen("10", 10, "retail_selling", "shop-2", "fillet"))
    assert house.faults() == {("two-holders", "shop-2", "fillet")}


def test_a_district_sees_its_own_firms(house: House) -> None:
    house.take(seen("1", 1, "retail_selling", "shop-1", "item"), seen("2", 1, "retail_selling", "elsewhere", "item2"))
    everything = house.coding.view(Jurisdiction(), 0, 2**62)
    assert everything["counts"]["uncoded-sale"] == 2
    mine = house.coding.view(Jurisdiction(districts=frozenset({"120116"})), 0, 2**62)
    assert [each["site"] for each in mine["faults"]] == ["shop-1"]
    assert [each["site"] for each in mine["firms"]] == ["shop-1"]
    assert house.coding.view(Jurisdiction(domains=frozenset({"cargo"})), 0, 2**62)["faults"] == []
