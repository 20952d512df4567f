"""The card over HTTP: as JSON, as a page that needs nothing else, as a file, in both languages, and its refusals."""

import re
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from fastapi import FastAPI

from alerts.api import Server, create_app
from alerts.desk import Desk
from alerts.feed import Feed
from alerts.intake import Arrived, Intake
from alerts.latency import Latency
from alerts.ledger import Ledger
from alerts.responder.cards import ResponderCards
from alerts.responder.yards import Yards
from alerts.store import Store
from alerts.wall import Wall
from tests.alerts.city_parts import SENDER, WallClock, finding
from tests.alerts.responder.port import FIRE, MAST, box, port, winds
from tests.alerts.responder.yard_client import yard_client
from tests.made_stores import made_store
from topics.events import GateIn

EVENTS = [
    *box("NITRATE", "1942", "ARR", 0, 1, mass=800.0),
    *box("SODIUM", "1428", "ARR", 2, 0, mass=0.5),
    *box("ODD", "9999", "ARR", 3, 0),
    GateIn("i9", "yard-ruihai", FIRE - 1000, "BARE"),
]


def parts(url: str) -> Server:
    """A server whose yard holds ``EVENTS`` and to whom a fire was told."""
    city, clock, store = port(MAST), WallClock(), Store(url)
    yards = Yards()
    yards.take(EVENTS)
    yards.behind = 0
    fire = finding(
        domain="cargo", site="yard-ruihai", subject="yard-ruihai/ARR#fire", quantity="fire", family="observed",
        severity="red", opened=FIRE,
    )  # fmt: skip
    Intake(store, city, SENDER, clock).take([Arrived(fire)])
    history = winds((-5, 225.0, 3.0), (20, 90.0, 0.1), (40, 0.0, 2.0), (41, 180.0, 2.0), (58, 225.0, 3.0))
    desk, wall = Desk(store, city, SENDER, clock), Wall(store, city, Latency(), clock)
    cards = ResponderCards(store, city, yards, history, clock)
    return Server(store, city, desk, wall, Feed(), Ledger(store), lambda: None, history, lambda: b"", cards=cards)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """One application for all: nothing here changes what it holds."""
    server = parts(made_store(tmp_path_factory.mktemp("card")))
    yield create_app(server)
    server.store.close()


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as made:
        yield made


async def test_an_alarm_of_the_port_leads_to_its_card(client: httpx.AsyncClient) -> None:
    (alarm,) = (await client.get("/api/alarms")).json()["items"]
    card = (await client.get("/api/responder-card", params={"alarm": alarm["id"]})).json()
    assert card["spot"]["title"]["en"] == "Ruihai yard, block ARR" and card["spot"]["exact"]
    assert card["near"]["rings"][0]["masses_t"] == {"1942": 800.0, "9999": 10.0, "1428": 0.5}
    assert card["near"]["rings"][0]["no_water"] == ["1428"] and "dots" not in card
    assert card["wind"]["from_deg"] == 225.0 and card["behind"] == 0
    local = {"lat": "39.03972", "lon": "117.73657", "at": "2015-08-12T22:51:46"}
    assert (await client.get("/api/responder-card", params=local)).json()["time"] == FIRE
    before = (await client.get("/api/responder-card", params=local | {"at": str(FIRE - 3_600_000 * 20)})).json()
    assert before["near"]["rings"][-1]["boxes"] == 0
    (yard,) = (await client.get("/api/yards")).json()["items"]
    assert (yard["boxes"], yard["mass_t"], yard["undeclared"]) == (4, 810.5, ["BARE"])


async def test_the_page_carries_all_it_needs_and_may_load_nothing(client: httpx.AsyncClient) -> None:
    answer = await client.get(
        "/responder-card", params={"site": "yard-ruihai", "lat": "", "lon": "", "at": str(FIRE), "lang": "en"}
    )
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "img-src" not in policy
    page = answer.text
    assert not re.search(r'(?:src|href)="(?:https?:|/static)', page) and "@import" not in page
    for words in ("NO WATER on these", "UN 1428", "F-G, S-N", "2015-08-12 22:51:46", "AMMONIUM NITRATE", "BARE"):
        assert words in page, words
    assert "South-west wind, from 225°, so it blows towards 45°" in page and "measured at 2015-08-12 22:46:46" in page
    assert "mean of the last 10 minutes, of which 1 were told" in page and "spread" not in page
    assert "how many is not known" in page
    assert page.index("SODIUM") < page.index("AMMONIUM NITRATE"), "what must not be wetted comes first"
    chinese = (await client.get("/responder-card", params={"site": "yard-ruihai", "lang": "zh"})).text
    assert "以下货物禁止用水" in chinese and "硝酸铵" in chinese and "NO WATER" not in chinese
    assert "西南风，来自 225°，吹向 45°" in chinese
    assert "最近 10 分钟的平均，其中 1 分钟有读数" in chinese
    assert "未经核实: 据媒体报道约 600 米，凭记忆" in chinese and "from memory" not in chinese
    assert "some 600 m away by press reports, from memory" in page and "凭记忆" not in page


async def test_in_a_calm_the_page_draws_no_sector_and_says_why(client: httpx.AsyncClient) -> None:
    async def page(minute: int) -> str:
        asked = {"site": "yard-ruihai", "at": str(FIRE + minute * 60_000), "lang": "en"}
        return (await client.get("/responder-card", params=asked)).text

    windy, calm = await page(0), await page(21)
    assert 'fill="#dadcde"' in windy and 'fill="#dadcde"' not in calm
    variable = await page(42)
    assert 'fill="#dadcde"' not in variable and "<strong>Variable wind</strong>, 2.0 m/s" in variable
    assert "of which 2 were told · spread ±180°" in variable
    assert "<strong>Calm</strong>, 0.1 m/s" in calm and "measured at 2015-08-12 23:11:46" in calm


async def test_it_is_kept_as_one_file_and_a_yard_is_chosen_from_a_list(client: httpx.AsyncClient) -> None:
    kept = await client.get("/responder-card", params={"container": "SODIUM", "at": str(FIRE), "download": "1"})
    assert kept.headers["content-disposition"] == 'attachment; filename="responder-card-2015-08-12-225146.html"'
    assert "<form" not in kept.text and "<script" not in kept.text and "SODIUM" in kept.text
    chosen = (await client.get("/responder-card", params={"lang": "en"})).text
    assert "?site=yard-ruihai" in chosen and "810.5" in chosen


async def test_before_anything_stood_the_page_has_sentences_and_no_sign_that_nothing_bears(
    client: httpx.AsyncClient,
) -> None:
    asked = {"site": "yard-ruihai", "at": "2014-01-01"}
    english = (await client.get("/responder-card", params=asked | {"lang": "en"})).text
    assert english.count("No box of dangerous goods is known within 500 m.") == 2, "goods and nearest boxes"
    assert "†" not in english and "EmS:" in english
    now = (await client.get("/responder-card", params={"site": "yard-ruihai", "lang": "zh"})).text
    assert now.count("†") == 2, "goods that the list does not have, and the legend"


async def test_goods_that_need_no_control_temperature_are_not_said_to_lack_one(copied_store: str) -> None:
    async def page(un: str) -> str:
        async with yard_client(Store(copied_store), box("C", un, "ARR", 0, 0)) as made:
            return (await made.get("/responder-card", params={"site": "yard-ruihai", "lang": "en"})).text

    magnesium, peroxide = await page("1869"), await page("3115")
    assert "MAGNESIUM" in magnesium and "control temperature" not in magnesium
    assert "control temperature not known, emergency temperature not known" in peroxide


async def test_refusals_say_what_was_wrong(client: httpx.AsyncClient) -> None:
    async def refused(**asked: str) -> tuple[int, str]:
        answer = await client.get("/api/responder-card", params=asked)
        return answer.status_code, answer.text

    assert (await refused(site="nowhere"))[0] == 404
    status, text = await refused(lat="39", lon="117", at="yesterday")
    assert status == 422 and "2015-08-12T22:51:46" in text and "yesterday" in text
    assert (await refused())[0] == 422
    assert (await refused(lat="99", lon="0"))[0] == 422
