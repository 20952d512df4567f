"""A recall's notices over HTTP: each once, in order, tried again, signed for by answer, page and word."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from alerts.custody import tables
from alerts.custody.desk import Recalls, recall_id
from alerts.custody.notices import Outcome, due, record
from alerts.custody.sending import NoticeSender, notice_book
from alerts.sinks.addresses import Addresses
from alerts.sinks.webhook import is_genuine
from records.recall_events import Closed
from tests.alerts.city_parts import House, domain
from tests.alerts.custody.test_desk import DAY, FAILED, MADE, T0, TERMS, client_of, recalls, seen  # noqa: F401  # fixture
from topics.errors import ConfigurationError
from topics.events import Custody

SECRET = "shared"
LAB = recall_id("lab")


class Holders:
    """The holders' programs: what they got, and how each answers."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, Any], httpx.Headers]] = []
        self.answers: dict[str, Callable[[], httpx.Response]] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert is_genuine(SECRET, dict(request.headers), request.content, 1000.0)
        said = json.loads(request.content)
        self.got.append((str(request.url), said, request.headers))
        return self.answers.get(said["holder"], lambda: httpx.Response(202))()

    def told(self) -> list[str]:
        return [said["holder"] for _, said, _ in self.got]


@pytest.fixture
def house(store_url: str) -> Iterator[House]:
    """On both stores: what is written down of a try is the databases' own business."""
    made = House(store_url)
    made.city.put(domain(facts={"recall_terms": {"1": TERMS}}))
    made.city.tick(T0 + 1000)
    yield made
    made.store.close()


@pytest.fixture
def holders() -> Holders:
    return Holders()


@pytest.fixture
def sender(house: House, recalls: Recalls, holders: Holders) -> NoticeSender:  # noqa: F811
    return sender_of(house, recalls, holders, "https://all.example/hook shop=https://shop.example/hook")


def sender_of(house: House, recalls: Recalls, holders: Holders, book: str) -> NoticeSender:  # noqa: F811
    where = Addresses("", Path("/nowhere"), webhook_secret=SECRET, recall_notice_url=book, public_url="https://city/")
    return NoticeSender(recalls, where, house.clock, transport=httpx.MockTransport(holders), now_s=lambda: 1000.0)


async def all_sent(sender: NoticeSender) -> None:
    while await sender.send():
        pass


def statuses(recalls: Recalls) -> dict[str, str]:  # noqa: F811
    return {each["holder"]: each["status"] for each in recalls.notices(LAB)}


async def test_each_holder_is_told_once_and_a_late_event_tells_only_the_new_one(
    recalls: Recalls, sender: NoticeSender, holders: Holders  # noqa: F811
) -> None:  # fmt: skip
    recalls.take([*DAY, FAILED])
    await all_sent(sender)
    assert sorted(holders.told()) == ["depot", "farm", "lab", "plant", "shop"]
    assert {url for url, said, _ in holders.got if said["holder"] == "shop"} == {"https://shop.example/hook"}
    _, shop, headers = next(each for each in holders.got if each[1]["holder"] == "shop")
    assert shop["elements"] == ["yoghurt"] and shop["reason"]["zh"].startswith("抽检不合格")
    assert headers["idempotency-key"] == shop["notice"] and "Stop selling" in shop["what_to_do"]["en"]
    figures = recalls.view(LAB)["figures"]
    assert (figures["notified"], figures["delivered"], figures["signed"]) == (5, 5, 0)
    recalls.take([FAILED, seen("late", 45, "market", "cream")])
    await all_sent(sender)
    assert holders.told()[5:] == ["market"] and recalls.view(LAB)["figures"]["delivered"] == 6


async def test_what_was_put_off_is_tried_again_under_the_same_name(
    house: House, recalls: Recalls, sender: NoticeSender, holders: Holders  # noqa: F811
) -> None:  # fmt: skip
    holders.answers = {
        "shop": lambda: httpx.Response(503),
        "farm": lambda: httpx.Response(410, text="gone"),
        "depot": lambda: httpx.Response(200, json={"signed_by": "Li"}),
    }
    recalls.take([*DAY, FAILED])
    await all_sent(sender)
    found = statuses(recalls)
    assert (found["shop"], found["farm"], found["depot"], found["lab"]) == (
        "retrying", "dead", "signed-for", "delivered",
    )  # fmt: skip
    view = recalls.view(LAB)
    assert next(each for each in view["holders"] if each["holder"] == "depot")["signed"] == T0 + 1000
    holders.answers = {}
    house.clock.now_ms += 3_600_000
    await all_sent(sender)
    first, again = [said["notice"] for _, said, _ in holders.got if said["holder"] == "shop"]
    assert first == again and holders.told().count("farm") == 1
    assert recalls.view(LAB)["figures"]["delivered"] == 4


async def test_a_correction_is_told_after_what_it_withdraws_and_a_notice_without_address_waits_for_one(
    house: House, recalls: Recalls, holders: Holders  # noqa: F811
) -> None:  # fmt: skip
    some = sender_of(house, recalls, holders, "shop=https://shop.example/hook")
    recalls.take([*DAY, FAILED])
    wrong = Custody("e1#error/1", "plant", MADE.time, MADE.epcis | {"errorDeclaration": {"declarationTime": "1"}})
    recalls.take([wrong])
    await all_sent(some)
    assert [(said["holder"], said["kind"]) for _, said, _ in holders.got] == [
        ("shop", "notified"),
        ("shop", "withdrawn"),
    ]
    lost = next(each for each in recalls.notices(LAB) if each["holder"] == "farm")
    assert lost["status"] == "unaddressed" and "CITYBRAIN_RECALL_NOTICE_URL" in lost["error"]
    async with client_of(house, recalls) as client:
        path = f"/api/recalls/{LAB}/notices/{lost['number']}/send"
        assert (await client.post(path)).status_code == 200 and (await client.post(path)).status_code == 409
    await all_sent(sender_of(house, recalls, holders, "https://all.example/hook"))
    assert holders.told()[2:] == ["farm"]


def test_a_withdrawal_waits_while_what_it_withdraws_is_tried_again(house: House, recalls: Recalls) -> None:  # noqa: F811
    recalls.take([*DAY, FAILED])
    recalls.take(
        [Custody("e1#error/1", "plant", MADE.time, MADE.epcis | {"errorDeclaration": {"declarationTime": "1"}})]
    )

    def owed(wall_ms: int) -> list[str]:
        with house.store.read() as connection:
            return [each.kind for each in due(connection, wall_ms, 100) if each.holder == "shop"]

    assert owed(1) == ["notified"]
    with house.store.read() as connection:
        (first,) = [each for each in due(connection, 1, 100) if each.holder == "shop"]
    house.store.write(lambda connection: record(connection, first, Outcome("retrying", next_try=1_000), 1))
    assert (owed(999), owed(1_000)) == ([], ["notified"])
    house.store.write(lambda connection: record(connection, first, Outcome("delivered"), 1_000))
    assert owed(1_000) == ["withdrawn"]


async def test_a_holder_signs_by_the_word_in_its_notice_for_what_it_was_told_and_no_more(
    house: House, recalls: Recalls, sender: NoticeSender, holders: Holders  # noqa: F811
) -> None:  # fmt: skip
    recalls.take([*DAY, FAILED])
    await all_sent(sender)
    first = next(said for _, said, _ in holders.got if said["holder"] == "shop")
    recalls.take([seen("late", 45, "shop", "cream")])
    await all_sent(sender)
    second = holders.got[-1][1]
    assert (second["holder"], second["elements"]) == ("shop", ["cream"])
    assert first["acknowledge"].startswith("https://city/recall-receipt?notice=")
    async with client_of(house, recalls) as client:
        by_word = "/" + first["acknowledge_api"].removeprefix("https://city/")
        old = (await client.post(by_word, json={"who": "Li"})).json()
        assert (old["signed_by"], old["signed"]) == ("Li", T0 + 1000)
        assert recalls.view(LAB)["figures"]["signed"] == 0  # it has been told more since
        new = "/" + second["acknowledge_api"].removeprefix("https://city/")
        assert (await client.get(new)).json()["signed"] is None
        assert (await client.post(new, json={"who": "Wang"})).status_code == 200
        assert (await client.post(new, json={"who": "Zhao"})).json()["signed_by"] == "Wang"
        assert recalls.view(LAB)["figures"]["signed"] == 1
        assert (await client.post(f"{new[:-1]}~", json={"who": "Li"})).status_code == 404
        assert "token" not in (await client.get(f"/api/recalls/{LAB}")).text
    assert statuses(recalls)["shop"] == "signed-for"


async def test_a_recall_that_is_over_still_keeps_receipts(
    recalls: Recalls, sender: NoticeSender, holders: Holders  # noqa: F811
) -> None:  # fmt: skip
    holders.answers = {"shop": lambda: httpx.Response(200, json={"signed_by": "Li"})}
    recalls.take([*DAY, FAILED])
    recalls.act(LAB, Closed(T0 + 1000, "Wu", "done"))
    await all_sent(sender)
    assert statuses(recalls)["shop"] == "signed-for" and recalls.view(LAB)["figures"]["delivered"] == 0


def test_the_address_book_takes_any_name_of_a_holder() -> None:
    book = notice_book("https://all/h urn:epc:id:sgln:69.1.0=https://one/h?a=b; 乳业=http://two/h")
    assert book == {"*": "https://all/h", "urn:epc:id:sgln:69.1.0": "https://one/h?a=b", "乳业": "http://two/h"}
    place = "urn:epc:id:sgln:6900000.00001.7"
    link = "https://id.gs1.org/414/6900000000014/254/7"
    assert notice_book(f"{place}=https://one/h") == notice_book(f"{link}=https://one/h") == {link: "https://one/h"}
    with pytest.raises(ConfigurationError, match="expected URL or holder=URL, got 'shop'"):
        notice_book("shop")


def test_the_store_holds_one_row_for_each_notice_and_no_other(house: House, recalls: Recalls) -> None:  # noqa: F811
    recalls.take([*DAY, FAILED])
    recalls.take([*DAY, FAILED])
    with house.store.read() as connection:
        rows = connection.execute(sa.select(tables.recall_notice)).all()
    assert len(rows) == 5 == len({row.token for row in rows}) and all(len(row.token) >= 30 for row in rows)
