"""Tickets at the desk: issued by judgements, answered over HTTP with a file, chained, climbing, and taken back."""

import base64
from collections.abc import Iterator

import httpx
import pytest

from alerts.accounts.access import Access
from alerts.api import Server, create_app
from alerts.feed import Feed
from alerts.latency import Latency
from alerts.ledger import Ledger
from alerts.tickets.desk import Tickets, sha256, ticket_id
from alerts.wall import Wall
from records.history import ListHistory
from tests.alerts.city_parts import House, domain
from tests.alerts.judgements.parts import DAY, DAY0, HOUR, judgement

CLOCKS = {
    "reply_s": 4 * 3600, "supplement_s": 3600, "review_s": 3600, "escalate_every_s": 3600,
    "firm_steps": ["district", "bureau"], "office_steps": ["head"], "source": "the test", "confirmed": True,
}  # fmt: skip
MADE = DAY0 + DAY + HOUR


@pytest.fixture
def house(copied_store: str) -> Iterator[House]:
    made = House(copied_store)
    made.city.put(domain(facts={"ticket_terms": {"day": CLOCKS, "hour": CLOCKS}}))
    made.city.tick(MADE)
    yield made
    made.store.close()


@pytest.fixture
def tickets(house: House) -> Tickets:
    return Tickets(house.store, house.city, house.clock)


def test_an_exceeding_day_issues_one_ticket_however_often_it_is_told(tickets: Tickets) -> None:
    assert len(tickets.judged([judgement(), judgement("within", number=1)])) == 1
    tickets.judged([judgement(), judgement(version=2)])
    (view,) = tickets.listed()
    assert (view["state"], view["waiting"], view["issued"], view["audience"]) == (
        "answer-awaited",
        "firm",
        MADE,
        "officers",
    )
    assert view["site_title"]["en"] == "tank farm 1" and len(view["events"]) == 1


def test_the_hours_of_a_day_share_a_ticket_that_is_the_plants_until_nobody_answers(
    house: House, tickets: Tickets
) -> None:
    hours = [judgement("anomaly", number=n, period="hour", made=MADE) for n in range(3)]
    assert len({ticket_id(each) for each in hours}) == 1
    tickets.judged(hours)
    (view,) = tickets.listed()
    assert view["audience"] == "plant" and tickets.listed(audience="officers") == []
    house.city.tick(MADE + 4 * HOUR)
    assert tickets.on_time() == []
    house.city.tick(MADE + 4 * HOUR + 1)
    assert tickets.on_time() == [view["id"]] and tickets.on_time() == []
    assert (tickets.view(view["id"])["audience"], tickets.view(view["id"])["escalation"]) == ("officers", 1)
    assert [each["id"] for each in tickets.listed(audience="officers")] == [view["id"]]
    assert tickets.listed(audience="plant") == []
    house.city.tick(MADE + 20 * HOUR)
    tickets.on_time()
    assert [each["to"] for each in tickets.view(view["id"])["events"][1:]] == ["district", "bureau"]


def test_a_judgement_that_is_taken_back_takes_its_ticket_back(tickets: Tickets) -> None:
    tickets.judged([judgement()])
    tickets.judged([judgement("exempt", version=2, made=MADE + HOUR)])
    (view,) = tickets.listed()
    assert (view["state"], view["waiting"], view["events"][-1]["text"]) == ("withdrawn", None, "version 2: exempt")


def client_of(house: House, tickets: Tickets) -> httpx.AsyncClient:
    server = Server(
        house.store, house.city, house.desk, Wall(house.store, house.city, Latency(), house.clock), Feed(),
        Ledger(house.store), lambda: None, ListHistory(), lambda: b"", tickets=tickets,
    )  # fmt: skip
    transport = httpx.ASGITransport(create_app(server, Access(house.store)), client=("127.0.0.1", 4000))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")


async def test_the_whole_path_over_http_with_a_file_and_an_unbroken_chain(house: House, tickets: Tickets) -> None:
    tickets.judged([judgement()])
    name, content = ticket_id(judgement()), b"pump log"
    files = [{"name": "log.txt", "content": base64.b64encode(content).decode()}]
    async with client_of(house, tickets) as client:
        path = f"/api/tickets/{name}"
        early = await client.post(f"{path}/verify", json={"text": "x", "who": "o", "outcome": "violation"})
        assert early.status_code == 409 and "尚未答复" in early.json()["error"]
        for number in range(2):
            answered = await client.post(f"{path}/reply", json={"text": "pump failed", "who": "firm", "files": files})
            assert answered.json()["waiting"] == "office"
            asked = await client.post(f"{path}/supplement", json={"text": "more", "who": "officer"})
            assert asked.json()["supplements"] == number + 1
        assert (await client.post(f"{path}/reply", json={"text": "all of it", "who": "firm"})).status_code == 200
        third = await client.post(f"{path}/supplement", json={"text": "more", "who": "officer"})
        assert third.status_code == 409
        done = await client.post(f"{path}/verify", json={"text": "clear", "who": "officer", "outcome": "violation"})
        assert (done.json()["state"], done.json()["outcome"]) == ("verified", "violation")
        assert (await client.get(f"{path}/files/{sha256(content)}")).content == content
        assert (await client.get("/api/tickets/figures")).json()["verified_share"] == 100.0
        assert (await client.get("/api/tickets/none")).status_code == 404
        assert (await client.post(f"{path}/reply", json={"text": "x"})).status_code == 422
    with house.store.read() as connection:
        rows = connection.exec_driver_sql("SELECT count(*), count(DISTINCT entry) FROM ticket_event").one()
    assert rows == (7, 7)
