"""The stored record answers a trace as the one in memory does, whatever comes late, twice or is taken back."""

from collections.abc import Iterator

import pytest

from alerts.city import City
from alerts.custody import asking, tables
from alerts.custody.asking import during
from alerts.custody.holders import holders
from alerts.custody.record import CustodyRecord
from alerts.custody.stored_links import StoredLinks
from alerts.store import Store
from records.custody import END, facts
from records.links import Known
from records.registry import registry_of
from records.trace import Seed, backward, forward
from streams.bench_trace import chain
from topics.events import Custody


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    made = Store(store_url)
    yield made
    made.close()


@pytest.mark.parametrize(("at_once", "few", "dense"), [(asking.NAMES, asking.FEW, asking.DENSE), (7, 0, 10**6)])
def test_both_records_trace_alike_whatever_the_order(
    store: Store, monkeypatch: pytest.MonkeyPatch, at_once: int, few: int, dense: int
) -> None:
    """And in portions of whatever size, looked up each or gone through."""
    for name, value in (("NAMES", at_once), ("FEW", few), ("DENSE", dense)):
        monkeypatch.setattr(asking, name, value)
    events = list(chain(300, 3))
    record = CustodyRecord(store)
    record.take(events[::-1][:170], "events.food", 1, 7)
    record.take(events[:200])
    record.take(events[:200])
    known = Known(facts(each) for each in events)
    assert record.next_offset("events.food", 1) == 7
    with store.read() as connection:
        links = StoredLinks(connection)
        for seed in (events[0].epcis["quantityList"][0]["epcClass"], "urn:epc:id:giai:69.van3"):
            found = forward(links, [Seed(seed)])
            assert found.since == forward(known, [Seed(seed)]).since
            assert found.carrying == forward(known, [Seed(seed)]).carrying
            last = max(found.since, key=lambda each: (found.since[each], each))
            assert backward(links, last) == backward(known, last)


def test_what_was_seen_outside_its_own_time_is_not_looked_at(store: Store) -> None:
    CustodyRecord(store).take([
        Custody(f"{name}{time}", f"shop-{name}{time}", time, {"type": "ObjectEvent", "epcList": [name]})
        for name in ("a", "b", "c'\"")
        for time in (9, 10, 20)
    ])  # fmt: skip
    seen = tables.custody_seen
    windows = {"a": [(10, 20)], "c'\"": [(0, 10), (20, END)], "nobody": [(0, END)], "b": []}
    with store.read() as connection:
        links = StoredLinks(connection)
        place, time = during(connection, seen, [seen.c.place, seen.c.time], links.windows(windows))
        assert [len(each) for each in during(connection, seen, [seen.c.place], links.windows({}))] == [0]
        found = zip(links.names(place), time.tolist(), strict=True)
    assert sorted(found) == [("shop-a10", 10), ("shop-c'\"20", 20), ("shop-c'\"9", 9)]


def test_goods_are_where_what_they_are_in_was_seen_last_also_if_two_are_said_to_be_in_each_other(store: Store) -> None:
    """Milk in a crate in a van; somebody's slip puts the van into the crate as well."""
    packed = {"type": "AggregationEvent", "action": "ADD"}
    CustodyRecord(store).take([
        Custody("1", "farm", 10, packed | {"parentID": "crate", "childEPCs": ["milk"]}),
        Custody("2", "depot", 20, packed | {"parentID": "van", "childEPCs": ["crate"]}),
        Custody("3", "slip", 30, packed | {"parentID": "crate", "childEPCs": ["van"]}),
        Custody("4", "shop", 40, {"type": "ObjectEvent", "epcList": ["van"]}),
    ])  # fmt: skip
    with store.read() as connection:
        links = StoredLinks(connection)
        found = holders(connection, City((), registry_of([])), forward(links, [Seed("milk")]), links)
    assert [name for name, each in found.items() if each.now] == ["shop"]
    assert {name: (each.first, each.last, sorted(each.elements)) for name, each in found.items()} == {
        "farm": (10, 10, ["crate", "milk"]),
        "depot": (20, 20, ["crate", "van"]),
        "slip": (30, 30, ["crate", "van"]),
        "shop": (40, 40, ["van"]),
    }


def test_a_declaration_of_error_takes_out_whether_it_comes_before_or_after(store: Store) -> None:
    wrong = Custody("w", "s", 10, {"type": "TransformationEvent", "inputEPCList": ["a"], "outputEPCList": ["b"]})
    late = Custody("v", "s", 10, {"type": "TransformationEvent", "inputEPCList": ["a"], "outputEPCList": ["c"]})
    record = CustodyRecord(store)
    assert record.take([wrong]) == {"a", "b"}
    taken = record.take([_declared(wrong), _declared(late)])
    assert taken == {"a", "b"}
    assert record.take([late]) == set()
    with store.read() as connection:
        assert set(forward(StoredLinks(connection), [Seed("a")]).since) == {"a"}


def _declared(event: Custody) -> Custody:
    return Custody(f"{event.id}#error/x", event.site, event.time, event.epcis | {"errorDeclaration": {}})


def test_a_declaration_without_a_name_finds_its_event_by_what_it_says(store: Store) -> None:
    """One event under a name of its own and under its hash; the declaration knows neither name nor source."""
    body = {"type": "TransformationEvent", "inputEPCList": ["a"], "outputEPCList": ["b"]}
    named, unnamed = Custody("urn:uuid:1", "s", 10, body, "ni:///1"), Custody("ni:///1", "s", 10, body, "ni:///1")
    other = Custody("ni:///2", "s", 20, body | {"outputEPCList": ["c"]}, "ni:///2")
    wrong = Custody("urn:uuid:9#error/x", "s", 10, body | {"errorDeclaration": {}}, "ni:///1")
    record = CustodyRecord(store)
    assert record.take([named, other]) == {"a", "b", "c"}
    assert record.take([wrong]) == {"a", "b"}, "found, though it is called otherwise"
    assert record.take([unnamed]) == set(), "what says the same and comes later is wrong from the start"
    with store.read() as connection:
        assert set(forward(StoredLinks(connection), [Seed("a")]).since) == {"a", "c"}
