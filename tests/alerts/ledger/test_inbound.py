"""Receipts that come later than the delivery, refusals, and warnings of others, as CAP messages over HTTP."""

from collections.abc import AsyncIterator

import httpx
import pytest
from lxml import etree

from alerts.api import Server, create_app
from alerts.feed import Feed
from alerts.latency import Latency
from alerts.ledger import Ledger
from alerts.ledger.deliveries import Tried
from alerts.ledger.inbound import Inbox
from alerts.ledger.verify import verify
from alerts.sinks import Receipt
from alerts.wall import Wall
from alerts.warnings.cap import NAMESPACE
from records.history import ListHistory
from tests.alerts.city_parts import T0, House, finding
from tests.alerts.warnings.test_cap import SCHEMAS
from tests.alerts.warnings.test_release import said


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    wall = Wall(house.store, house.city, Latency(), house.clock)
    inbox = Inbox(house.store, house.clock)
    server = Server(
        house.store, house.city, house.desk, wall, Feed(), Ledger(house.store), lambda: None, ListHistory(),
        lambda: b"", inbox=inbox, sender="citybrain.test",
    )  # fmt: skip
    transport = httpx.ASGITransport(create_app(server))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


def message(kind: str, references: str = "", **more: str) -> bytes:
    """A CAP message of the bureau."""
    fields = {
        "identifier": "bureau-1", "sender": "bureau", "sent": "2015-08-12T23:00:00+08:00", "status": "Actual",
        "msgType": kind, "source": "值班员 李娜", "scope": "Private", "note": "签收", "references": references,
    }  # fmt: skip
    body = "".join(f"<{name}>{text}</{name}>" for name, text in (fields | more).items() if text)
    return f'<alert xmlns="{NAMESPACE}">{body}</alert>'.encode()


def about(house: House) -> str:
    """The reference to the first warning of the house."""
    first = said(house)[0]
    return f"{first.sender},{first.identifier},2015-08-12T22:00:00+08:00"


def delivery(house: House) -> tuple[object, ...]:
    columns = "status, signed_for_by, signed_for_at, receipt, next_try, attempts"
    (row,) = house.rows(f"SELECT {columns} FROM delivery WHERE recipient = 'emergency-bureau'")
    return tuple(row)


async def test_an_ack_hours_later_signs_for_the_delivery_and_stands_in_log_and_chain(
    client: httpx.AsyncClient, house: House
) -> None:
    house.take(finding())
    ledger = Ledger(house.store)
    (due,) = ledger.due(house.clock.now_ms, 10)
    ledger.record([Tried(due, house.clock.now_ms, Receipt(202))])
    answer = await client.post("/api/cap", content=message("Ack", about(house)))
    assert (answer.status_code, answer.headers["x-citybrain-outcome"]) == (200, "signed-for")
    assert delivery(house) == ("signed-for", "值班员 李娜", T0 + 3_600_000, "bureau-1", None, 1)
    assert house.rows("SELECT action, who, note FROM alarm_log ORDER BY id DESC LIMIT 1") == [
        ("signed-for", "值班员 李娜", "bureau-1")
    ]
    with house.store.read() as connection:
        assert verify(connection).broken == []
    (kept,) = (await client.get("/api/inbound")).json()["items"]
    assert (kept["sender"], kept["msg_type"], kept["outcome"], kept["who"]) == (
        "bureau", "Ack", "signed-for", "值班员 李娜",
    )  # fmt: skip


async def test_our_own_acknowledgement_of_it_is_valid_cap(client: httpx.AsyncClient, house: House) -> None:
    house.take(finding())
    answer = await client.post("/api/cap", content=message("Ack", about(house)))
    ours = etree.fromstring(answer.content)
    for schema in SCHEMAS:
        schema.assertValid(ours)
    assert ours.findtext(f"{{{NAMESPACE}}}references") == "bureau,bureau-1,2015-08-12T23:00:00+08:00"
    assert ours.findtext(f"{{{NAMESPACE}}}sender") == "citybrain.test"


async def test_an_ack_that_overtakes_our_own_call_is_not_lost_by_it(client: httpx.AsyncClient, house: House) -> None:
    house.take(finding())
    ledger = Ledger(house.store)
    (due,) = ledger.due(house.clock.now_ms, 10)
    await client.post("/api/cap", content=message("Ack", about(house)))
    ledger.record([Tried(due, house.clock.now_ms, None, "ReadTimeout", None, house.clock.now_ms + 500)])
    assert delivery(house) == ("signed-for", "值班员 李娜", T0 + 3_600_000, "bureau-1", None, 1)
    assert ledger.due(house.clock.now_ms + 1_000, 10) == []


async def test_what_comes_again_changes_nothing_and_another_text_is_refused(
    client: httpx.AsyncClient, house: House
) -> None:
    house.take(finding())
    for outcome in ("signed-for", "repeated", "repeated"):
        answer = await client.post("/api/cap", content=message("Ack", about(house)))
        assert (answer.status_code, answer.headers["x-citybrain-outcome"]) == (200, outcome)
    other = await client.post("/api/cap", content=message("Ack", about(house), source="somebody else"))
    assert other.status_code == 409 and "was used before, for another message" in other.json()["error"]
    second = await client.post("/api/cap", content=message("Ack", about(house), identifier="bureau-2"))
    assert second.headers["x-citybrain-outcome"] == "already-signed"
    assert delivery(house)[3] == "bureau-1"


async def test_an_error_makes_the_delivery_dead_until_it_is_replayed(client: httpx.AsyncClient, house: House) -> None:
    house.take(finding())
    answer = await client.post("/api/cap", content=message("Error", about(house), note="no such area"))
    assert answer.headers["x-citybrain-outcome"] == "refused"
    (dead,) = (await client.get("/api/deliveries", params={"status": "dead", "channel": "cap"})).json()["items"]
    assert dead["error"] == "bureau refused it: no such area"
    replayed = (await client.post("/api/deliveries/replay", json={"channel": "cap"})).json()
    assert replayed == {"replayed": [dead["id"]]}
    assert len(Ledger(house.store).due(house.clock.now_ms, 10)) == 1
    assert (await client.post("/api/deliveries/replay", json={"channel": "folder"})).json() == {"replayed": []}


async def test_a_warning_of_theirs_is_kept_and_acknowledged(client: httpx.AsyncClient, house: House) -> None:
    answer = await client.post("/api/cap", content=message("Alert"))
    assert (answer.status_code, answer.headers["x-citybrain-outcome"]) == (200, "kept")
    assert house.rows("SELECT msg_type, outcome FROM inbound") == [("Alert", "kept")]


@pytest.mark.parametrize(
    ("body", "status", "why"),
    [
        (b"nonsense", 422, "expected a CAP message"),
        (b"<alert/>", 422, "expected a CAP 1.2 alert"),
        (message("Ack"), 422, "expected references"),
        (message("Praise", "a,b,2015-08-12T22:00:00+08:00"), 422, "expected Alert, Update, Cancel, Ack or Error"),
        (message("Alert", identifier="two words"), 422, "without space, comma"),
        (message("Alert", sent="yesterday"), 422, "expected a time as"),
        (message("Ack", "a,unknown,2015-08-12T22:00:00+08:00"), 404, "no warning of ours is named unknown"),
        (b"<" + b"x" * 1_100_000, 413, "at most 1048576 bytes"),
    ],
)
async def test_what_is_no_message_of_use_is_refused_in_one_sentence(
    client: httpx.AsyncClient, body: bytes, status: int, why: str
) -> None:
    answer = await client.post("/api/cap", content=body)
    assert answer.status_code == status
    assert why in answer.json()["error"]


async def test_one_delivery_is_shown_with_every_try(client: httpx.AsyncClient, house: House) -> None:
    house.take(finding())
    ledger = Ledger(house.store)
    (due,) = ledger.due(house.clock.now_ms, 10)
    now = house.clock.now_ms
    ledger.record([Tried(due, now, None, "http://b answered 503: busy", 503, now, took_ms=12)])
    (due,) = ledger.due(now, 10)
    ledger.record([Tried(due, now + 900, Receipt(200, "李娜", T0, "ack-1"), took_ms=8)])
    (listed,) = (await client.get("/api/deliveries")).json()["items"]
    shown = (await client.get(f"/api/deliveries/{listed['id']}")).json()
    assert shown["headline"]["zh"].startswith("发布")
    tried = [(each["number"], each["status"], each["http_status"], each["took_ms"]) for each in shown["tries"]]
    assert tried == [(1, "retrying", 503, 12), (2, "signed-for", 200, 8)]
    assert (shown["attempts"], shown["latency_ms"], shown["tries"][1]["signed_for_by"]) == (2, 900, "李娜")
    assert (await client.get("/api/deliveries/999")).status_code == 404


async def test_the_head_is_shown_to_whoever_would_write_it_down(client: httpx.AsyncClient, house: House) -> None:
    house.take(finding())
    head = (await client.get("/api/ledger/head")).json()
    assert head["store"] == house.store.id and head["sequence"] >= 2 and len(head["hash"]) == 64
