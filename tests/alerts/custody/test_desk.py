"""A bad lot of milk: who is told, once; what a late event adds, what a correction frees; what a van tainted."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from alerts.accounts.access import Access
from alerts.api import Server, create_app
from alerts.custody.desk import Recalls, recall_id
from alerts.custody.lots import Lots
from alerts.feed import Feed
from alerts.latency import Latency
from alerts.ledger import Ledger
from alerts.wall import Wall
from records.history import ListHistory
from records.recall_events import Closed, Signed
from tests.alerts.city_parts import House, domain
from tests.made_stores import made_store
from topics.events import Custody

T0 = 1_795_741_200_000
TERMS = {"start_s": 86400, "finish_working_days": 10, "source": "the test", "confirmed": True}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(made_store(tmp_path))
    made.city.put(domain(facts={"recall_terms": {"1": TERMS}}))
    made.city.tick(T0 + 1000)
    yield made
    made.store.close()


@pytest.fixture
def recalls(house: House) -> Recalls:
    return Recalls(house.store, house.city, house.clock)


def event(name: str, at: int, place: str, **epcis: Any) -> Custody:
    return Custody(name, place, T0 + at, {"bizLocation": {"id": place}} | epcis)


def packed(name: str, at: int, place: str, parent: str, *children: str, action: str = "ADD") -> Custody:
    return event(name, at, place, type="AggregationEvent", action=action, parentID=parent, childEPCs=list(children))


def seen(name: str, at: int, place: str, *epcs: str, **more: Any) -> Custody:
    return event(name, at, place, type="ObjectEvent", action="OBSERVE", epcList=list(epcs), **more)


MADE = event("e1", 10, "plant", type="TransformationEvent", inputEPCList=["milk"], outputEPCList=["yoghurt", "cream"])
DAY = [
    seen("e0", 1, "farm", "milk"),
    MADE,
    packed("e2", 20, "plant", "van", "yoghurt", "juice"),
    seen("e3", 30, "depot", "van"),
    packed("e4", 40, "shop", "van", "yoghurt", "juice", action="DELETE"),
    seen("e5", 50, "shop", "yoghurt"),
    seen("e6", 60, "kiosk", "juice"),
]
FAILED = seen("lab", 70, "lab", "milk", bizStep="inspecting", disposition="non_conformant", item="x", result="9")


def told(recalls: Recalls, name: str) -> list[str]:
    return [each["holder"] for each in recalls.view(name)["events"] if each["type"] == "notified"]


def test_a_failed_sample_tells_each_holder_once_and_a_late_event_only_the_new_one(recalls: Recalls) -> None:
    recalls.take(DAY)
    (name,) = set(recalls.take([FAILED]))
    assert name == recall_id("lab")
    assert told(recalls, name) == ["depot", "farm", "lab", "plant", "shop"]
    assert recalls.take([FAILED]) == [] and recalls.take([seen("e9", 55, "elsewhere", "juice")]) == []
    recalls.act(name, Signed(T0 + 2000, "shop", "Li"))
    assert recalls.take([seen("late", 45, "market", "cream")]) == [name]
    assert told(recalls, name)[5:] == ["market"]
    view = recalls.view(name)
    now = {each["holder"]: each["now"] for each in view["holders"]}
    assert now == {"depot": False, "farm": False, "lab": True, "plant": False, "shop": True, "market": True}
    assert view["figures"]["signed"] == 1 and view["start_due"] == T0 + 70 + 86_400_000
    assert "x · 9" in view["text"]["zh"]


def test_a_correction_frees_those_who_never_had_it(recalls: Recalls) -> None:
    recalls.take([*DAY, FAILED])
    name = recall_id("lab")
    wrong = Custody("e1#error/1", "plant", MADE.time, MADE.epcis | {"errorDeclaration": {"declarationTime": "1"}})
    assert recalls.take([wrong]) == [name]
    assert {each["holder"] for each in recalls.view(name)["holders"] if each["elements"]} == {"farm", "lab"}
    assert recalls.view(name)["figures"]["notified"] == 2


@pytest.mark.parametrize("alarm", ["ALARM_CONDITION", "gs1:ALARM_CONDITION", "https://gs1.org/voc/ALARM_CONDITION"])
def test_a_breach_taints_exactly_what_was_aboard_while_it_lasted(recalls: Recalls, alarm: str) -> None:
    sensor = {
        "sensorMetadata": {"startTime": "2026-11-27T01:00:00.025Z", "endTime": "2026-11-27T01:00:00.030Z"},
        "sensorReport": [{"type": "Temperature", "value": 14.0, "uom": "CEL", "exception": alarm}],
    }
    later = packed("e7", 80, "plant", "van", "fish")
    recalls.take([*DAY, later, seen("alarm", 90, "road", "van", sensorElementList=[sensor])])
    view = recalls.view(recall_id("alarm"))
    assert view["affected"] == ["juice", "yoghurt"] and view["cause"] == "breach"


def test_every_word_is_chained_and_survives_a_restart(house: House, recalls: Recalls) -> None:
    recalls.take([*DAY, FAILED])
    again = Recalls(house.store, house.city, house.clock)
    assert again.take([seen("late", 45, "market", "cream")]) == [recall_id("lab")]
    assert again.take([seen("later", 46, "market", "cream")]) == []
    assert house.rows("SELECT count(*) FROM ledger WHERE kind = 'recall'") == house.rows(
        "SELECT count(*) FROM recall_event"
    )


def test_a_recall_is_shown_at_once_and_its_trace_holds_until_something_it_went_over_is_told_of(
    house: House, recalls: Recalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    recalls.take([*DAY, FAILED])
    name = recall_id("lab")
    again = Recalls(house.store, house.city, house.clock)
    first = again.view(name, 1, at_once=True)
    assert (first["traced"], first["affected"], first["affected_count"]) == (False, [], 0)
    plant = next(each for each in first["holders"] if each["holder"] == "plant")
    assert (len(plant["elements"]), plant["elements_count"], plant["now"]) == (1, 4, False)
    notices = [each for each in first["events"] if each["type"] == "notified" and each["holder"] == "plant"]
    assert [(len(each["elements"]), each["elements_count"]) for each in notices] == [(1, 4)]
    whole = again.view(name)
    assert whole["traced"] and whole["affected"] == ["cream", "milk", "yoghurt"] == recalls.view(name)["affected"]
    traced: list[str] = []
    trace = Recalls.trace

    def counted(desk: Recalls, recall: str) -> Any:
        traced.append(recall)
        return trace(desk, recall)

    monkeypatch.setattr(Recalls, "trace", counted)
    assert again.view(name, 2, at_once=True)["affected_count"] == 3 and again.view(name) == whole and not traced
    again.take([seen("late", 45, "market", "cream")])
    assert traced == [name] and "market" in {each["holder"] for each in again.view(name)["holders"] if each["now"]}
    again.act(name, Closed(T0 + 3000, "Li", "over"))
    assert not again.view(name, at_once=True)["traced"], "a closed recall is not drawn anew: its trace is not kept"


def test_a_trace_that_was_overtaken_by_events_is_not_kept(
    house: House, recalls: Recalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    recalls.take([*DAY, FAILED])
    name, again, trace = recall_id("lab"), Recalls(house.store, house.city, house.clock), Recalls.trace

    def overtaken(desk: Recalls, recall: str) -> Any:
        found = trace(desk, recall)
        monkeypatch.setattr(Recalls, "trace", trace)
        desk.take([packed("e8", 80, "shop", "crate", "yoghurt"), seen("e9", 90, "dump", "crate")])
        return found

    monkeypatch.setattr(Recalls, "trace", overtaken)
    again.view(name)
    assert {each["holder"] for each in again.view(name)["holders"] if each["now"]} == {"dump", "lab", "plant"}


def test_of_a_lot_that_went_far_the_first_is_shown_with_a_count_of_the_rest(
    house: House, recalls: Recalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    recalls.take(DAY)
    lots = Lots(recalls, house.city)
    whole, first = lots.whole("milk"), lots.whole("milk", 1)
    assert whole is not None and first is not None
    counts = {"elements": 1, "made_of": 0, "carried_in": 0, "made_of_it": 2, "carriers": 1, "events": 4, "sources": 0}
    assert whole["traced"] and whole["counts"] == first["counts"] == counts
    assert (whole["made_of_it"], first["made_of_it"]) == (["cream", "yoghurt"], ["cream"])
    at_once = lots.whole("milk", at_once=True)
    assert at_once is not None and not at_once["traced"]
    assert [each["id"] for each in at_once["events"]] == ["e0", "e1"] and at_once["made_of_it"] == []
    monkeypatch.setattr("alerts.custody.lots.MOST", 3)
    cut = lots.whole("milk")
    assert cut is not None and [each["id"] for each in cut["events"]] == ["e0", "e1", "e2"]
    assert cut["counts"]["events"] == 4


def client_of(house: House, recalls: Recalls) -> httpx.AsyncClient:
    server = Server(
        house.store, house.city, house.desk, Wall(house.store, house.city, Latency(), house.clock), Feed(),
        Ledger(house.store), lambda: None, ListHistory(), lambda: b"", recalls=recalls,
    )  # fmt: skip
    transport = httpx.ASGITransport(create_app(server, Access(house.store)), client=("127.0.0.1", 4000))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")


async def test_what_a_pack_says_in_full_tells_equal_lot_codes_apart(house: House, recalls: Recalls) -> None:
    milk, rice = (f"urn:epc:class:lgtin:6900000.00000{item}.L8" for item in "12")
    recalls.take([
        seen("a", 1, "farm", milk, bizStep="commissioning"),
        seen("b", 2, "mill", rice, bizStep="packing"),
    ])  # fmt: skip
    async with client_of(house, recalls) as client:

        async def steps(code: str) -> list[str]:
            found = (await client.get(f"/api/public/lots/{quote(code, safe='')}")).json()
            return [each["step"] for each in found.get("steps", [])]

        assert await steps("L8") == ["commissioning", "packing"]
        assert await steps("(01)06900000000014(17)150901(10)L8") == ["commissioning"]
        assert await steps("https://id.gs1.org/01/06900000000021/10/L8?17=150901") == ["packing"]
        assert await steps("https://id.gs1.org/01/06900000000038/10/L8") == []
        assert await steps(rice) == []
        whole = await client.get(f"/api/lots/{quote('(01)06900000000021(10)L8', safe='')}")
        assert whole.json()["elements"] == [rice]


MILK = "urn:epc:class:lgtin:69.milk.L7"


async def test_a_recall_over_http_and_what_the_public_sees(house: House, recalls: Recalls) -> None:
    recalls.take([
        seen("a", 1, "farm", MILK, bizStep="commissioning"),
        seen("b", 2, "secret-shop", MILK, bizStep="receiving", destinationList=[]),
        seen("c", 3, "lab", MILK, bizStep="sampling", disposition="conformant", item="lead"),
    ])  # fmt: skip
    async with client_of(house, recalls) as client:
        body = {"level": "1", "zh": "坏奶", "en": "bad milk", "who": "Wu", "sources": [{"name": MILK}]}
        view = (await client.post("/api/recalls", json=body)).json()
        assert [each["holder"] for each in view["holders"]] == ["farm", "lab", "secret-shop"]
        path = f"/api/recalls/{view['id']}"
        signed = await client.post(f"{path}/sign", json={"holder": "farm", "who": "Li"})
        assert signed.json()["figures"]["signed"] == 1
        assert (await client.post(f"{path}/sign", json={"holder": "farm", "who": "Li"})).status_code == 409
        count = {"holder": "farm", "who": "Li", "held": 9, "found": 6, "destroyed": 6}
        assert (await client.post(f"{path}/report", json=count)).json()["figures"]["found_share"] == 66.7
        public = await client.get("/api/public/lots/L7")
        assert [each["step"] for each in public.json()["steps"]] == ["commissioning", "receiving", "sampling"]
        assert public.json()["recalls"][0]["text"]["zh"] == "坏奶"
        for hidden in ("secret-shop", "farm", "lgtin", view["id"]):
            assert hidden not in public.text
        assert (await client.get(f"/api/public/lots/{MILK}")).status_code == 404
        whole = (await client.get("/api/lots/L7")).json()
        assert [each["holder"] for each in whole["events"]] == ["farm", "secret-shop", "lab"]
        found = await client.get("/api/epcis/events", params={"MATCH_anyEPCClass": MILK, "EQ_bizStep": "receiving"})
        (event,) = found.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
        assert event["eventID"] == "b"
        assert (await client.get("/api/epcis/events", params={"EQ_colour": "x"})).status_code == 422
