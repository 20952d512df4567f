"""The query interface: pages with a Link to the next, what each parameter finds, and answers without a fault."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from alerts.accounts.access import Access
from alerts.api import Server, create_app
from alerts.custody.query import MOST, TooLarge, document, query
from alerts.custody.record import CustodyRecord
from alerts.feed import Feed
from alerts.latency import Latency
from alerts.ledger import Ledger
from alerts.wall import Wall
from records.epcis_structure import document_faults
from records.history import ListHistory
from streams.event_lane import decode_event
from streams.sources.epcis import capture
from streams.sources.intake_items import Refused
from tests.alerts.city_parts import House
from tests.streams.sources.intake_city import CITY
from topics.events import Custody

T0 = 1_795_741_200_000
EGG = "urn:epc:id:sgtin:6900000.000888.1"
EGG_LINK = "https://id.gs1.org/01/06900000008881/21/1"
DOOR = "urn:epc:id:sgln:6900000.00001.7"
DOOR_LINK = "https://id.gs1.org/414/6900000000014/254/7"
WHEN = {"eventTime": "2026-11-27T08:00:00+08:00", "eventTimeZoneOffset": "+08:00"}


def event(name: str, at: int, **epcis: Any) -> Custody:
    return Custody(f"urn:e:{name}", "plant", T0 + at, WHEN | {"type": "ObjectEvent", "action": "OBSERVE"} | epcis)


EVENTS = [
    event("1", 1, epcList=[EGG], action="ADD", bizStep="commissioning", disposition="active"),
    event("2", 2, epcList=[EGG], bizStep="urn:epcglobal:cbv:bizstep:inspecting", readPoint={"id": DOOR}),
    event("3", 3, epcList=[EGG_LINK], bizStep="https://ref.gs1.org/cbv/BizStep-inspecting",
          disposition="https://ref.gs1.org/cbv/Disp-non_conformant", readPoint={"id": DOOR_LINK}),
    event("4", 4, type="AggregationEvent", action="ADD", parentID="urn:epc:id:sscc:6900000.0000000001",
          childEPCs=[EGG], bizLocation={"id": DOOR}, disposition="urn:epcglobal:cbv:disp:in_transit"),
    event("5", 5, type="AggregationEvent", action="DELETE", parentID=EGG, childEPCs=["urn:epc:id:giai:6900000.5"]),
    event("6", 6, quantityList=[{"epcClass": EGG_LINK}], note={"action": "ADD", "disposition": "active"}),
]  # fmt: skip


@pytest.fixture
def record(house: House) -> CustodyRecord:
    made = CustodyRecord(house.store)
    made.take(EVENTS)
    return made


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    wall = Wall(house.store, house.city, Latency(), house.clock)
    server = Server(
        house.store, house.city, house.desk, wall, Feed(), Ledger(house.store), lambda: None, ListHistory(), bytes
    )
    transport = httpx.ASGITransport(create_app(server, Access(house.store)), client=("127.0.0.1", 4000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"EQ_bizStep": "inspecting"}, "23"),
        ({"EQ_bizStep": "urn:epcglobal:cbv:bizstep:inspecting"}, "23"),
        ({"EQ_bizStep": "https://ref.gs1.org/cbv/BizStep-inspecting|commissioning"}, "123"),
        ({"EQ_action": "ADD"}, "14"),
        ({"EQ_action": "DELETE|ADD"}, "145"),
        ({"EQ_disposition": "active"}, "1"),
        ({"EQ_disposition": "https://ref.gs1.org/cbv/Disp-in_transit|non_conformant"}, "34"),
        ({"EQ_readPoint": DOOR}, "23"),
        ({"EQ_readPoint": DOOR_LINK, "EQ_disposition": "non_conformant"}, "3"),
        ({"MATCH_anyEPC": EGG_LINK}, "123456"),
        ({"MATCH_epc": EGG}, "1234"),
        ({"MATCH_epc": EGG_LINK, "EQ_action": "ADD"}, "14"),
        ({"eventType": "AggregationEvent"}, "45"),
        ({"eventCountLimit": "2"}, "12"),
    ],
)
def test_each_parameter_finds_its_events(
    house: House, record: CustodyRecord, asked: dict[str, str], found: str
) -> None:
    assert "".join(each["eventID"][-1] for each in query(house.store, asked).events) == found


async def test_pages_are_followed_by_the_link_until_there_is_none(
    client: httpx.AsyncClient, house: House, record: CustodyRecord
) -> None:
    for asked, pages in (
        ({"perPage": 4}, ["1234", "56"]),
        ({"perPage": 2, "eventCountLimit": 5}, ["12", "34", "5"]),
        ({"perPage": 3, "MATCH_epc": EGG}, ["123", "4"]),
        ({"perPage": 6}, ["123456"]),
    ):
        seen, address = [], str(httpx.URL("/api/epcis/events", params=asked))
        while address:
            answered = await client.get(address)
            assert list(document_faults(answered.json())) == []
            events = answered.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
            seen.append("".join(each["eventID"][-1] for each in events))
            link = re.fullmatch(r'<(http://127\.0\.0\.1/.*)>; rel="next"', answered.headers.get("link", ""))
            address = link[1] if link else ""
        assert seen == pages


def test_an_answer_that_is_cut_says_so(house: House) -> None:
    CustodyRecord(house.store).take([event(f"{at}", at, epcList=[EGG]) for at in range(MOST + 1)])
    first = query(house.store, {})
    assert len(first.events) == MOST and first.next is not None
    assert len(query(house.store, {"nextPageToken": first.next}).events) == 1
    with pytest.raises(TooLarge, match=f"at most {MOST} events"):
        query(house.store, {"maxEventCount": str(MOST)})
    assert query(house.store, {"maxEventCount": str(MOST + 1)}).next is not None


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("EQ_bizStep=a&EQ_bizStep=b", 422, "EQ_bizStep: expected once, its values parted by |"),
        ("EQ_action=LOOK", 422, "EQ_action: expected ADD, OBSERVE or DELETE, got 'LOOK'"),
        ("perPage=0", 422, "perPage: expected 1 to 1000, got '0'"),
        ("eventCountLimit=5&maxEventCount=5", 422, "eventCountLimit: expected no maxEventCount"),
        ("maxEventCount=5", 413, "maxEventCount: expected at most 5 events"),
        ("nextPageToken=!!", 422, "nextPageToken: expected one that a Link header gave"),
        ("EQ_colour=x", 422, "EQ_colour: expected one of eventType"),
    ],
)
async def test_what_is_no_question_is_refused(
    client: httpx.AsyncClient, record: CustodyRecord, address: str, status: int, said: str
) -> None:
    answered = await client.get(f"/api/epcis/events?{address}")
    assert answered.status_code == status
    assert answered.json()["error"].startswith(said)


def test_what_was_captured_is_answered_without_a_fault(house: House) -> None:
    """The malformed are refused at the door, so that ``citybrain epcis check --from-server`` finds nothing."""
    good = WHEN | {"type": "ObjectEvent", "action": "ADD", "epcList": [EGG], "eventID": "urn:e:1"}
    wrong: list[dict[str, Any]] = [
        {"epcList": "urn:a"}, {"epcList": [1, 2]}, {"epcList": [["a"]]}, {"quantityList": {"epcClass": "urn:a"}},
        {"quantityList": [{"epcClass": 5}]}, {"quantityList": [{"epcClass": "urn:a", "quantity": -5}]},
        {"readPoint": "somewhere"}, {"errorDeclaration": "yes"}, {"eventID": 5}, {"type": "FooEvent"},
    ]  # fmt: skip
    kept, refused = [], 0
    for each in (good, *(good | change for change in wrong)):
        try:
            kept += [one.value for one in capture(each, CITY, T0, "food").outgoing]
        except Refused:
            refused += 1
    assert (len(kept), refused) == (1, len(wrong))
    CustodyRecord(house.store).take([told for value in kept if isinstance(told := decode_event(value), Custody)])
    answer = query(house.store, {}).events
    assert [each["eventID"] for each in answer] == ["urn:e:1"]
    assert list(document_faults(document(answer, T0))) == []
