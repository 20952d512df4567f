"""The statistics over a real store: alarms, outages, accidents and safety work of a month, reckoned again by hand."""

import csv
import io
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from alerts.accidents.desk import Accidents
from alerts.accidents.views import summary
from alerts.accounts.access import Access
from alerts.accounts.jurisdiction import Jurisdiction
from alerts.api import Server, create_app
from alerts.feed import Feed
from alerts.firm_risk.board import FirmRisks
from alerts.latency import Latency
from alerts.ledger import Ledger
from alerts.safety.book import Book
from alerts.safety_figures.plots import NAMES, plot_of, svg
from alerts.safety_figures.read import FactsReader
from alerts.safety_figures.report import Report, SafetyFigures, rows_of
from alerts.wall import Wall
from records.accident_events import Opened, Reported
from records.accident_terms import Figures
from records.history import ListHistory
from records.registry import Device, SeriesMeta, Site, registry_of
from records.safety.forms import Visit
from tests.alerts.city_parts import DEVICE, MINUTE, SITE, House, finding
from tests.postgresql_server import PostgreSQL
from topics.finding import Text

HOUR, DAY = 60 * MINUTE, 24 * 60 * MINUTE
#: 1 August 2015 in Tianjin.
AUGUST = 1_438_358_400_000
OTHER = Site("yard-2", "safety", Text("二号堆场", "yard 2"), "Li's Yard", "120101", 39.1, 117.2)
GAUGE = Device("GT-2", "yard-2", "gas detector", {"lel": SeriesMeta(), "co": SeriesMeta(statistics=("Avg", "Rtd"))})


@pytest.fixture
def house(copied_store: str) -> Iterator[House]:
    made = House(copied_store)
    yield made
    made.store.close()


@pytest.fixture
def figures(house: House) -> SafetyFigures:
    return SafetyFigures(month(house))


def month(house: House) -> FactsReader:
    """A month of which ten days have passed: alarms of 5, 10 and 60 minutes and one that stands, an outage of six
    hours and one that lasts, two dead at an accident, and in July an alarm and an accident.
    """
    house.city.registry = registry_of([SITE, DEVICE, OTHER, GAUGE])
    house.city.time = 0
    accidents = Accidents(house.store, house.city, house.clock)
    july = AUGUST - 20 * DAY
    sound(house, "july", july, july + 5 * MINUTE)
    house.city.tick(july + DAY)
    accidents.open(Opened(july + DAY, "Wu", july, july, "safety", "fall", "fall", "Li's Yard", "120101", site="yard-2"))
    for number, minutes in enumerate((5, 10, 60)):
        start = AUGUST + number * DAY
        sound(house, f"a{number}", start, start + minutes * MINUTE)
    house.take(finding(opened=AUGUST + 9 * DAY, detector="stands", site="yard-2", subject="yard-2/GT-2/lel/Rtd"))
    silence(house, "tank-farm-1", "GT-1", AUGUST + 5 * DAY, AUGUST + 5 * DAY + 6 * HOUR)
    silence(house, "yard-2", "GT-2", AUGUST + 9 * DAY, None)
    house.city.tick(AUGUST + 10 * DAY)
    name = accidents.open(
        Opened(AUGUST + 10 * DAY, "Wu", AUGUST + 8 * DAY, AUGUST + 8 * DAY, "safety", "fire", "fire", "x", "120116",
               site="tank-farm-1")
    )  # fmt: skip
    accidents.act(name, Reported(AUGUST + 10 * DAY, "Wu", "initial", AUGUST + 9 * DAY, Figures(deaths=4), "x"))
    book = Book(house.store, house.clock)
    book.enter(Visit("v1", "yard-2", AUGUST + 3 * DAY, AUGUST, "Wu", AUGUST, done=AUGUST + 2 * DAY))
    book.enter(Visit("v2", "yard-2", AUGUST + 4 * DAY, AUGUST, "Wu", AUGUST))
    book.enter(Visit("v3", "yard-2", AUGUST + 4 * DAY, AUGUST, "Wu", AUGUST, cancelled="closed"))
    return FactsReader(house.store, house.city, accidents)


def sound(house: House, detector: str, start: int, over: int) -> None:
    (name,) = house.take(finding(opened=start, detector=detector))
    house.city.tick(start)
    house.desk.acknowledge(name, "Wu", "")
    house.city.tick(over)
    house.take(finding("close", 1, opened=start, time=over, closed=over, detector=detector))


def silence(house: House, site: str, device: str, start: int, over: int | None) -> None:
    said: dict[str, Any] = {
        "family": "quality",
        "detector": "missing",
        "subject": f"{site}/{device}/lel/Rtd",
        "severity": "blue",
    }
    house.take(finding(opened=start, time=start + MINUTE, site=site, **said))
    if over is not None:
        house.take(finding("close", 1, opened=start, time=over, closed=over, site=site, **said))


def test_a_running_month_beside_as_much_of_july_and_of_the_year_before(figures: SafetyFigures) -> None:
    report = figures.report("2015-08")
    total = report["total"]
    assert report["running"] and report["until"] == AUGUST + 10 * DAY
    assert (total["accidents"], total["deaths"], total["accidents_reported_late"]) == (1, 4, 1)
    assert total["accidents_by_grade"] == {
        "general": 0, "larger": 1, "major": 0, "particularly-major": 0, "ungraded": 0,
    }  # fmt: skip
    assert total["points"] == 3, "lel twice and co"
    assert total["offline_hours"] == 6 + 24 and total["drop_outs"] == 2
    assert total["online_percent"] == round(100 * (1 - 30 / (3 * 240)), 4)
    assert (total["alarms"], total["handled"], total["not_handled"]) == (6, 3, 3), "two of them of silence, one open"
    assert (total["handling_median_s"], total["handling_p90_s"]) == (600, 3600)
    assert total["alarms_per_point_day"] == round(6 / 30, 6)
    assert (total["visits_planned"], total["visits_done"]) == (2, 1)
    before = report["before"]
    assert before["until"] - before["start"] == 10 * DAY, "as much of July as has passed of August"
    assert (before["figures"]["accidents"], before["figures"]["alarms"]) == (0, 0), "the 12th of July lies behind it"
    assert before["change"]["deaths"] == 4 and report["year_before"]["figures"]["alarms"] == 0
    july = figures.report("2015-07")
    assert (july["total"]["accidents"], july["total"]["alarms"], july["running"]) == (1, 1, False)
    assert july["total"]["accidents_by_grade"]["ungraded"] == 1, "nobody has reported on it"


def test_parts_districts_and_firms_add_up(figures: SafetyFigures) -> None:
    report = figures.report("2015-08")
    for name in ("alarms", "deaths", "accidents", "offline_hours", "visits_done"):
        for rows in (report["districts"], report["firms"], report["series"]):
            assert sum(row[name] for row in rows) == pytest.approx(report["total"][name]), name
    assert [row["title"] for row in report["firms"]] == ["Li's Yard", "Test Chemicals"]
    one = figures.report("2015-08", district="120101")
    assert (one["total"]["points"], one["total"]["accidents"], one["total"]["offline_hours"]) == (2, 0, 24)
    mine = figures.report("2015-08", Jurisdiction(districts=frozenset({"120116"})))
    assert [row["firm"] for row in mine["firms"]] == ["Test Chemicals"]
    day = figures.report("2015-08-09")
    assert (day["total"]["accidents"], len(day["series"])) == (1, 24)
    with pytest.raises(ValueError, match="has begun"):
        figures.report("2015-09")


def test_every_plot_is_well_formed_in_both_languages(figures: SafetyFigures) -> None:
    report: Report = figures.report("2015-08")
    for name in NAMES:
        for language in ("zh", "en"):
            drawn = ET.fromstring(svg(plot_of(report, name), report["series"], report["unit"], language))
            assert drawn.attrib["aria-label"] and len(drawn.findall(".//{*}text")) > 4
    drawn = ET.fromstring(svg(plot_of(report, "accidents"), report["series"], report["unit"], "zh"))
    bars = [each for each in drawn.findall("{*}rect") if each.get("stroke")]
    assert [each.get("fill") for each in bars] == ["#f2c800"], "one larger accident in the colour of its level"


async def test_the_table_and_the_plots_come_over_http(house: House, figures: SafetyFigures) -> None:
    server = Server(
        house.store, house.city, house.desk, Wall(house.store, house.city, Latency(), house.clock), Feed(),
        Ledger(house.store), lambda: None, ListHistory(), lambda: b"",
    )  # fmt: skip
    transport = httpx.ASGITransport(create_app(server, Access(house.store)), client=("127.0.0.1", 4000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        path = "/api/safety-figures"
        assert (await client.get(f"{path}?period=2015-08")).json()["total"]["deaths"] == 4
        table = await client.get(f"{path}?period=2015-08&format=csv")
        rows = list(csv.DictReader(io.StringIO(table.text.removeprefix("\ufeff"))))
        assert [(row["group"], row["name"], row["deaths"]) for row in rows[:1]] == [("total", "2015-08", "4")]
        assert len(rows) == len(rows_of(figures.report("2015-08"))) == 3 + 2 + 2
        plot = await client.get(f"{path}/plots/alarms?period=2015-08&lang=en")
        assert plot.headers["content-type"] == "image/svg+xml" and "Alarms by level" in plot.text
        assert (await client.get(f"{path}/plots/none?period=2015-08")).status_code == 404
        assert (await client.get(f"{path}?period=2016-01")).status_code == 422


@pytest.mark.kafka
def test_postgresql_gives_the_same_figures_cases_and_firms(postgresql: PostgreSQL, house: House) -> None:
    other = House(postgresql.made_store())
    one, two = month(house), month(other)
    assert SafetyFigures(two).report("2015-08") == SafetyFigures(one).report("2015-08")
    assert FirmRisks(two).listed() == FirmRisks(one).listed()
    for name in one.accidents.listed():
        assert summary(two.accidents, name) == summary(one.accidents, name)
    other.city.tick(AUGUST + 200 * DAY)
    house.city.tick(AUGUST + 200 * DAY)
    assert two.accidents.on_time() == one.accidents.on_time() != []
    other.store.close()
