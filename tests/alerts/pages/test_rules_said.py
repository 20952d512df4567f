"""Every page on which rules were applied says under which day's rules, in both languages; a new page cannot forget."""

import datetime as dt
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
from fastapi import FastAPI

from alerts.accounts.identity import DESK, PLACE
from alerts.city import City
from alerts.page_rules import ASKED, PAGES
from alerts.pages import FOLDER, mount_pages
from alerts.responder.cards import ResponderCards
from alerts.responder.sheet import mount_sheet
from alerts.responder.yard_page import mount_yard_page
from alerts.responder.yards import Yards
from alerts.rules_said import RulesSaid
from alerts.store import Store
from records.history import ListHistory
from streams.judges.yard_grades import YardGrades
from streams.replays.rules_as_of import rules_as_of
from tests.alerts.city_parts import WallClock
from tests.alerts.responder.port import FIRE, box, port
from topics.published_pack import from_published, publish_form

#: Templates that are parts of pages.
PARTS = {"frame", "door", "sections", "rules", "ticket_view"}
ADDRESSES = {"wall": "/", "story": "/alarms/a1", "responder_card": "/responder-card?site=yard-ruihai"}
JUDGING = sorted(page for page, applied in PAGES.items() if applied is not None)
TODAY = dt.date(2026, 1, 1)


class _Pages:
    """The pages over a city with a yard, without the rest of the interface."""

    def __init__(self, store: Store, city: City) -> None:
        yards, clock, app = Yards(), WallClock(), FastAPI()
        yards.take(box("STAYED", "1942", "ARR", 0, 1, mass=800.0))
        self.cards = ResponderCards(store, city, yards, ListHistory(), clock, YardGrades())
        self.rules = RulesSaid(city, clock, lambda day: self.cards.rules(day).editions)
        pages = mount_pages(app, rules=self.rules)
        mount_sheet(app, pages, self.cards)
        mount_yard_page(app, pages, self.cards)

        async def at_the_desk(scope: Any, receive: Any, send: Any) -> None:
            await app({**scope, PLACE: DESK}, receive, send)

        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(at_the_desk), base_url="http://127.0.0.1")

    async def line(self, page: str, language: str) -> tuple[str, str]:
        """A page's line about its rules, and its mark over all ("" = none)."""
        address = ADDRESSES.get(page, f"/{page.replace('_', '-')}")
        answer = await self.http.get(address, params=dict(httpx.URL(address).params) | {"lang": language})
        assert answer.status_code == 200, page
        found = re.finditer(r'<(p|div|details) class="rules" id="rules"[^>]*>(.*?)</\1>', answer.text, re.DOTALL)
        lines = [each[2] for each in found]
        marks = re.findall(r'id="rules-as-of"[^>]*>(.*?)<', answer.text)
        assert len(lines) <= 1 and len(marks) <= 1, page
        return (lines[0] if lines else ""), (marks[0] if marks else "")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(f"sqlite:///{tmp_path_factory.mktemp('rules')}/store.db")


@pytest.fixture
async def own_day(store: Store) -> AsyncIterator[_Pages]:
    made = _Pages(store, port())
    yield made
    await made.http.aclose()


@pytest.fixture
async def put_under(store: Store) -> AsyncIterator[_Pages]:
    """The city of a replay: packs under the rules of one day, come over the log."""
    city = port()
    for pack in list(city.domains.values()):
        city.put(from_published(publish_form(rules_as_of(pack, TODAY), FIRE)))
    made = _Pages(store, city)
    yield made
    await made.http.aclose()


def test_the_table_has_every_page_and_no_other() -> None:
    pages = {path.stem for path in FOLDER.glob("templates/*.html")} - PARTS
    assert pages == set(PAGES), "whoever adds a page says in alerts/page_rules.py what rules it shows applied"
    with pytest.raises(KeyError):
        RulesSaid(City(), lambda: FIRE).of("a-page-that-forgot")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_page_that_shows_what_was_judged_says_by_whose_rules(own_day: _Pages, language: str) -> None:
    for page in JUDGING:
        line, mark = await own_day.line(page, language)
        assert "2015-08-12" in line and not mark, page
        assert page != "wall" or not re.search("未知|not known", line), "it names no edition"
        told_in_english = re.search(r"\b(?:from|memory|the|of|and|with|ours|copy)\b", line)
        assert bool(told_in_english) is (language == "en"), f"{page}: {line}"
        if PAGES[page] is not ASKED:
            assert ("各按其事件当日" if language == "zh" else "for each event those of its own day") in line, page
    for page in sorted(set(PAGES) - set(JUDGING)):
        assert await own_day.line(page, language) == ("", ""), page


async def test_a_replay_under_the_rules_of_one_day_says_that_day_on_every_page(put_under: _Pages) -> None:
    for place, page in enumerate(JUDGING):
        language = ("zh", "en")[place % 2]
        line, mark = await put_under.line(page, language)
        assert "2026-01-01" in line and "2015-08-12" not in line, page
        bare = page in ("responder_card", "lookup", "recall_receipt")  # without the bar: their line says it
        assert mark == ("" if bare else "规则日期 2026-01-01" if language == "zh" else "Rules as of 2026-01-01"), page


async def test_the_editions_are_those_of_what_the_page_shows(own_day: _Pages, put_under: _Pages) -> None:
    judgements = {each: (await each.line("judgements", "en"))[0] for each in (own_day, put_under)}
    assert "GB 13223-2011" in judgements[own_day] and "GB 18485-2014" not in judgements[own_day]
    assert "GB 18485-2014" in judgements[put_under], "in force since 2016"
    hazards = {each: (await each.line("declarations", "en"))[0] for each in (own_day, put_under)}
    assert "GB 18218-2009" in hazards[own_day] and "GB 18218-2018" in hazards[put_under]
    assert "IMDG Code 7.2.4" in hazards[own_day] and "24 h ahead" in hazards[own_day]
    assert "GSP annexes" in (await own_day.line("recalls", "en"))[0]
    assert "GB/T 50493 (2009)" in (await own_day.line("console", "en"))[0]
    assert "GB/T 50493 (2019)" in (await put_under.line("story", "en"))[0]


async def test_sources_stand_one_a_line_and_numbers_of_our_own_apart_from_what_was_published(own_day: _Pages) -> None:
    for language, published, ours in (
        ("zh", "标准与规定（2015-08-12）", "实践做法与本系统自定数值"),
        ("en", "Standards and regulations as of 2015-08-12", "Practice and numbers of our own"),
    ):
        line, _ = await own_day.line("declarations", language)
        before, own = line.split(ours)
        assert published in before
        assert "<li>GB 18218-2009</li>" in before and ("24 h ahead" if language == "en" else "24 h") in own
        assert all("5 %" in each for each in re.findall("<li>([^<]*500 kg[^<]*)</li>", own)) and "500 kg" in own
        assert "版本" not in line and "edition" not in line
        public, _ = await own_day.line("lookup", language)
        assert "<li>" not in public, "where numbers are from tells a shopper nothing"


async def test_who_asks_a_replay_for_other_rules_is_told_those_it_runs_under(put_under: _Pages) -> None:
    for page in ("yard", "responder-card"):
        asked = {"site": "yard-ruihai", "at": str(FIRE), "rules_as_of": "then", "lang": "en"}
        text = (await put_under.http.get(f"/{page}", params=asked)).text
        assert "rules as of 2026-01-01, edition GB 18218-2018 ·" in text and "rules as of 2015-08-12" not in text
    with pytest.raises(ValueError, match="rules_as_of"):
        put_under.cards.rules_day("x", FIRE)


def test_a_pack_over_the_log_is_judged_as_the_file_it_came_from() -> None:
    """Days in facts are dates in a file and text over the log."""
    city, sent = port(), port()
    for pack in list(sent.domains.values()):
        sent.put(from_published(publish_form(pack, FIRE)))
    for page in JUDGING:
        assert RulesSaid(city, lambda: FIRE).of(page) == RulesSaid(sent, lambda: FIRE).of(page), page
    bare = msgspec.structs.replace(sent.domains["pollution"], facts={"formal_limits": "broken"})
    sent.put(bare)
    found = RulesSaid(sent, lambda: FIRE).of("judgements")
    assert found is not None and found.published == found.own == ()
