"""NUL and half a surrogate pair are refused at the door, on both stores; all other text goes through as it is."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import anyio
import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from alerts.accounts.access import Access
from alerts.api import Server, create_app
from alerts.feed import Feed
from alerts.latency import Latency
from alerts.ledger import Ledger
from alerts.unstorable_text import UNSTORABLE, in_address, in_body
from alerts.wall import Wall
from records.history import ListHistory
from tests.alerts.city_parts import T0, House

JSON = {"content-type": "application/json"}
TEXT = st.text(st.characters(codec=None) | st.sampled_from("\0\ud800\udfff\U0001f95b%\\u"), min_size=1, max_size=12)


def app_of(house: House) -> FastAPI:
    house.city.tick(T0)
    wall = Wall(house.store, house.city, Latency(), house.clock)
    server = Server(
        house.store, house.city, house.desk, wall, Feed(), Ledger(house.store), lambda: None, ListHistory(), bytes
    )
    return create_app(server, Access(house.store))


@asynccontextmanager
async def client_of(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=("127.0.0.1", 4000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app_of(house)) as client:
        yield client


@pytest.mark.parametrize(
    "address",
    [
        "/api/public/lots/%00",
        "/api/lots/a%00b",
        "/api/epcis/events?EQ_eventID=%00",
        "/api/epcis/events?%00=1",
        "/%00",
    ],
)
async def test_an_address_with_nul_is_refused_with_a_sentence(client: httpx.AsyncClient, address: str) -> None:
    answered = await client.get(address)
    assert answered.status_code == 422
    assert "without NUL (U+0000)" in answered.json()["error"] and "空字符" in answered.json()["error"]
    told = await client.get(address, headers={"cookie": "lang=zh"})
    assert "NUL" not in told.json()["error"]


@pytest.mark.parametrize("name", ["\ud800", "a\0b", "\udc00\ud83d"])
async def test_a_body_is_refused_with_the_place_of_the_text(client: httpx.AsyncClient, name: str) -> None:
    form = {"who": "Li", "level": "1", "zh": "召回", "en": "recall", "sources": [{"name": "urn:a"}, {"name": name}]}
    answered = await client.post("/api/recalls", content=json.dumps(form), headers=JSON)
    assert answered.status_code == 422
    assert "body.sources.1.name: expected text that can be stored" in answered.json()["error"]


async def test_a_declaration_and_every_other_body_stand_behind_the_same_door(client: httpx.AsyncClient) -> None:
    """``number_of`` makes a digest of a form's text and cannot encode half a pair."""
    bad = json.dumps({"form": {"goods": [{"name": "\ud800"}]}})
    for path in ("/api/declarations", "/api/safety/commitments", "/api/kitchens/k1/visits"):
        answered = await client.post(path, content=bad, headers=JSON)
        assert (answered.status_code, "body.form.goods.0.name: " in answered.json()["error"]) == (422, True)
    assert (await client.post("/api/recalls", content=b'{"who": "\xed\xa0\x80"}', headers=JSON)).status_code == 422


async def test_what_only_looks_like_it_goes_through(client: httpx.AsyncClient) -> None:
    text = "\U0001f95b \\u0000 \\ud800 %00"
    form = {"who": "Li", "level": "1", "zh": text, "en": text, "sources": [{"name": "urn:a"}]}
    answered = await client.post("/api/recalls", content=json.dumps(form), headers=JSON)
    assert answered.status_code == 200
    assert answered.json()["text"] == {"zh": text, "en": text}
    assert (await client.get("/api/lots/" + quote("%00", safe=""))).status_code == 404


def test_whatever_text_comes_is_answered_and_refused_for_what_cannot_be_stored_alone(house: House) -> None:
    app = app_of(house)

    async def ask(text: str) -> None:
        async with client_of(app) as client:
            form = {"who": "Li", "level": "1", "zh": text, "en": "x" + text, "sources": [{"name": text}]}
            answered = await client.post("/api/recalls", content=json.dumps(form), headers=JSON)
            assert answered.status_code == (422 if UNSTORABLE.search(text) else 200), answered.text
            encoded = quote(text.encode("utf-8", "surrogatepass"), safe="")
            for address in (f"/api/lots/{encoded}", f"/api/public/lots/{encoded}", f"/api/recalls/{encoded}"):
                assert (await client.get(address)).status_code < 500, address
            assert (await client.get(f"/api/epcis/events?EQ_eventID={encoded}")).status_code < 500

    @given(TEXT)
    @example("\0")
    @example("\ud800")
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def whatever(text: str) -> None:
        anyio.run(ask, text)

    whatever()


@given(st.dictionaries(TEXT, TEXT | st.lists(TEXT, max_size=3), max_size=3))
@settings(max_examples=200, deadline=None)
def test_a_body_is_told_from_others_by_the_text_it_has_and_not_by_how_it_writes_it(told: dict[str, Any]) -> None:
    bad = UNSTORABLE.search(repr_of(told)) is not None
    assert bool(in_body(json.dumps(told).encode())) == bad
    assert bool(in_body(json.dumps(told, ensure_ascii=False).encode("utf-8", "surrogatepass"))) == bad


def repr_of(told: dict[str, Any]) -> str:
    return "".join([*told, *("".join(each) for each in told.values())])


def test_broken_json_is_left_to_who_reads_it() -> None:
    assert in_body(b'{"\\ud800') == ""
    assert in_address("/a", b"x=%2500&y=1") == ""
