"""Declarations over HTTP: the form, refusals in words, both authorities, EDIFACT, and only one's own district."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
from fastapi import FastAPI

from alerts.accounts.door import refuse
from alerts.accounts.identity import DESK, PLACE, Identity
from alerts.accounts.jurisdiction import Jurisdiction
from alerts.accounts.refusal import Refused
from alerts.api import Server
from alerts.declarations.api import declaration_routes
from alerts.declarations.desk import Declarations
from alerts.errors_api import word_errors
from alerts.feed import Feed
from alerts.latency import Latency
from alerts.ledger import Ledger
from alerts.wall import Wall
from records.history import ListHistory
from tests.alerts.city_parts import House
from tests.alerts.declarations.parts import HOUR, NOW, desk_of, form
from tests.records.iftdgn_writer import interchange, message
from tests.records.test_iftdgn import ZONE


def server_of(house: House, declarations: Declarations) -> Server:
    return Server(
        house.store, house.city, house.desk, Wall(house.store, house.city, Latency(), house.clock), Feed(),
        Ledger(house.store), lambda: None, ListHistory(), lambda: b"", declarations=declarations,
    )  # fmt: skip


def calls_of(declarations: Declarations, who: Identity) -> httpx.AsyncClient:
    """The routes of declarations alone, asked by somebody the gate has let in."""
    inner = FastAPI()
    inner.include_router(declaration_routes(declarations))
    word_errors(inner)
    inner.add_exception_handler(Refused, refuse)

    async def asked(scope: Any, receive: Any, send: Any) -> None:
        scope[PLACE] = who
        await inner(scope, receive, send)

    transport = httpx.ASGITransport(asked, client=("127.0.0.1", 4000))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1/api")


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with calls_of(desk_of(house), DESK) as made:
        yield made


def body(**more: Any) -> dict[str, Any]:
    return {"form": msgspec.to_builtins(form(**more)), "who": "Li"}


async def test_from_form_to_acceptance_and_a_second_version(client: httpx.AsyncClient) -> None:
    made = (await client.post("/declarations", json=body())).json()
    assert (made["state"], made["awaiting"], made["new"]) == ("declared", ["transport", "emergency"], True)
    assert (await client.post("/declarations", json=body())).json()["new"] is False
    path = f"/declarations/{made['id']}"
    early = await client.post(f"{path}/sign", json={"authority": "emergency", "who": "Wu"})
    assert early.status_code == 409 and "Wu may not speak for the emergency" in early.json()["error"]
    await client.post(f"{path}/sign", json={"authority": "transport", "who": "Wu"})
    done = (await client.post(f"{path}/sign", json={"authority": "emergency", "who": "Sun"})).json()
    assert (done["state"], done["versions"][0]["signed"]["transport"]["who"]) == ("accepted", "Wu")
    more = body(voyage="334S") | {"why": "other ship"}
    again = (await client.post(f"{path}/amend", json=more)).json()
    assert (again["version"], again["in_force"], again["answer"]) == (2, 1, "declared")
    refusal = {"authority": "transport", "who": "Wu", "why": "no berth"}
    refused = (await client.post(f"{path}/refuse", json=refusal)).json()
    assert refused["versions"][1]["reasons"][0]["text"]["en"] == "no berth" and refused["in_force"] == 1
    assert (await client.post(f"{path}/cancel", json={"who": "Li", "why": "x"})).json()["state"] == "cancelled"
    assert [
        each["id"] for each in (await client.get("/declarations", params={"state": "cancelled"})).json()["items"]
    ] == [made["id"]]
    assert (await client.get("/declarations/figures")).json()["declarations"] == 1


async def test_what_is_wrong_with_a_form_is_said_with_its_place(client: httpx.AsyncClient) -> None:
    wrong = body()
    wrong["form"]["goods"][0]["un"] = "42"
    answer = await client.post("/declarations", json=wrong)
    assert answer.status_code == 422
    assert answer.json()["error"].endswith("goods, line 1, UN number (goods[0].un): expected four digits, got '42'")
    chinese = await client.post("/declarations", json=wrong, headers={"Cookie": "lang=zh"})
    assert chinese.json()["error"] == "货物第 1 行 UN 编号 (goods[0].un)：须为四位数字，实为 '42'"
    assert (await client.post("/declarations", json=body(site="nowhere"))).status_code == 404
    assert (await client.post("/declarations", json=body() | {"who": ""})).status_code == 422
    late = (await client.post("/declarations", json=body(operation=NOW + HOUR))).json()
    assert (late["state"], late["versions"][0]["reasons"][0]["rule"]) == ("refused", "ahead")
    listed = (await client.get("/declarations/goods/1942", params={"site": "yard"})).json()
    assert listed["entry"]["hazard_class"] == "5.1" and listed["entry"]["confirmed"] is True
    assert (await client.get("/declarations/goods/9999", params={"site": "yard"})).json()["entry"] is None


async def test_an_edifact_message_declares_each_box_once_and_a_wrong_one_none(client: httpx.AsyncClient) -> None:
    ahead = (NOW // 60_000 + 30 * 60) * 60_000
    boxes = [form(container=name, operation=ahead, voyage="333N") for name in ("CSQU3054383", "MSKU1234565")]
    text = interchange(message(boxes, ZONE, "D1"))
    sent = {"message": text, "site": "yard", "who": "agent"}
    first = (await client.post("/declarations/iftdgn", json=sent)).json()["items"]
    assert [(each["container"], each["state"], each["new"]) for each in first] == [
        ("CSQU3054383", "declared", True), ("MSKU1234565", "declared", True),
    ]  # fmt: skip
    assert not any(each["new"] for each in (await client.post("/declarations/iftdgn", json=sent)).json()["items"])
    wrong = await client.post(
        "/declarations/iftdgn", json=sent | {"message": text.replace("SGP+MSKU1234565", "SGP+msku")}
    )
    assert wrong.status_code == 422
    assert "第 23 段 SGP（第 " in wrong.json()["error"] and " / segment 23 SGP at character " in wrong.json()["error"]
    assert (await client.get("/declarations/figures")).json()["declarations"] == 2


async def test_an_officer_of_another_district_sees_none_of_it(house: House) -> None:
    declarations = desk_of(house)
    number, _ = declarations.enter(form(), "Li")
    declarations.enter(form(site="quay"), "Li")
    near = Jurisdiction(districts=frozenset({"120110"}))
    officer = Identity("session", "Zhou", 7, roles=frozenset({"duty-officer"}), jurisdiction=near)
    async with calls_of(declarations, officer) as client:
        assert [each["site"] for each in (await client.get("/declarations")).json()["items"]] == ["quay"]
        assert (await client.get("/declarations/figures")).json()["declarations"] == 1
        assert (await client.get(f"/declarations/{number}")).status_code == 404
        assert (await client.post(f"/declarations/{number}/sign", json={"authority": "transport"})).status_code == 404
        assert [each["id"] for each in (await client.get("/declarations/terms")).json()["sites"]] == ["quay"]
        assert (await client.get("/declarations/goods/1942", params={"site": "yard"})).status_code == 404
