"""The board: all versions kept, the newest listed, nobody sees another's stations, marks go on to the judge."""

from collections.abc import Iterator

import httpx
import pytest

from alerts.accounts.access import Access
from alerts.accounts.jurisdiction import Jurisdiction
from alerts.api import Server, create_app
from alerts.feed import Feed
from alerts.judgements.board import Board
from alerts.latency import Latency
from alerts.ledger import Ledger
from alerts.wall import Wall
from records.history import ListHistory
from tests.alerts.city_parts import T0, House
from tests.alerts.judgements.parts import DAY0, HOUR, SUBJECT, judgement
from topics.mark import Mark


@pytest.fixture
def house(copied_store: str) -> Iterator[House]:
    made = House(copied_store)
    yield made
    made.store.close()


def board_of(house: House) -> Board:
    return Board(house.store, house.city, house.clock)


def test_versions_are_kept_and_the_newest_stands_whatever_order_they_come_in(house: House) -> None:
    board = board_of(house)
    second = judgement("exempt", version=2, value=None, cause="mark")
    assert board.take([second], "judgements", 5) == 1
    assert board.take([judgement(), second], "judgements", 7) == 1
    (shown,) = board.listed()
    assert (shown["version"], shown["verdict"], board.next_offset("judgements")) == (2, "exempt", 7)
    assert shown["site_title"]["en"] == "tank farm 1"
    assert shown["limit"]["source_text"] == {"zh": "凭记忆", "en": "from memory"}
    assert shown["limit"]["clause_text"]["zh"] == "表 1，一级 A 标准（1A）"
    assert [each["verdict"] for each in board.versions(second.key)] == ["exempt", "exceeds"]


def test_the_list_is_cut_by_day_period_and_verdict(house: House) -> None:
    board = board_of(house)
    board.take([judgement(number=n, verdict="within" if n % 2 else "exceeds") for n in range(4)])
    board.take([judgement(period="hour", verdict="anomaly")])
    assert [each["start"] - DAY0 for each in board.listed(period="hour")] == [0]
    assert len(board.listed(period="day", verdict="within")) == 2
    assert len(board.listed(period="day", start=DAY0, end=DAY0 + 48 * HOUR)) == 2


def test_a_long_list_goes_on_where_it_ended_though_many_begin_together(house: House) -> None:
    board = board_of(house)
    board.take([judgement(number=n, subject=f"tank-farm-1/GT-{each}/lel") for n in range(2) for each in range(3)])
    whole = [each["key"] for each in board.listed()]
    found: list[str] = []
    after = None
    while page := board.listed(limit=2, after=after):
        found += [each["key"] for each in page]
        after = page[-1]["start"], page[-1]["key"]
    assert found == whole and len(set(found)) == 6


def test_nobody_sees_what_is_not_theirs(house: House) -> None:
    board = board_of(house)
    board.take([judgement()])
    mine, other = Jurisdiction(districts=frozenset({"120116"})), Jurisdiction(districts=frozenset({"120101"}))
    assert len(board.listed(mine)) == 1 and board.listed(other) == []
    assert board.versions(judgement().key, other) == []


def application(house: House, sent: list[Mark]) -> httpx.AsyncClient:
    async def send(mark: Mark) -> None:
        sent.append(mark)

    server = Server(
        house.store, house.city, house.desk, Wall(house.store, house.city, Latency(), house.clock), Feed(),
        Ledger(house.store), lambda: None, ListHistory(), lambda: b"", send_mark=send,
    )  # fmt: skip
    transport = httpx.ASGITransport(create_app(server, Access(house.store)), client=("127.0.0.1", 4000))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")


async def test_a_mark_is_entered_documented_and_withdrawn_each_form_kept_and_sent(house: House) -> None:
    sent: list[Mark] = []
    board_of(house).take([judgement()])
    body = {
        "id": "m1", "site": "tank-farm-1", "scope": "plant", "state": "stopped", "start": T0, "end": T0 + HOUR,
        "who": "li",
    }  # fmt: skip
    async with application(house, sent) as client:
        listed = (await client.get("/api/judgements", params={"site": "tank-farm-1"})).json()["items"]
        assert [each["key"] for each in listed] == [f"{SUBJECT}|day|{DAY0}"]
        versions = await client.get("/api/judgements/versions", params={"key": listed[0]["key"]})
        assert versions.json()["items"][0]["limit"]["confirmed"] is False
        assert (await client.get("/api/judgements/versions", params={"key": "no"})).status_code == 404
        assert (await client.post("/api/marks", json=body)).json()["made"] == T0
        house.city.tick(T0 + 2 * HOUR)
        await client.post("/api/marks", json=body | {"document": "stop.pdf abc"})
        await client.post("/api/marks", json=body | {"document": "stop.pdf abc", "withdrawn": True})
        forms = (await client.get("/api/marks", params={"site": "tank-farm-1"})).json()["items"]
        assert [(each["made"], each["documented"], each["withdrawn"]) for each in forms] == [
            (T0, None, None), (T0, T0 + 2 * HOUR, None), (T0, T0 + 2 * HOUR, T0 + 2 * HOUR),
        ]  # fmt: skip
        assert len(sent) == 3
        assert (await client.post("/api/marks", json=body | {"end": T0})).status_code == 422
        assert (await client.post("/api/marks", json=body | {"site": "elsewhere"})).status_code == 404
