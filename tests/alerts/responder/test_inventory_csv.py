"""The yard as a file for spreadsheets: what stood where at a moment, whole, safe to open, and only for whom it is."""

import csv
import io
import re
from collections.abc import AsyncIterator

import httpx
import pytest

from alerts.responder.inventory_csv import YardTable
from alerts.store import Store
from records.stays import Box
from tests.alerts.responder.port import FIRE, GOODS, box
from tests.alerts.responder.yard_client import yard_client
from topics.events import Goods
from topics.finding import Text

PATH = "/api/yards/yard-ruihai/inventory"
EVENTS = [
    *box("GONE", "1942", "ARR", 0, 0, left=-1),
    *box("STAYED", "1942", "ARR", 0, 1, left=1, mass=800.0),
    *box("SODIUM", "1428", "E", 2, 3, mass=0.5),
    *box("LATER", "1689", "ARR", 3, 0, came=1),
]


@pytest.fixture
async def client(copied_store: str) -> AsyncIterator[httpx.AsyncClient]:
    async with yard_client(Store(copied_store), EVENTS) as made:
        yield made


def read(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff"), "a spreadsheet knows UTF-8 by its mark"
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


async def test_what_stood_where_at_the_minute_of_the_fire(client: httpx.AsyncClient) -> None:
    answer = await client.get(PATH, params={"at": FIRE, "format": "csv", "limit": 1, "offset": 1})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="yard-yard-ruihai-2015-08-12T225146.csv"'
    sodium, stayed = read(answer.text)
    assert (sodium["container"], stayed["container"]) == ("SODIUM", "STAYED"), "all of them, whatever page"
    assert {name: sodium[name] for name in ("block", "bay", "row", "tier", "un", "mass_t", "no_water", "owner")} == {
        "block": "E", "bay": "2", "row": "3", "tier": "1", "un": "1428", "mass_t": "0.5", "no_water": "yes",
        "owner": "firm SODIUM",
    }  # fmt: skip
    assert (sodium["goods_title_zh"], sodium["goods_title_en"]) == ("钠", "SODIUM")
    assert (sodium["site_title_zh"], sodium["moment_city"]) == ("瑞海堆场", "2015-08-12 22:51:46")
    assert (stayed["since_city"], stayed["too_close_to"]) == ("2015-08-12 12:51:46", "0")


async def test_it_is_cut_as_the_page_is_and_an_empty_one_has_its_head(client: httpx.AsyncClient) -> None:
    cut = await client.get(PATH, params={"at": FIRE, "format": "csv", "un": "1942"})
    assert [row["container"] for row in read(cut.text)] == ["STAYED"]
    now = await client.get(PATH, params={"format": "csv"})
    assert [row["container"] for row in read(now.text)] == ["LATER", "SODIUM"]
    none = await client.get(PATH, params={"format": "csv", "owner": "nobody"})
    assert read(none.text) == [] and none.text.count("\r\n") == 1
    assert none.text.partition("\r\n")[0] == now.text.partition("\r\n")[0]


async def test_the_page_offers_it_for_what_it_shows(client: httpx.AsyncClient) -> None:
    asked = {"site": "yard-ruihai", "at": str(FIRE), "un": "1428", "owner": "", "offset": "0", "lang": "zh"}
    page = (await client.get("/yard", params=asked)).text
    found = re.search(r'id="csv" href="([^"]+)">以上全部（CSV）<', page)
    assert found is not None
    rows = read((await client.get(found[1].replace("&amp;", "&"))).text)
    assert [row["container"] for row in rows] == ["SODIUM"]


async def test_a_yard_that_is_not_theirs_or_not_there_gives_no_file(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/yards/yard-none/inventory", params={"format": "csv"})
    assert answer.status_code == 404 and "text/csv" not in answer.headers["content-type"]
    assert (await client.get(PATH, params={"format": "xlsx"})).status_code == 422


def test_no_cell_begins_a_formula_and_what_is_not_known_is_empty() -> None:
    table = YardTable("y", Text("=甲", "+yard"), FIRE, GOODS, {"C1": 2})
    evil = Goods("9999", "=HYPERLINK(1)", "9", 1.5, ("8", "3"))
    known, bare = read(
        table.csv((Box("C1", FIRE, (evil,), consignor="@firm", emergency_contact="-1"), Box("C2", FIRE)))
    )
    told = [known[name] for name in ("declared_name", "owner", "emergency_contact", "site_title_zh", "site_title_en")]
    assert told == ["'=HYPERLINK(1)", "'@firm", "'-1", "'=甲", "'+yard"]
    assert (known["subsidiary"], known["too_close_to"], known["no_water"], known["ems"]) == ("8 3", "2", "", "")
    assert [bare[name] for name in ("un", "mass_t", "block", "bay", "owner")] == [""] * 5


def test_a_box_with_several_goods_has_a_row_for_each_as_declared() -> None:
    lines = (Goods("1942", "AN", "5.1", 20.0), Goods("1428", "NA", "4.3", 0.5, control_c=0.0))
    rows = read(YardTable("y", Text("甲", "y"), FIRE, GOODS, {}).csv((Box("C1", FIRE, lines),)))
    assert [(row["container"], row["un"], row["mass_t"]) for row in rows] == [
        ("C1", "1942", "20.0"),
        ("C1", "1428", "0.5"),
    ]
    assert [row["control_c"] for row in rows] == ["", "0.0"], "nothing is not zero"
