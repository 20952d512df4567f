"""The firms of a city by risk, from a real store: every term from its own record, and what a district may see."""

from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest

from alerts.accidents.desk import Accidents
from alerts.accounts.access import Access
from alerts.accounts.jurisdiction import Jurisdiction
from alerts.api import Server, create_app
from alerts.feed import Feed
from alerts.firm_risk.board import FirmRisks
from alerts.firm_risk.weights import pack_weights, product_weights
from alerts.latency import Latency
from alerts.ledger import Ledger
from alerts.safety import tables
from alerts.safety.book import Book
from alerts.safety_figures.read import FactsReader
from alerts.wall import Wall
from records.accident_events import Opened, Reported
from records.accident_terms import Figures
from records.history import ListHistory
from records.registry import registry_of
from records.safety.forms import Danger, StaticGrade
from streams.metrics import Metrics
from streams.server_metrics import ServerMetrics
from tests.alerts.city_parts import DEVICE, SITE, T0, House, domain, finding
from tests.alerts.safety_figures.test_report import GAUGE, OTHER
from topics.errors import ConfigurationError

HOUR, DAY = 3_600_000, 86_400_000


@pytest.fixture
def house(copied_store: str) -> Iterator[House]:
    made = House(copied_store)
    made.city.registry = registry_of([SITE, DEVICE, OTHER, GAUGE])
    yield made
    made.store.close()


@pytest.fixture
def risks(house: House) -> FirmRisks:
    return FirmRisks(FactsReader(house.store, house.city, Accidents(house.store, house.city, house.clock)))


def graded(site: str, score: float, *red: str) -> StaticGrade:
    return StaticGrade(site, score, red, "x", T0 - DAY, T0 + DAY, "Wu", T0 - DAY)


def overdue(house: House, name: str, site: str, level: Any) -> None:
    """A danger that the rules have found to be overdue, as the desk of safety work writes it."""
    danger = Danger(name, site, level, "yard", "leak", "Li", T0 - 9 * DAY, T0 - DAY, "Wu", "visit")
    Book(house.store, house.clock).enter(danger)
    body = {"facts": {"danger": name}, "site": site}
    row = {
        "id": name, "rule": "danger-overdue", "subject": name, "site": site, "opened": T0 - DAY, "closed": None,
        "seq": 0, "severity": "red", "mark": "", "sent": True, "body": msgspec.json.encode(body).decode(),
    }  # fmt: skip
    house.store.write(lambda connection: connection.execute(tables.safety_finding.insert(), [row]))


def terms(row: dict[str, Any]) -> dict[str, float]:
    return {each["term"]: each["points"] for each in row["reasons"]}


def test_each_term_comes_from_its_record(house: House, risks: FirmRisks) -> None:
    assert [(row["title"], row["points"], row["colour"]) for row in risks.listed()] == [
        ("Li's Yard", 85, "yellow"), ("Test Chemicals", 85, "yellow"),
    ]  # fmt: skip
    Book(house.store, house.clock).enter(graded("tank-farm-1", 97), graded("yard-2", 92))
    house.take(finding(severity="red"), finding(severity="blue", detector="odd", family="anomaly"))
    house.take(finding(detector="unit-hazard-grade", family="hazard-grade", subject="tank-farm-1", facts={"grade": 3}))
    overdue(house, "d1", "tank-farm-1", "general")
    silent = {"family": "quality", "detector": "missing", "severity": "blue", "site": "yard-2"}
    for subject in ("yard-2/GT-2/lel/Rtd", "yard-2/GT-2/co/Rtd"):
        house.take(finding(opened=T0 - 72 * HOUR, time=T0, subject=subject, **silent))  # type: ignore[arg-type]
    rows = {row["title"]: row for row in risks.listed()}
    assert terms(rows["Test Chemicals"]) == {"static": 3, "alarms": 8.5, "hazard": 5, "dangers": 3}
    assert (rows["Test Chemicals"]["points"], rows["Test Chemicals"]["colour"]) == (80.5, "yellow")
    # Three days of thirty silent: 90 %, 9.5 below the target, two points for each and ten at most.
    assert terms(rows["Li's Yard"]) == {"static": 8, "online": 10}
    assert risks.counts() == {"red": 0, "orange": 0, "yellow": 2, "blue": 0}


def test_a_major_danger_overdue_and_a_larger_accident_are_red_at_once(house: House, risks: FirmRisks) -> None:
    Book(house.store, house.clock).enter(graded("tank-farm-1", 100), graded("yard-2", 100))
    overdue(house, "d1", "yard-2", "major")
    accidents = risks.reader.accidents
    name = accidents.open(Opened(T0, "Wu", T0 - DAY, T0 - DAY, "safety", "fall", "x", "Test Chemicals", "120116"))
    accidents.act(name, Reported(T0, "Wu", "initial", T0, Figures(deaths=3), "x"))
    rows = {row["title"]: row for row in risks.listed(colour="red")}
    assert len(rows) == 2 and all(row["direct"] for row in rows.values())
    assert rows["Li's Yard"]["reasons"][0]["term"] == "major-danger-overdue"
    assert rows["Test Chemicals"]["reasons"][0]["term"] == "grave-accident", "found by the firm's name, without a site"
    weights = risks.site_weights(["tank-farm-1", "yard-2", "nowhere"])
    assert weights == {"tank-farm-1": 11.0, "yard-2": 11.0, "nowhere": 1.0}
    house.city.tick(T0 + 366 * DAY)
    later = {row["title"]: row for row in risks.listed()}
    assert not later["Test Chemicals"]["direct"] and later["Test Chemicals"]["points"] == 85, "grade run out too"


def test_a_district_sees_its_own_firms(risks: FirmRisks) -> None:
    mine = Jurisdiction(districts=frozenset({"120101"}))
    assert [row["title"] for row in risks.listed(mine)] == ["Li's Yard"]
    assert [row["title"] for row in risks.listed(district="120116")] == ["Test Chemicals"]


def test_what_is_asked_often_is_counted_once_a_minute(house: House, risks: FirmRisks) -> None:
    house.city.put(domain(facts={"safety_work": {}}))
    first = risks.counts_lately(1_000_000)
    assert first == {"safety": {"red": 0, "orange": 0, "yellow": 2, "blue": 0}}
    Book(house.store, house.clock).enter(graded("tank-farm-1", 99))
    assert risks.counts_lately(1_059_999) is first
    assert risks.counts_lately(1_060_000)["safety"]["blue"] == 1


def test_a_pack_may_weigh_otherwise_and_nonsense_is_refused(house: House, risks: FirmRisks) -> None:
    rows = msgspec.to_builtins(product_weights())
    rows["ungraded"]["points"] = 50.0
    house.city.put(domain(facts={"firm_risk": rows}))
    assert {row["colour"] for row in risks.listed()} == {"red"}
    with pytest.raises(ConfigurationError, match=r"facts\.firm_risk: "):
        pack_weights(domain(facts={"firm_risk": {}}))


async def test_the_list_comes_over_http_with_its_sources(house: House, risks: FirmRisks) -> None:
    server = Server(
        house.store, house.city, house.desk, Wall(house.store, house.city, Latency(), house.clock), Feed(),
        Ledger(house.store), lambda: None, ListHistory(), lambda: b"",
    )  # fmt: skip
    transport = httpx.ASGITransport(create_app(server, Access(house.store)), client=("127.0.0.1", 4000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        items = (await client.get("/api/firm-risk")).json()["items"]
        assert items == risks.listed() and items[0]["reasons"][0]["source"].startswith("ours")
        assert items[0]["reasons"][0]["source_text"]["zh"].startswith("本系统自定")
        assert (await client.get("/api/firm-risk/Test Chemicals")).json()["sites"] == ["tank-farm-1"]
        assert (await client.get("/api/firm-risk/nobody")).status_code == 404
        table = (await client.get("/api/firm-risk?format=csv")).text.splitlines()
        assert len(table) == 3 and "no static grade" in table[1]
        assert (await client.get("/api/firm-risk/weights")).json()["colours"]["confirmed"] is True


def test_the_metrics_count_firms_by_colour(house: House, risks: FirmRisks) -> None:
    house.city.put(domain(facts={"safety_work": {}}))
    metrics = ServerMetrics(Metrics(), house.store)
    metrics.watch_firms(lambda: risks.counts_lately(1_000_000))
    page = metrics.page().decode()
    assert 'citybrain_firms_by_risk{colour="yellow",domain="safety"} 2.0' in page
    assert 'citybrain_firms_by_risk{colour="red",domain="safety"} 0.0' in page
