"""What is in the yard, by interface and page: now, at a past minute, of one owner, and only to whom it belongs."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from alerts.store import Store
from tests.alerts.responder.port import FIRE, MINUTE, box
from tests.alerts.responder.yard_client import yard_client

EVENTS = [
    *box("GONE", "1942", "ARR", 0, 0, left=-1),
    *box("STAYED", "1942", "ARR", 0, 1, left=1, mass=800.0),
    *box("SODIUM", "1428", "E", 2, 0, mass=0.5),
    *box("LATER", "1689", "ARR", 3, 0, came=1),
]


@pytest.fixture
async def client(copied_store: str) -> AsyncIterator[httpx.AsyncClient]:
    async with yard_client(Store(copied_store), EVENTS) as made:
        yield made


async def inventory(client: httpx.AsyncClient, **asked: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get("/api/yards/yard-ruihai/inventory", params=asked)).json()
    return found


async def test_how_much_where_and_whose_at_the_minute_of_the_fire(client: httpx.AsyncClient) -> None:
    then = await inventory(client, at=FIRE)
    assert (then["boxes"], then["mass_t"], then["time"]) == (2, 800.5, FIRE)
    assert [(each["key"], each["mass_t"]) for each in then["by_un"]] == [("1942", 800.0), ("1428", 0.5)]
    assert [(each["key"], each["boxes"]) for each in then["by_block"]] == [("ARR", 1), ("E", 1)]
    of_one = await inventory(client, at=FIRE, owner="firm SODIUM")
    assert [each["container"] for each in of_one["standing"]] == ["SODIUM"]
    assert [each["container"] for each in (await inventory(client, un="1689"))["standing"]] == ["LATER"]
    assert (await inventory(client, at=FIRE - 700 * MINUTE))["boxes"] == 0
    assert (await client.get("/api/yards/yard-none/inventory")).status_code == 404
    assert (await client.get("/api/yards/yard-ruihai/inventory", params={"limit": 5000})).status_code == 422


async def test_the_page_says_it_in_both_languages(client: httpx.AsyncClient) -> None:
    chinese = await client.get("/yard", params={"at": "2015-08-12T22:51:46", "lang": "zh"})
    assert "堆场存货" in chinese.text and "硝酸铵" in chinese.text and "2015-08-12 22:51:46" in chinese.text
    assert "STAYED" in chinese.text and "GONE" not in chinese.text
    assert "form-action 'self'" in chinese.headers["content-security-policy"]
    english = (await client.get("/yard", params={"owner": "firm LATER", "lang": "en"})).text
    assert "What is in the yard" in english and "LATER" in english and "SODIUM</a>" not in english
    assert "now" in english


async def test_a_past_moment_is_judged_by_the_rules_of_today_or_of_that_day_and_says_which(
    client: httpx.AsyncClient,
) -> None:
    """800 t of ammonium nitrate: 300 t were critical in 2015 and 50 t are today; 0.5 t of sodium are a twentieth."""
    then = await inventory(client, at=FIRE, rules_as_of="then")
    assert (then["rules"]["as_of"], then["rules"]["editions"]) == ("2015-08-12", ["GB 18218-2009"])
    assert then["hazard"] | {"unlisted": []} == {
        "s": 2.717, "r": 5.433, "grade": 4, "standard": "GB 18218-2009", "unlisted": [],
    }  # fmt: skip
    now = await inventory(client, at=FIRE, rules_as_of="2026-01-01", un="1428")
    assert (now["rules"]["as_of"], now["hazard"]["standard"]) == ("2026-01-01", "GB 18218-2018")
    assert (now["hazard"]["s"], now["hazard"]["grade"], now["mass_t"]) == (16.05, 3, 0.5), "of the yard, not the cut"
    today = (await inventory(client, at=FIRE))["rules"]
    assert today["as_of"] == "2015-08-12", "the city's today"
    wrong = await client.get("/api/yards/yard-ruihai/inventory", params={"rules_as_of": "soon"})
    assert wrong.status_code == 422 and "rules_as_of" in wrong.text


async def test_of_a_day_before_the_first_edition_none_is_known(client: httpx.AsyncClient) -> None:
    """GB 18218-2009 held from 1 December 2009 on."""
    before = await inventory(client, at=FIRE, rules_as_of="2009-11-30")
    assert (before["rules"]["editions"], before["hazard"]) == ([], None)
    first = await inventory(client, at=FIRE, rules_as_of="2009-12-01")
    assert (first["rules"]["editions"], first["hazard"]["standard"]) == (["GB 18218-2009"], "GB 18218-2009")
    for page in ("/yard", "/responder-card"):
        asked = {"site": "yard-ruihai", "rules_as_of": "1900-01-01"}
        assert (
            "rules as of 1900-01-01, edition not known" in (await client.get(page, params=asked | {"lang": "en"})).text
        )
        assert "规则日期 1900-01-01，版本 未知" in (await client.get(page, params=asked | {"lang": "zh"})).text


@pytest.mark.parametrize("page", ["/yard", "/responder-card"])
async def test_page_and_card_say_whose_rules_they_judge_by(client: httpx.AsyncClient, page: str) -> None:
    asked = {"site": "yard-ruihai", "at": "2015-08-12T22:51:46", "rules_as_of": "2026-01-01"}
    chinese = (await client.get(page, params=asked | {"lang": "zh"})).text
    assert "规则日期 2026-01-01，版本 GB 18218-2018" in chinese and "3 级重大危险源" in chinese
    english = (await client.get(page, params=asked | {"lang": "en", "rules_as_of": "then"})).text
    assert "rules as of 2015-08-12, edition GB 18218-2009" in english and "grade 4 (S 2.72, R 5.4)" in english
    other = (await client.get("/declarations", params={"lang": "en"})).text
    assert "rules: for each event those of its own day (today 2015-08-12)" in other and "GB 18218-2009" in other
    card = (await client.get("/api/responder-card", params=asked)).json()
    assert card["rules"]["editions"] == ["GB 18218-2018"] and card["yards"][0]["hazard"]["grade"] == 3
    assert (await client.get("/api/responder-card", params=asked | {"rules_as_of": "soon"})).status_code == 422
