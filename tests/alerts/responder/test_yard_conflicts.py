"""Boxes that stand too close: listed first, picked out alone, and as it was at a past minute."""

from collections.abc import AsyncIterator

import httpx
import pytest

from alerts.intake import Arrived, Intake
from alerts.responder.yard_conflicts import words_of, yard_conflicts
from alerts.store import Store
from tests.alerts.city_parts import SENDER, WallClock
from tests.alerts.responder.port import FIRE, MINUTE, box, port
from tests.alerts.responder.yard_client import yard_client
from topics.finding import Finding, Origin, Phase, Text

SITE = "yard-ruihai"
#: Fewer than the boxes of one page stand before these by their numbers.
OTHERS = [event for each in range(60) for event in box(f"A{each:02}", "1789", "A", each, 0)]
CLOSE = [*box("X1", "1428", "ARR", 1, 0), *box("X2", "1942", "ARR", 2, 0), *box("X3", "1942", "ARR", 3, 0)]


def said(pair: str, phase: Phase, minute: int, site: str = SITE) -> Finding:
    time = FIRE + minute * MINUTE
    return Finding(
        f"{site} {pair}", phase, 2 if phase == "close" else 0, "cargo", site, f"{site}/{pair}", "ARR", "segregation",
        "yard-segregation", 1, "red", FIRE - 60 * MINUTE, time, Text(f"{pair} 过近", f"{pair} too close"),
        Origin("events.cargo", 0, 1, 2), closed=time if phase == "close" else None,
    )  # fmt: skip


@pytest.fixture
def store(copied_store: str) -> Store:
    made = Store(copied_store)
    told = [said("X1+X2", "open", -60), said("X1+X3", "open", -60), said("X1+X3", "close", 0)]
    Intake(made, port(), SENDER, WallClock()).take(
        [Arrived(each) for each in (*told, said("X4+X4", "open", -60), said("A00+A01", "open", -60, "yard-far"))]
    )
    return made


@pytest.fixture
async def client(store: Store) -> AsyncIterator[httpx.AsyncClient]:
    async with yard_client(store, [*OTHERS, *CLOSE]) as made:
        yield made


def test_a_conflict_stands_at_both_its_boxes_from_its_first_word_to_its_last(store: Store) -> None:
    assert yard_conflicts(store, SITE, None).boxes == {"X1", "X2", "X4"}
    then = yard_conflicts(store, SITE, FIRE - MINUTE)
    assert {name: len(found) for name, found in then.of_box.items()} == {"X1": 2, "X2": 1, "X3": 1, "X4": 1}
    assert yard_conflicts(store, SITE, FIRE - 61 * MINUTE).boxes == frozenset()
    told = words_of(store, then, ["X1", "X3", "A00"], 1)
    assert {name: (len(words), number) for name, (words, number) in told.items()} == {"X1": (1, 2), "X3": (1, 1)}
    assert told["X3"][0][0].text.en == "X1+X3 too close"
    store.close()


async def test_the_page_lists_them_first_and_goes_on_to_all_others(client: httpx.AsyncClient) -> None:
    page = (await client.get("/yard", params={"lang": "en"})).text
    assert page.index(">X1</a>") < page.index(">X2</a>") < page.index(">A00</a>") and ">X3</a>" not in page
    assert "Boxes 1 to 50 of 63" in page and "too close to others: 1" in page and "X1+X2 too close" in page
    rest = (await client.get("/yard", params={"lang": "zh", "offset": 50})).text
    assert ">X3</a>" in rest and ">X1</a>" not in rest and "第 51–63 箱，共 63 箱" in rest
    alone = (await client.get("/yard", params={"lang": "zh", "conflicts": "1"})).text
    assert ">X1</a>" in alone and ">A00</a>" not in alone and "共 2 箱" in alone and "隔离不足：1 处" in alone


async def test_the_interface_cuts_to_conflicts_and_to_one_bay(client: httpx.AsyncClient) -> None:
    async def boxes(**asked: str | int) -> list[str]:
        found = (await client.get(f"/api/yards/{SITE}/inventory", params=asked)).json()
        assert found["conflicting"] == (3 if "at" in asked else 2)
        return [each["container"] for each in found["standing"]]

    assert await boxes(conflicts="true") == ["X1", "X2"]
    assert await boxes(conflicts="true", at=FIRE - MINUTE) == ["X1", "X2", "X3"]
    assert await boxes(bay=3) == ["A03", "X3"] and await boxes(bay=3, block="ARR") == ["X3"]
    assert (await client.get("/yard", params={"bay": "x"})).status_code == 422
