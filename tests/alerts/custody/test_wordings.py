"""One lot, written as an EPC URI by one firm and as a GS1 Digital Link by the next: one recall reaches all of them."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from alerts.custody import tables
from alerts.custody.desk import Recalls, recall_id
from alerts.custody.lots import Lots
from alerts.custody.query import query
from alerts.custody.record import CustodyRecord
from alerts.custody.stored_links import StoredLinks
from alerts.store import Store
from records.custody import facts
from records.digital_link import one_name
from records.links import Known
from records.recall_events import Opened, Signed, Source
from records.registry import Site
from records.trace import Seed, forward
from tests.alerts.city_parts import House, domain
from tests.alerts.custody.test_custody_numbers import fill_before
from tests.records.custody_stories import linked, made, worded, wording
from topics.events import Custody
from topics.finding import Text

T0 = 1_795_741_200_000
TERMS = {"start_s": 86400, "finish_working_days": 10, "source": "the test", "confirmed": True}
URN = "urn:epc:class:lgtin:6900000.000888.L9"
LINK = "https://id.gs1.org/01/06900000008881/10/L9"
SHOPS_LINK = "https://shop.cn/gtin/06900000008881/lot/L9?x=1"
CAKE = "urn:epc:class:lgtin:6900000.000777.K1"
CAKE_LINK = "https://id.gs1.org/01/06900000007778/10/K1"


@pytest.fixture
def recalls(house: House) -> Recalls:
    house.city.put(domain(facts={"recall_terms": {"1": TERMS}}))
    house.city.tick(T0 + 1000)
    return Recalls(house.store, house.city, house.clock)


def event(name: str, at: int, place: str, **epcis: Any) -> Custody:
    return Custody(name, place, T0 + at, {"bizLocation": {"id": place}} | epcis)


def seen(name: str, at: int, place: str, lot: str, **more: Any) -> Custody:
    return event(name, at, place, type="ObjectEvent", action="OBSERVE", quantityList=[{"epcClass": lot}], **more)


DAY = [
    seen("e1", 1, "plant", URN, bizStep="commissioning"),
    seen("e2", 2, "depot", LINK, bizStep="receiving"),
    seen("e3", 3, "shop", SHOPS_LINK, bizStep="receiving"),
    event("e4", 4, "bakery", type="TransformationEvent",
          inputQuantityList=[{"epcClass": LINK}], outputQuantityList=[{"epcClass": CAKE}]),
    seen("e5", 5, "kiosk", CAKE_LINK, bizStep="receiving"),
]  # fmt: skip
FAILED = seen("lab", 70, "lab", URN, bizStep="inspecting", disposition="non_conformant")


def test_a_recall_reaches_everybody_who_writes_the_lot_in_another_way(recalls: Recalls) -> None:
    recalls.take(DAY)
    (name,) = recalls.take([FAILED])
    view = recalls.view(name)
    assert {each["holder"] for each in view["holders"]} == {"plant", "depot", "shop", "bakery", "kiosk", "lab"}
    assert view["affected"] == [CAKE, URN], "called as they were first"
    assert recalls.take([seen("late", 6, "market", SHOPS_LINK)]) == [name], "and whoever comes late"
    wrong = event("e4#error/1", 4, "bakery", **DAY[3].epcis, errorDeclaration={})
    assert recalls.take([wrong]) == [name]
    there = {each["holder"] for each in recalls.view(name)["holders"] if each["elements"]}
    assert there == {"plant", "depot", "shop", "market", "lab"}


def test_a_source_named_in_one_wording_and_told_of_later_in_another(recalls: Recalls) -> None:
    opened = Opened(T0, "Li", "1", "other", Text("坏", "bad"), (Source(LINK),))
    recalls.open("r1", opened)
    assert recalls.take([seen("e1", 1, "plant", URN)]) == ["r1"]
    assert [each["holder"] for each in recalls.view("r1")["holders"]] == ["plant"]


def test_a_lot_is_found_by_each_wording_and_shown_as_captured(house: House, recalls: Recalls) -> None:
    recalls.take([*DAY, FAILED])
    lots = Lots(recalls, house.city)
    for code in (URN, LINK, SHOPS_LINK, "L9", "(01)06900000008881(10)L9"):
        whole = lots.whole(code)
        assert whole is not None and whole["elements"] == [URN] and whole["made_of_it"] == [CAKE], code
        assert [each["id"] for each in whole["recalls"]] == [recall_id("lab")]
        assert whole["events"][1]["elements"] == [LINK], "each event says it in its own words"
    assert lots.public(URN) is None, "the public knows what stands on a pack alone"
    shown = lots.public(LINK)
    assert shown is not None and len(shown["steps"]) == 5 and len(shown["recalls"]) == 1


def test_queries_find_each_wording_and_answer_in_the_events_own(house: House, recalls: Recalls) -> None:
    recalls.take(DAY)
    for name in (URN, LINK, SHOPS_LINK):
        found = query(house.store, {"MATCH_anyEPCClass": name}).events
        assert [each["eventID"] for each in found] == ["e1", "e2", "e3", "e4"]
        assert found[1]["quantityList"] == [{"epcClass": LINK}]
        assert [each["eventID"] for each in query(house.store, {"MATCH_inputEPC": name}).events] == ["e4"]


PLACE_URN = "urn:epc:id:sgln:6900000.00001.7"
PLACE_LINK = "https://id.gs1.org/414/6900000000014/254/7"


def test_a_place_is_one_place_in_each_wording(house: House, recalls: Recalls) -> None:
    recalls.take([seen("e1", 1, PLACE_URN, URN), seen("e2", 2, PLACE_LINK, LINK), FAILED])
    view = recalls.view(recall_id("lab"))
    assert [each["holder"] for each in view["holders"]] == ["lab", PLACE_URN]
    assert len(query(house.store, {"EQ_bizLocation": PLACE_LINK}).events) == 2
    house.city.registry.put(
        Site("shop-1", "food", Text("店", "shop"), "firm", "120116", 39.0, 117.7, aliases=(PLACE_LINK,))
    )
    again = Recalls(house.store, house.city, house.clock)
    assert "shop-1" in again.trace(recall_id("lab"))[1], "and so is its name in the registry"


BEFORE = [
    made(1, 10, ["a"], ["b"]),
    linked(2, 20, "c", ["b"], "ADD"),
    linked(3, 30, "c", ["b"], "DELETE"),
    made(4, 40, ["b", "c"], ["d"]),
    made(5, 50, ["d"], ["e"]),
]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.kafka)])
def mixed(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[tuple[Store, list[Custody]]]:
    """A store of a schema before, in which each thing has stood under all of its wordings."""
    numbers = iter(range(1000))
    events = [worded(each, lambda: next(numbers) % 3) for each in BEFORE]
    events += [
        Custody(f"s{at}", PLACE_URN if at % 2 else PLACE_LINK, 60 + at, {"type": "ObjectEvent", "epcList": [name]})
        for at, name in enumerate((URN, LINK))
    ]
    postgresql = request.param == "postgresql"
    url = str(request.getfixturevalue("postgresql").fresh()) if postgresql else f"sqlite:///{tmp_path / 'store.db'}"
    fill_before(url, events)
    store = Store(url)
    yield store, events
    store.close()


def test_a_store_that_kept_wordings_apart_is_brought_over(mixed: tuple[Store, list[Custody]]) -> None:
    store, events = mixed
    known = Known(facts(each) for each in events)
    with store.read() as connection:
        links = StoredLinks(connection)
        for number in range(3):
            for each in "abcde":
                seed = Seed(wording(each, number))
                found, wanted = forward(links, [seed]), forward(known, [seed])
                assert sorted(found.since.values()) == sorted(wanted.since.values())
                assert len(found.since) == len(wanted.since)
        names = connection.execute(sa.select(tables.custody_name.c.name)).scalars().all()
    assert len(set(names)) == len(names) and not [each for each in names if each.startswith("urn:epc:")]
    record = CustodyRecord(store)
    assert record.elements("L9") == record.elements(LINK) == record.elements(URN) == [URN], "as it was told first"
    assert len(query(store, {"EQ_bizLocation": PLACE_URN}).events) == 2
    assert len(query(store, {"MATCH_anyEPC": SHOPS_LINK}).events) == 2
    assert LINK in record.take([Custody("later", "s", 99, {"type": "ObjectEvent", "epcList": [URN]})])


def test_who_was_told_before_in_another_wording_is_not_told_again(recalls: Recalls) -> None:
    recalls.take(DAY)
    (name,) = recalls.take([FAILED])
    recalls.act(name, Signed(T0 + 2000, "shop", "Li"))
    told = len(recalls.view(name)["events"])
    sql = sa.update(tables.custody_name)
    with recalls.store.engine.begin() as connection:
        for one, other in ((LINK, SHOPS_LINK), (CAKE_LINK, CAKE_LINK)):
            connection.execute(sql.where(tables.custody_name.c.name == one).values(wording=other))
    again = Recalls(recalls.store, recalls.city, recalls._wall_ms)
    assert again.draw_anew({one_name(URN)}) == []
    assert len(again.view(name)["events"]) == told
