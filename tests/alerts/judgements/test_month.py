"""The month's statistics from what the board holds, as rows and as CSV, and one judgement's sealed evidence."""

from collections.abc import Iterator

import httpx
import pytest

from alerts.accounts.access import Access
from alerts.api import Server, create_app
from alerts.evidence.sealed import faults_of
from alerts.feed import Feed
from alerts.judgements.board import Board
from alerts.judgements.month import MonthStatistics
from alerts.latency import Latency
from alerts.ledger import Ledger
from alerts.tickets.desk import Tickets
from alerts.wall import Wall
from records.history import ListHistory
from tests.alerts.city_parts import House, domain
from tests.alerts.judgements.parts import DAY0, HOUR, SUBJECT, judgement
from topics.judgement import Judgement
from topics.mark import Mark
from topics.reading import Reading

STATES = [{"scope": "plant", "state": "stopped", "effect": "exempt", "proof": True, "source": "x", "confirmed": True}]
LATER = DAY0 + 20 * 24 * HOUR


@pytest.fixture
def house(copied_store: str) -> Iterator[House]:
    made = House(copied_store)
    made.city.put(domain(facts={"mark_states": STATES}))
    made.city.tick(LATER)
    yield made
    made.store.close()


def hours(lost: dict[int, int]) -> list[Judgement]:
    """A hundred hours of May; ``lost`` gives the minutes of an hour in which nothing came."""
    return [
        judgement(
            "no-limit", number=n, period="hour",
            helpers={"heard": 60.0 - lost.get(n, 0), "automatic": 60.0 - lost.get(n, 0)},
        )
        for n in range(100)
    ]  # fmt: skip


def test_a_stations_month_and_what_a_mark_makes_of_it(house: House) -> None:
    board = Board(house.store, house.city, house.clock)
    statistics = MonthStatistics(board, Tickets(house.store, house.city, house.clock))
    board.take(hours({10: 60, 11: 60, 12: 30}))
    (row,) = statistics.stations(2026, 5)
    assert (row["owed"], row["received"], row["valid"], row["effectiveness"]) == (100, 98, 97, 97.0)
    assert (row["offline_h"], row["drop_outs"], row["online"]) == (2.5, 1, 97.5)
    start = DAY0 + 10 * HOUR
    board.enter(Mark("m", "tank-farm-1", "plant", "stopped", start, start + 3 * HOUR, start + 5 * HOUR))
    assert statistics.stations(2026, 5)[0]["effectiveness"] == 100.0
    (then,) = statistics.stations(2026, 5, start + 4 * HOUR)  # thirteen hours were judged, and the mark not entered
    assert (then["owed"], then["received"]) == (13, 11)
    (score,) = statistics.scorecard(2026, 5)
    assert (score["district"], score["rank"], score["online"], score["score_change"]) == ("120116", 1, 97.5, None)
    assert statistics.stations(2026, 4) == []


async def test_the_evidence_of_one_exceedance_verifies_and_names_what_it_lacks(house: House) -> None:
    board = Board(house.store, house.city, house.clock)
    board.take([judgement(), judgement("within", version=2, value=42.0)])
    history = ListHistory(Reading(f"{SUBJECT}/Rtd", DAY0 + n * HOUR, 20.0 + n) for n in range(24))
    server = Server(
        house.store, house.city, house.desk, Wall(house.store, house.city, Latency(), house.clock), Feed(),
        Ledger(house.store), lambda: None, history, lambda: b"",
    )  # fmt: skip
    transport = httpx.ASGITransport(create_app(server, Access(house.store)), client=("127.0.0.1", 4000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        answer = await client.get("/api/judgements/evidence", params={"key": judgement().key})
        manifest, faults = faults_of(answer.content, answer.headers["X-Evidence-Head"])
        assert faults == [] and manifest is not None
        assert {"judgement.json", "readings.csv", "marks.json", "ticket.json", "plot.svg"} <= {
            p.name for p in manifest.parts
        }
        lacks = {each.part for each in manifest.missing}
        assert lacks == {"neighbours", "marks", "ticket", "raw_frames", "maintenance_log", "pictures"}
        assert (await client.get("/api/judgements/evidence", params={"key": "no"})).status_code == 404
        broken = bytearray(answer.content)
        broken[len(broken) // 2] ^= 1
        assert faults_of(bytes(broken))[1] != []
        month = {"month": "2026-05"}
        assert (await client.get("/api/effectiveness", params=month)).json() == {"items": []}
        board.take(hours({}))
        table = await client.get("/api/effectiveness", params=month | {"format": "csv"})
        assert table.headers["content-type"].startswith("text/csv") and "tank-farm-1" in table.text
        assert (await client.get("/api/scorecard", params=month)).json()["items"][0]["effectiveness"] == 100.0
        assert (await client.get("/api/scorecard", params={"month": "2026-13"})).status_code == 422
