"""Boxes past their limit: counted, marked, picked out alone, and as it was at a past minute."""

import csv
import io
from collections.abc import AsyncIterator

import httpx
import pytest

from alerts.intake import Arrived, Intake
from alerts.responder.yard_overdue import yard_overdue
from alerts.store import Store
from tests.alerts.city_parts import SENDER, WallClock
from tests.alerts.responder.port import FIRE, MINUTE, box, port
from tests.alerts.responder.yard_client import yard_client
from topics.finding import Finding, Origin, Phase, Text

SITE = "yard-ruihai"
BOXES = [*box("OLD", "1942", "ARR", 1, 0), *box("HELD", "1942", "ARR", 2, 0), *box("NEW", "1428", "E", 3, 0)]


def said(container: str, family: str, phase: Phase, minute: int, site: str = SITE) -> Finding:
    time = FIRE + minute * MINUTE
    return Finding(
        f"{site} {family} {container}", phase, 2 if phase == "close" else 0, "cargo", site, f"{site}/{container}",
        family, family, f"yard-{family}", 1, "orange", FIRE - 60 * MINUTE, time,
        Text(f"{container} 超期", f"{container} too long"), Origin("events.cargo", 0, 1, 2),
        closed=time if phase == "close" else None,
    )  # fmt: skip


@pytest.fixture
def store(copied_store: str) -> Store:
    made = Store(copied_store)
    told = [
        said("OLD", "dwell", "open", -60),
        said("HELD", "dwell", "open", -60),
        said("HELD", "dwell", "close", 0),
        said("LEFT", "dwell", "open", -60),
        said("NEW", "undeclared", "open", -60),
        said("NEW", "dwell", "open", -60, "yard-far"),
    ]
    Intake(made, port(), SENDER, WallClock()).take([Arrived(each) for each in told])
    return made


@pytest.fixture
async def client(store: Store) -> AsyncIterator[httpx.AsyncClient]:
    async with yard_client(store, BOXES) as made:
        yield made


def test_a_box_is_past_its_limit_from_the_first_word_of_it_to_the_last(store: Store) -> None:
    assert yard_overdue(store, SITE, None) == {"OLD", "LEFT"}
    assert yard_overdue(store, SITE, FIRE - MINUTE) == {"OLD", "HELD", "LEFT"}
    assert yard_overdue(store, SITE, FIRE - 61 * MINUTE) == frozenset()
    store.close()


async def test_the_interface_counts_those_that_stand_and_cuts_to_them(client: httpx.AsyncClient) -> None:
    async def boxes(**asked: str | int) -> tuple[int, list[str]]:
        found = (await client.get(f"/api/yards/{SITE}/inventory", params=asked)).json()
        return found["past_limit"], [each["container"] for each in found["standing"]]

    assert await boxes() == (1, ["HELD", "NEW", "OLD"])
    assert await boxes(past_limit="true") == (1, ["OLD"])
    assert await boxes(past_limit="true", at=FIRE - MINUTE) == (2, ["HELD", "OLD"])
    assert await boxes(past_limit="true", conflicts="true") == (1, []), "of both, those that are in both"
    told = (await client.get(f"/api/yards/{SITE}/inventory", params={"format": "csv"})).text
    rows = {row["container"]: row["past_limit"] for row in csv.DictReader(io.StringIO(told.lstrip("\ufeff")))}
    assert rows == {"HELD": "no", "NEW": "no", "OLD": "yes"}


async def test_the_page_counts_and_marks_them_in_both_languages(client: httpx.AsyncClient) -> None:
    english = (await client.get("/yard", params={"lang": "en"})).text
    assert "1 boxes past their limit" in english and english.count("<strong>past its limit</strong>") == 1
    chinese = (await client.get("/yard", params={"lang": "zh", "past_limit": "1"})).text
    assert ">OLD</a>" in chinese and ">HELD</a>" not in chinese and "<strong>超期堆存</strong>" in chinese
    then = (await client.get("/yard", params={"lang": "zh", "at": str(FIRE - MINUTE)})).text
    assert "2 箱超期堆存" in then and "past_limit=1" in then
