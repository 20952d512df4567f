"""Role by act and jurisdiction by place, at the gate (whole lists: test_lists_within.py; the record: test_audit.py)."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from alerts.accounts import gate
from alerts.accounts.acts import PERMISSIONS, ROLES, Role
from alerts.accounts.jurisdiction import Jurisdiction
from alerts.accounts.route_acts import ROUTES, Routes, Row
from tests.alerts.accounts.conftest import Door
from tests.alerts.city_parts import finding

RESTRICTED = [row for row in ROUTES if row.act in PERMISSIONS and row.path.startswith("/api/")]


def path_of(row: Row) -> str:
    """A path of the row that names nothing there is."""
    parts = [("7" if each.startswith("{") else each) for each in row.path.split("/")]
    return "/".join(parts)


@pytest.mark.parametrize("role", ROLES)
async def test_each_role_is_let_through_to_its_acts_and_to_no_other(door: Door, role: Role) -> None:
    """Every restricted route: 403 exactly where the table of permissions says no."""
    door.add("wang", role)
    door.add("zhao", "administrator")
    client = await door.signed_in("wang")
    for row in RESTRICTED:
        if row.path == "/api/stream":
            continue  # never ends; see test_a_stream_ends_with_its_session
        answer = await client.request(row.method, path_of(row), json={} if row.method != "GET" else None)
        refused = answer.status_code == 403
        assert refused == (role not in PERMISSIONS[row.act]), (row, answer.status_code, answer.text)


async def test_who_acts_is_who_is_signed_in_whatever_the_body_says(door: Door) -> None:
    (alarm,) = door.house.take(finding())
    door.add("wang", "operator")
    client = await door.signed_in("wang")
    done = await client.post(f"/api/alarms/{alarm}/acknowledge", json={"who": "somebody else", "note": "已派人"})
    assert done.status_code == 200, done.text
    assert done.json()["acknowledged_by"] == "Wang"


@pytest.fixture
async def limited(door: Door) -> AsyncIterator[httpx.AsyncClient]:
    """Signed in as somebody who may do everything, in another district only."""
    door.add("li", *ROLES, within=Jurisdiction(districts=frozenset({"120101"})))
    client = await door.signed_in("li")
    yield client
    await client.aclose()


async def test_what_lies_outside_is_answered_as_if_it_were_not_there(door: Door, limited: httpx.AsyncClient) -> None:
    (alarm,) = door.house.take(finding())
    for method, path in (
        ("GET", f"/api/alarms/{alarm}"), ("GET", f"/api/alarms/{alarm}/readings"),
        ("POST", f"/api/alarms/{alarm}/acknowledge"), ("POST", "/api/deliveries/1/retry"),
    ):  # fmt: skip
        there = await limited.request(method, path, json={})
        nowhere = await limited.request(method, path.replace(alarm, "none").replace("/1/", "/99/"), json={})
        assert (there.status_code, there.text) == (nowhere.status_code, nowhere.text) == (404, nowhere.text)
    assert door.house.rows("SELECT count(*) FROM alarm_log WHERE action = 'acknowledged'") == [(0,)]
    denied = [line for line in door.record() if line[2] == "denied"]
    assert {line[4] for line in denied} == {"outside-jurisdiction"} and len(denied) == 8


async def test_many_at_once_are_acted_on_only_within(door: Door, limited: httpx.AsyncClient) -> None:
    (alarm,) = door.house.take(finding())
    answer = await limited.post("/api/alarms/acknowledge", json={"ids": [alarm, "none"]})
    there, nowhere = answer.json()["items"]
    assert (there["ok"], there["alarm"]) == (nowhere["ok"], nowhere["alarm"]) == (False, None)
    assert there["error"].replace(alarm, "none") == nowhere["error"]
    assert door.house.rows("SELECT count(*) FROM alarm_log WHERE action = 'acknowledged'") == [(0,)]


async def test_what_is_about_the_whole_city_is_for_those_who_see_it(limited: httpx.AsyncClient) -> None:
    for row in ROUTES:
        if row.reach == "whole":
            answer = await limited.request(row.method, path_of(row), json=None if row.method == "GET" else {})
            assert answer.status_code == 403, row


async def test_a_stream_ends_with_its_session(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "LOOK_AGAIN_S", 0.0)
    door.add("wang", "viewer")
    client = await door.signed_in("wang")
    session = next(each["id"] for each in door.access.credentials.listed(1))
    sent: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        """A stream that would never end by itself."""
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        while (await receive())["type"] != "http.disconnect":
            sent.append("wall")
            await send({"type": "http.response.body", "body": b"data: 1\n\n", "more_body": True})
            if len(sent) == 3:
                door.access.credentials.revoke(session)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    guarded = gate.Gate(app, door.access, door.house.city, Routes())
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    bodies: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        bodies.append(message)

    scope = {
        "type": "http", "method": "GET", "path": "/api/stream", "query_string": b"", "scheme": "http",
        "client": ("127.0.0.1", 1), "headers": [(b"cookie", cookie.encode()), (b"host", b"127.0.0.1")],
    }  # fmt: skip
    await guarded(scope, receive, send)
    assert [each.get("more_body") for each in bodies] == [None, True, True, True, False]
