"""The list of declarations by pages: an authority finds its own however many are younger, the overdue stand first."""

from collections.abc import Iterator

import httpx

from alerts.accounts.identity import DESK
from alerts.declarations.declaration_list import Cut, declaration_page
from alerts.declarations.desk import Declarations
from alerts.declarations.views import DeclarationViews
from tests.alerts.declarations.parts import HOUR, NOW, form
from tests.alerts.declarations.test_api import calls_of


def declared(desk: Declarations, count: int, first: int = 0) -> list[str]:
    """As many as are asked for, one a minute, the oldest first."""
    found = []
    for number in range(first, first + count):
        desk.city.tick(NOW + number * 60_000)
        found.append(desk.enter(form(container=f"CSQU{number:07}", operation=NOW + 90 * HOUR), "Li")[0])
    return found


def pages(desk: Declarations, cut: Cut, limit: int) -> Iterator[list[str]]:
    cursor = None
    while True:
        found = declaration_page(DeclarationViews(desk), cut, limit, cursor)
        yield [each["id"] for each in found["items"]]
        cursor = found["next"]
        if cursor is None:
            return


def test_the_one_that_waits_for_transport_is_found_behind_thirty_that_wait_for_others(desk: Declarations) -> None:
    (old,) = declared(desk, 1)
    for number in declared(desk, 30, 1):
        desk.sign(number, "transport", "Wu")
    found = declaration_page(DeclarationViews(desk), Cut(awaiting="transport"), 20)
    assert ([each["id"] for each in found["items"]], found["next"], found["count"]) == ([old], None, 1)
    assert declaration_page(DeclarationViews(desk), Cut(awaiting="emergency"), 20)["count"] == 31
    desk.sign(old, "transport", "Wu")
    assert declaration_page(DeclarationViews(desk), Cut(awaiting="transport"), 20)["items"] == []
    desk.amend(old, form(container="CSQU0000000", operation=NOW + 91 * HOUR), "Li", "the ship is late")
    assert declaration_page(DeclarationViews(desk), Cut(awaiting="transport"), 20)["count"] == 1


def test_the_overdue_stand_first_the_longest_before_then_the_youngest_and_none_is_lost(desk: Declarations) -> None:
    names = declared(desk, 9)
    for answered in names[1:3]:
        desk.sign(answered, "transport", "Wu")
        desk.sign(answered, "emergency", "Sun")
    desk.city.tick(NOW + 2 * HOUR + 4 * 60_000)  # the first five are due by now, and two of them are answered
    expected = [names[0], names[3], names[4], *reversed(names[5:]), names[2], names[1]]
    for limit in (1, 2, 3, 4, 9):
        whole = list(pages(desk, Cut(), limit))
        assert [name for page in whole for name in page] == expected, f"by {limit}"
        assert all(len(page) == limit for page in whole[:-1])
    assert list(pages(desk, Cut(overdue=True), 2)) == [[names[0], names[3]], [names[4]]]
    assert declaration_page(DeclarationViews(desk), Cut(overdue=True), 1)["count"] == 3
    assert declaration_page(DeclarationViews(desk), Cut(state="accepted"), 1)["count"] == 2


def test_what_falls_due_while_somebody_pages_stays_where_it_stood(desk: Declarations) -> None:
    names = declared(desk, 4)
    first = declaration_page(DeclarationViews(desk), Cut(), 2)
    desk.city.tick(NOW + 3 * HOUR)
    second = declaration_page(DeclarationViews(desk), Cut(), 2, first["next"])
    assert [each["id"] for each in (*first["items"], *second["items"])] == names[::-1]
    assert all(each["overdue"] for each in second["items"])


async def test_the_interface_gives_pages_and_refuses_a_cursor_that_is_none_of_ours(desk: Declarations) -> None:
    names = declared(desk, 3)
    async with calls_of(desk, DESK) as client:
        found = (await client.get("/declarations", params={"limit": 2})).json()
        assert (len(found["items"]), found["count"]) == (2, 3)
        rest = (await client.get("/declarations", params={"limit": 2, "cursor": found["next"]})).json()
        assert ([each["id"] for each in rest["items"]], rest["next"]) == ([names[0]], None)
        for wrong in ("x", "MTpyZXN0Og==", "MTpub3doZXJlOjE6YQ=="):
            answer: httpx.Response = await client.get("/declarations", params={"cursor": wrong})
            assert answer.status_code == 422 and 'what "next" gave' in answer.json()["error"]
