"""What is dated later than city time was announced: it waits for its time, is told of and never counted."""

from collections.abc import AsyncIterator

import httpx
import pytest

from alerts.city import City
from alerts.responder.city_yards import CityYards
from alerts.responder.yards import Yards
from alerts.store import Store
from records.stock import Question
from tests.alerts.responder.port import FIRE, MINUTE, box
from tests.alerts.responder.yard_client import yard_client
from topics.events import GateIn, GateOut

SITE = "yard-ruihai"
#: City time of the port's tests.
NOW = FIRE + 60 * MINUTE
DAY = 24 * 60 * MINUTE
EVENTS = [
    *box("STANDS", "1942", "ARR", 0, 1, mass=800.0),
    GateOut("ahead-out", SITE, NOW + DAY, "STANDS"),
    GateIn("ahead-in", SITE, NOW + 400 * DAY, "AHEAD"),
]


def test_an_event_counts_from_its_own_minute_on() -> None:
    yards, city = Yards(), City()
    yards.take(EVENTS)
    yards.take(EVENTS)  # told twice
    made = CityYards(yards, city)
    assert made.ask(SITE, Question()).boxes == 1 and made.later([SITE]) == 0, "no city time: all that was told"
    told = []
    for now in (NOW, NOW + DAY - 1, NOW + DAY, NOW + 400 * DAY):
        city.tick(now)
        there = [each.container for each in made.ask(SITE, Question(limit=9)).standing]
        assert there == [each.container for lines in made.lines([SITE], None) for each in lines.boxes]
        assert there == [each for each in ("STANDS", "AHEAD") if made.stands(each, None)]
        told.append((there, made.later([SITE, "yard-none"]), made.newest))
    came = FIRE - 600 * MINUTE + 1
    assert told == [
        (["STANDS"], 2, came), (["STANDS"], 2, came), ([], 1, NOW + DAY), (["AHEAD"], 0, NOW + 400 * DAY)
    ]  # fmt: skip


def test_a_moment_that_has_not_come_is_shown_as_now_and_a_past_one_as_it_was() -> None:
    yards, city = Yards(), City()
    yards.take(EVENTS)
    city.tick(NOW)
    made = CityYards(yards, city)
    ahead = made.ask(SITE, Question(NOW + 500 * DAY))
    assert made.is_ahead(NOW + 1) and not made.is_ahead(NOW) and not made.is_ahead(None)
    assert (ahead.time, ahead.boxes) == (None, 1)
    assert made.ask(SITE, Question(NOW)).time == NOW
    assert made.stands("STANDS", FIRE - 601 * MINUTE) is None


@pytest.fixture
async def client(copied_store: str) -> AsyncIterator[httpx.AsyncClient]:
    async with yard_client(Store(copied_store), EVENTS) as made:
        yield made


async def test_a_gate_event_dated_ahead_hides_no_box_and_adds_none(client: httpx.AsyncClient) -> None:
    now = (await client.get(f"/api/yards/{SITE}/inventory")).json()
    assert [each["container"] for each in now["standing"]] == ["STANDS"] and now["mass_t"] == 800.0
    assert (now["later_events"], now["not_yet"], now["time"]) == (2, None, None)
    assert now["read_to"] == FIRE - 600 * MINUTE + 1
    card = (await client.get("/api/responder-card", params={"site": SITE})).json()
    assert card["near"]["rings"][-1]["masses_t"] == {"1942": 800.0}
    assert (card["later_events"], card["read_to"]) == (2, now["read_to"])
    (yard,) = (await client.get("/api/yards")).json()["items"]
    assert (yard["boxes"], yard["undeclared"]) == (1, [])
    assert (await client.get("/api/responder-card", params={"container": "STANDS"})).status_code == 200
    assert (await client.get("/api/responder-card", params={"container": "AHEAD"})).status_code == 404


@pytest.mark.parametrize("page", ["/yard", "/responder-card"])
async def test_page_and_card_say_what_is_not_counted_and_what_has_not_come(
    client: httpx.AsyncClient, page: str
) -> None:
    chinese = (await client.get(page, params={"site": SITE, "lang": "zh"})).text
    assert "有 2 条事件的时间晚于现在，未计入" in chinese and "STANDS" in chinese and "尚未到来" not in chinese
    ahead = (await client.get(page, params={"site": SITE, "at": "2030-01-01", "lang": "en"})).text
    assert "2030-01-01 00:00:00 has not come yet: what will stand there then is not known" in ahead
    assert "2 events are dated later than now: they are not counted" in ahead and "· now" in ahead
    assert 'value="2030-01-01T00:00:00"' in ahead, "what was asked stays in the field"
    past = (await client.get(page, params={"site": SITE, "at": "2014-01-01", "lang": "en"})).text
    assert 'value="2014-01-01T00:00:00"' in past and 'id="later"' not in past and "STANDS" not in past


async def test_a_moment_that_has_not_come_is_named_by_the_interface(client: httpx.AsyncClient) -> None:
    asked = {"at": str(NOW + 500 * DAY)}
    told = (await client.get(f"/api/yards/{SITE}/inventory", params=asked)).json()
    assert (told["not_yet"], told["time"], told["boxes"]) == (NOW + 500 * DAY, None, 1)
    card = (await client.get("/api/responder-card", params=asked | {"site": SITE})).json()
    assert (card["not_yet"], card["past"], card["time"]) == (NOW + 500 * DAY, False, NOW)
