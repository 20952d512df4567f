"""Accidents at the desk: opened from an alarm, reported late, climbing, passed up, exported, and whose they are."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest

from alerts.accidents.desk import Accidents
from alerts.accidents.terms import pack_terms, product_terms
from alerts.accounts.access import Access
from alerts.accounts.jurisdiction import Jurisdiction
from alerts.api import Server, create_app
from alerts.evidence.sealed import faults_of
from alerts.feed import Feed
from alerts.latency import Latency
from alerts.ledger import Ledger
from alerts.ledger.verify import verify
from alerts.wall import Wall
from records.accident_events import Opened, Reported
from records.history import ListHistory
from tests.alerts.city_parts import MINUTE, T0, House, domain, finding
from topics.errors import ConfigurationError

HOUR = 60 * MINUTE


@pytest.fixture
def house(copied_store: str) -> Iterator[House]:
    made = House(copied_store)
    yield made
    made.store.close()


@pytest.fixture
def accidents(house: House) -> Accidents:
    return Accidents(house.store, house.city, house.clock)


def client_of(house: House, accidents: Accidents) -> httpx.AsyncClient:
    server = Server(
        house.store, house.city, house.desk, Wall(house.store, house.city, Latency(), house.clock), Feed(),
        Ledger(house.store), lambda: None, ListHistory(), lambda: b"", accidents=accidents,
    )  # fmt: skip
    transport = httpx.ASGITransport(create_app(server, Access(house.store)), client=("127.0.0.1", 4000))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")


OPENING = {"title": "tank fire", "kind": "fire", "site": "tank-farm-1", "who": "Wu", "occurred": T0 - MINUTE}


async def test_a_case_from_alarm_to_sealed_file(house: House, accidents: Accidents) -> None:
    (alarm,) = house.take(finding())
    async with client_of(house, accidents) as client:
        opened = await client.post("/api/accidents", json=OPENING | {"alarms": [alarm]})
        case = opened.json()
        assert opened.status_code == 200, case
        assert (case["id"], case["firm"], case["district"]) == ("120116-20150812-01", "Test Chemicals", "120116")
        assert case["next"]["due"] == T0 + HOUR and case["alarms"][0]["id"] == alarm
        path = f"/api/accidents/{case['id']}"
        house.city.tick(T0 + HOUR + 31 * MINUTE)
        assert accidents.on_time() == [case["id"]] and accidents.on_time() == []
        said = {"stage": "initial", "deaths": 2, "missing": 9, "text": "<b>burning</b>", "who": "Wu"}
        reported = (await client.post(f"{path}/report", json=said)).json()
        assert reported["late_initial"] and reported["grade"]["code"] == "general"
        assert reported["feared"]["code"] == "major" and reported["feared"]["severity"] == "orange"
        assert [each.get("to") for each in reported["events"] if each["type"] == "escalated"] == [
            "duty-leader", "city-duty-office",
        ]  # fmt: skip
        assert (await client.post(f"{path}/pass-up", json={"to": "city-bureau", "who": "Wu"})).status_code == 200
        again = await client.post(f"{path}/pass-up", json={"to": "city-bureau", "who": "Wu"})
        assert again.status_code == 409 and "已向该机关上报" in again.json()["error"]
        house.city.tick(T0 + 20 * HOUR)
        graver = await client.post(f"{path}/report", json=said | {"stage": "follow-up", "deaths": 11, "missing": 0})
        assert [each["grade"]["code"] for each in graver.json()["versions"]] == ["general", "major"]
        assert graver.json()["versions"][1]["regraded"] and graver.json()["next"]["name"] == "up:state-council"
        paper = await client.get(f"{path}/reports/1?lang=zh")
        assert "一般事故" in paper.text and "逾期" in paper.text and "&lt;b&gt;burning" in paper.text
        assert "依据: 国务院令第 493 号" in paper.text and "State Council" not in paper.text
        assert "sandbox" in paper.headers["content-security-policy"]
        assert (await client.get(f"{path}/reports/3")).status_code == 404
        file = await client.get(f"{path}/file")
    manifest, faults = faults_of(file.content, file.headers["x-evidence-head"])
    assert manifest is not None and faults == [] and [each.part for each in manifest.missing] == ["pictures"]
    with zipfile.ZipFile(io.BytesIO(file.content)) as pack:
        versions = pack.read("versions.csv").decode("utf-8-sig").splitlines()
        assert [line.split(",")[4] for line in versions] == ["deaths", "2", "11"]
        assert "major" in pack.read("report-02-en.html").decode()
    with house.store.read() as connection:
        assert verify(connection).broken == []


def opened(district: str = "120116", **more: Any) -> Opened:
    fields: dict[str, Any] = {"domain": "safety", "kind": "fall", "title": "fall", "firm": "Firm"}
    return Opened(T0, "Wu", T0, T0, district=district, **(fields | more))


def test_numbers_run_within_district_and_day_and_a_list_can_be_cut(accidents: Accidents) -> None:
    names = [accidents.open(opened()), accidents.open(opened()), accidents.open(opened("120101"))]
    assert names == ["120116-20150812-01", "120116-20150812-02", "120101-20150812-01"]
    accidents.act(names[1], Reported(T0, "Wu", "initial", T0, product_figures(deaths=4), "x", rescue_over=True))
    assert accidents.listed(grade="larger") == [names[1]]
    assert accidents.listed(state="report-awaited") == [names[2], names[0]]
    assert accidents.listed(Jurisdiction(districts=frozenset({"120101"}))) == [names[2]]
    accidents.city.tick(T0 + HOUR)
    assert accidents.listed(overdue=True) == []
    accidents.city.tick(T0 + HOUR + 1)
    assert sorted(accidents.listed(overdue=True)) == sorted([names[0], names[2]])


def product_figures(**figures: int) -> Any:
    return msgspec.convert(figures, Reported.__annotations__["figures"])


async def test_what_does_not_fit_is_refused_and_what_is_not_ones_own_is_not_there(
    house: House, accidents: Accidents
) -> None:
    async with client_of(house, accidents) as client:
        for body, status in (
            (OPENING | {"site": "nowhere"}, 404), (OPENING | {"alarms": ["none"]}, 404),
            (OPENING | {"kind": "flood"}, 422), (OPENING | {"known": T0 + HOUR}, 409), (OPENING | {"site": ""}, 422),
            (OPENING | {"who": ""}, 422),
        ):  # fmt: skip
            assert (await client.post("/api/accidents", json=body)).status_code == status, body
        outside = OPENING | {"site": "", "firm": "Li's yard", "district": "120101", "lat": 39.1, "lon": 117.2}
        assert (await client.post("/api/accidents", json=outside)).json()["lat"] == 39.1
        assert (await client.get("/api/accidents/none")).status_code == 404
        terms = (await client.get("/api/accidents/terms")).json()
        assert terms["initial"]["confirmed"] and not terms["final"]["confirmed"]


def test_a_pack_may_have_terms_of_its_own_and_broken_ones_are_refused_but_hold_nobody_up(
    house: House, accidents: Accidents
) -> None:
    rows = msgspec.to_builtins(product_terms())
    rows["grades"][1]["deaths"] = 2
    house.city.put(domain(facts={"accidents": rows}))
    name = accidents.open(opened())
    case = accidents.act(name, Reported(T0, "Wu", "initial", T0, product_figures(deaths=2), "x"))
    assert case.grade(accidents.terms("safety")).code == "larger"
    broken = domain(facts={"accidents": {"grades": []}})
    with pytest.raises(ConfigurationError, match=r"facts\.accidents: "):
        pack_terms(broken)
    house.city.put(broken)
    assert accidents.case(name).versions[0].grade == "general"
