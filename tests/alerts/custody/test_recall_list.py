"""The list of recalls by pages: nothing is left out without a word, and what comes meanwhile moves nothing."""

from collections.abc import Iterator

import pytest

from alerts.custody.desk import Recalls
from alerts.custody.lots import Lots
from alerts.custody.recall_list import recall_page
from records.recall_events import Closed, Opened, Source
from tests.alerts.city_parts import House
from tests.alerts.custody.test_desk import MILK, T0, client_of, house, recalls, seen  # noqa: F401  # fixtures
from topics.finding import Text

pytestmark = pytest.mark.usefixtures("house")


def opened(recalls: Recalls, number: int, at: int | None = None, lot: str = "lot") -> str:  # noqa: F811
    name = f"R-{number:03}"
    text = Text(f"第 {number} 次", f"no. {number}")
    recalls.open(name, Opened(T0 + (number if at is None else at), "Wu", "1", "other", text, (Source(lot),)))
    return name


def pages(recalls: Recalls, limit: int, is_open: bool | None = None) -> Iterator[list[str]]:  # noqa: F811
    cursor = None
    while True:
        found = recall_page(recalls, is_open, limit, cursor)
        yield [each["id"] for each in found["items"]]
        cursor = found["next"]
        if cursor is None:
            return


async def test_every_recall_is_on_one_page_and_the_count_is_of_all(house: House, recalls: Recalls) -> None:  # noqa: F811
    names = [opened(recalls, number, at=number // 2) for number in range(7)]
    names.sort(key=lambda name: (int(name[2:]) // 2, name), reverse=True)
    assert list(pages(recalls, 3)) == [names[:3], names[3:6], names[6:]], "of the same moment by name"
    assert list(pages(recalls, 7)) == [names], "a full page that is the last has none after it"
    async with client_of(house, recalls) as client:
        first = (await client.get("/api/recalls", params={"limit": 3})).json()
        assert (len(first["items"]), first["count"]) == (3, 7)
        opened(recalls, 8)
        second = (await client.get("/api/recalls", params={"limit": 3, "cursor": first["next"]})).json()
        assert [each["id"] for each in second["items"]] == names[3:6] and second["count"] == 8
        assert (await client.get("/api/recalls")).json()["next"] is None
        wrong = await client.get("/api/recalls", params={"cursor": "nonsense"})
        assert wrong.status_code == 422 and "cursor: expected" in wrong.text
        assert (await client.get("/api/recalls", params={"limit": 501})).status_code == 422


def test_each_says_what_it_is_of_the_first_names_with_a_count(recalls: Recalls) -> None:  # noqa: F811
    many = tuple(Source(f"lot-{number}") for number in range(7))
    opened(recalls, 0, lot=MILK)
    recalls.open("R-many", Opened(T0 + 9, "Wu", "1", "other", Text("多批", "many lots"), many))
    several, one = recall_page(recalls, None, 5)["items"]
    assert (one["of"], one["of_count"]) == ([MILK], 1)
    assert (several["of"], several["of_count"]) == ([f"lot-{number}" for number in range(5)], 7)


def test_open_and_closed_ones_are_counted_apart(recalls: Recalls) -> None:  # noqa: F811
    for number in range(3):
        opened(recalls, number)
    recalls.act("R-001", Closed(T0 + 100, "Wu", "over"))
    assert list(pages(recalls, 5, is_open=True)) == [["R-002", "R-000"]]
    assert list(pages(recalls, 5, is_open=False)) == [["R-001"]]
    assert recall_page(recalls, True, 1)["count"] == 2


def test_whoever_looks_up_a_lot_is_told_of_its_recall_however_many_came_since(
    house: House,  # noqa: F811
    recalls: Recalls,  # noqa: F811
) -> None:
    recalls.take([seen("a", 1, "farm", MILK, bizStep="commissioning")])
    opened(recalls, 0, lot=MILK)
    for number in range(1, 202):
        opened(recalls, number)
    shown = Lots(recalls, house.city).public("L7")
    assert shown is not None and [each["text"]["en"] for each in shown["recalls"]] == ["no. 0"]
