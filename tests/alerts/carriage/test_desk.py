"""Where goods are, from what the server has stored: now and at any past moment, by jurisdiction, over the interface."""

from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest

from alerts.accounts.access import Access
from alerts.accounts.jurisdiction import Jurisdiction
from alerts.api import Server, create_app
from alerts.carriage.book import CarriageBook
from alerts.carriage.desk import CargoDesk
from alerts.feed import Feed
from alerts.latency import Latency
from alerts.ledger import Ledger
from alerts.responder.yards import Yards
from alerts.wall import Wall
from records.history import ListHistory
from records.registry import Site
from tests.alerts.city_parts import House, domain
from tests.records.carriage.places import MINUTE, SECOND, T0, TERMS, TRUCK, at, position, square, waybill
from topics.events import GateIn, GateOut
from topics.finding import Finding, Origin, Text
from topics.positions import Handover, Party, Told

BOX = "TCNU1234567"
HOMES = square(1_000, -500, 1_000)


def site(name: str, district: str) -> Site:
    lat, lon = at(0, 0)
    return Site(name, "cargo", Text("运输一", "Haulier 1"), "firm", district, lat, lon)


def facts() -> dict[str, Any]:
    terms, homes = msgspec.to_builtins(TERMS), msgspec.to_builtins(HOMES)
    return {"carriage": {"terms": terms, "areas": {"homes": homes}, "permits": {}}}


@pytest.fixture
def house(copied_store: str) -> Iterator[House]:
    made = House(copied_store)
    made.city.put(domain(name="cargo", facts=facts(), events=True))
    made.city.registry.put(site("haul-01", "120116"))
    made.city.registry.put(site("yard-1", "120103"))
    made.city.tick(T0 + 30 * MINUTE)
    yield made
    made.store.close()


@pytest.fixture
def desk(house: House) -> CargoDesk:
    yards = Yards()
    yards.take([GateIn("g-1", "yard-1", T0 + 20 * MINUTE, BOX)])
    desk = CargoDesk(house.store, house.city, yards)
    way = [position(s, s * 10, 0, trip="YD-1") for s in range(0, 1_200, 10)]
    desk.book.take([waybill(origin="plant", destination="yard-1"), *way], "positions:positions", 0, 7)
    return desk


def test_the_list_says_who_is_under_way_and_where(desk: CargoDesk, house: House) -> None:
    (item,) = desk.under_way()["items"]
    assert (item["carrier"], item["trip"]["id"], item["trip"]["un"]) == (TRUCK, "YD-1", ["2556"])
    assert item["position"]["time"] == T0 + 1_190 * SECOND
    house.city.tick(T0 + 12 * 3_600_000)
    (later,) = desk.under_way()["items"]
    assert later["trip"] is None, "over, but still heard of lately"
    assert desk.book.next_offset("positions:positions", 0) == 7


def test_a_container_is_with_its_truck_then_in_the_yard_and_every_past_moment_is_known(desk: CargoDesk) -> None:
    now = desk.container(BOX)
    assert now is not None
    assert [each["kind"] for each in now["line"]] == ["shipper", "carrier", "yard"]
    assert (now["now"]["kind"], now["now"]["since"]) == ("yard", T0 + 20 * MINUTE)
    assert now["now"]["position"] is not None
    then = desk.container(BOX, T0 + 10 * MINUTE)
    assert then is not None
    assert (then["now"]["kind"], then["now"]["name"], then["now"]["trip"]) == ("carrier", TRUCK, "YD-1")
    place = then["now"]["position"]
    assert place["time"] <= T0 + 10 * MINUTE
    assert place["lon"] == pytest.approx(at(6_000, 0)[1], abs=0.003)
    assert then["now"]["evidence"][0] == {"kind": "waybill", "id": "YD-1", "time": T0}
    assert [line["un"] for line in then["goods"]] == ["2556"]
    assert desk.container("MSKU0000000") is None


def test_the_book_is_the_same_whatever_comes_first_and_however_often(desk: CargoDesk, house: House) -> None:
    first = desk.trip("YD-1")
    told: list[Told] = [position(s, s * 10, 0, trip="YD-1") for s in range(0, 1_200, 10)]
    newer = waybill(time=T0, origin="plant", destination="elsewhere")
    desk.book.take([newer, *reversed(told), waybill(origin="plant", destination="yard-1")])
    again = desk.trip("YD-1")
    assert first is not None and again is not None
    assert again["track"] == first["track"]
    assert again["waybill"]["destination"] == "elsewhere", "the newest word on a waybill holds"


def test_a_trip_shows_its_track_areas_and_findings_with_where_they_began(desk: CargoDesk, house: House) -> None:
    lat, lon = at(1_000, 0)
    house.take(
        Finding(
            "f-1", "open", 0, "cargo", "haul-01", f"{TRUCK}/homes", TRUCK, "route", "carriage-forbidden-area", 1,
            "orange", T0 + 100_000, T0 + 100_000, Text("进入", "entered"), Origin("positions", 0, 1, 2),
            facts={"carrier": TRUCK, "trip": "YD-1", "lat": lat, "lon": lon},
        )
    )  # fmt: skip
    found = desk.trip("YD-1")
    assert found is not None
    assert found["track"][0][0] == T0
    assert [each["name"] for each in found["areas"]] == ["homes"]
    assert [(each["detector"], each["facts"]["lat"]) for each in found["findings"]] == [
        ("carriage-forbidden-area", lat)
    ]
    assert desk.under_way()["items"][0]["alarms"][0]["severity"] == "orange"


def test_a_sequence_of_what_it_did_stands_with_its_carrier_and_its_trip(desk: CargoDesk, house: House) -> None:
    house.take(
        Finding(
            "s-1", "open", 0, "cargo", "haul-01", TRUCK, "off-route-stop", "sequence", "sequence:off-route-stop", 1,
            "red", T0 + 100_000, T0 + 100_000, Text("偏离后停车", "off its route, then stopped"),
            Origin("findings", 0, 1, 2),
        )
    )  # fmt: skip
    found = desk.trip("YD-1")
    assert found is not None and [each["detector"] for each in found["findings"]] == ["sequence:off-route-stop"]
    (alarm,) = desk.under_way()["items"][0]["alarms"]
    assert (alarm["severity"], alarm["text"]["en"]) == ("red", "off its route, then stopped")


def test_sites_are_called_by_their_titles_and_others_by_their_names(desk: CargoDesk) -> None:
    trip = desk.under_way()["items"][0]["trip"]
    assert (trip["origin_title"]["en"], trip["destination_title"]["en"]) == ("plant", "Haulier 1")
    box = desk.container(BOX)
    assert box is not None and box["now"]["title"]["zh"] == "运输一"


def test_each_sees_what_is_of_its_district(desk: CargoDesk) -> None:
    other, theirs = Jurisdiction(districts=frozenset({"120101"})), Jurisdiction(districts=frozenset({"120103"}))
    assert desk.under_way(other)["items"] == []
    assert desk.trip("YD-1", other) is None
    assert desk.container(BOX, None, other) is None
    yard = desk.container(BOX, None, theirs)
    assert yard is not None
    assert [each["kind"] for each in yard["line"]] == ["yard"], "the yard's own part and no more"


def test_goods_that_leave_aboard_a_ship_are_where_the_ship_is(desk: CargoDesk, house: House) -> None:
    desk.yards.take([GateOut("o-1", "yard-1", T0 + 25 * MINUTE, BOX, aboard="MV Hope")])
    desk.book.take(
        [
            position(1_600, 40_000, 0, carrier="MV Hope", kind="ship"),
            position(1_700, 41_000, 0, carrier="MV Hope", kind="ship"),
        ]
    )
    found = desk.container(BOX)
    assert found is not None
    assert (found["now"]["kind"], found["now"]["name"]) == ("ship", "MV Hope")
    assert found["now"]["position"]["time"] == T0 + 1_700 * SECOND


def test_handovers_and_terminals_are_evidence_too(house: House) -> None:
    book = CarriageBook(house.store)
    given = Handover("H-1", TRUCK, "haul-01", T0, Party("shipper", "plant"), Party("carrier", TRUCK), containers=(BOX,))
    book.take([given, given, position(0, 0, 0, containers=(BOX,)), position(60, 600, 0, containers=(BOX,))])
    waybills, handovers, seen = book.about(BOX)
    assert (waybills, handovers) == ((), (given,))
    assert [(each.carrier, each.first, each.last) for each in seen] == [(TRUCK, T0, T0 + MINUTE)]


async def test_over_the_interface(desk: CargoDesk, house: House) -> None:
    server = Server(
        house.store, house.city, house.desk, Wall(house.store, house.city, Latency(), house.clock), Feed(),
        Ledger(house.store), lambda: None, ListHistory(), lambda: b"", cargo=desk,
    )  # fmt: skip
    app = create_app(server, Access(house.store))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        assert (await client.get("/api/cargo/carriers")).json()["items"][0]["carrier"] == TRUCK
        assert (await client.get("/api/cargo/trips/YD-1")).json()["classes"] == ["4.1"]
        assert (await client.get(f"/api/cargo/carriers/{TRUCK}")).json()["trips"][0]["id"] == "YD-1"
        then = await client.get(f"/api/cargo/containers/{BOX}", params={"at": "2026-03-02T08:10:00"})
        assert then.json()["now"]["kind"] == "carrier"
        missing = await client.get("/api/cargo/containers/MSKU0000000")
        assert (missing.status_code, "MSKU0000000" in missing.text) == (404, True)
        assert (await client.get(f"/api/cargo/containers/{BOX}", params={"at": "never"})).status_code == 422
