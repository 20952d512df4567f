"""A stranger's page in the duty officer's own browser gets nothing done."""

from collections.abc import Callable

import httpx

from alerts.accounts.crossing import MARK_HEADER
from tests.alerts.accounts.conftest import PASSWORD, Door
from tests.alerts.city_parts import finding

HOSTILE = [
    {"origin": "https://evil.example"},
    {"origin": "http://127.0.0.1.evil.example"},
    {"origin": "http://127.0.0.1:81"},
    {"origin": "null"},
    {"origin": "file://"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
]


async def acknowledge(client: httpx.AsyncClient, alarm: str, **headers: str) -> int:
    answer = await client.post(f"/api/alarms/{alarm}/acknowledge", json={"who": "x"}, headers=headers)
    return answer.status_code


async def test_an_act_from_another_sites_page_is_refused(door: Door) -> None:
    (alarm,) = door.house.take(finding())
    async with door.client() as desk:  # the open desk too has a browser
        for headers in HOSTILE:
            assert await acknowledge(desk, alarm, **headers) == 403, headers
    door.add("wang", "operator")
    client = await door.signed_in("wang")
    for headers in HOSTILE:
        assert await acknowledge(client, alarm, **headers) == 403, headers
        assert door.record()[-1] == ("wang", "acknowledge", "denied", 403, "cross-site")
        sign_in = await client.post("/api/session", json={"name": "wang", "password": PASSWORD}, headers=headers)
        assert sign_in.status_code == 403, headers


async def test_our_own_page_gets_it_done(door: Door) -> None:
    (alarm,) = door.house.take(finding())
    door.add("wang", "operator")
    client = await door.signed_in("wang")
    assert await acknowledge(client, alarm, origin="http://127.0.0.1", **{"sec-fetch-site": "same-origin"}) == 200


async def test_a_session_without_the_mark_of_its_pages_reads_but_does_nothing(door: Door) -> None:
    (alarm,) = door.house.take(finding())
    door.add("wang", "operator")
    door.add("li", "operator")
    client, other = await door.signed_in("wang"), await door.signed_in("li")
    of_another = other.headers[MARK_HEADER]
    del client.headers[MARK_HEADER]
    assert (await client.get("/api/alarms")).status_code == 200
    assert await acknowledge(client, alarm) == 403
    assert await acknowledge(client, alarm, **{MARK_HEADER: of_another}) == 403
    assert door.record()[-1][4] == "no-mark"


async def test_behind_tls_a_page_without_it_is_a_stranger(make_door: Callable[..., Door]) -> None:
    door = make_door(hosts=("desk.city.example",))
    async with door.client(base="https://desk.city.example") as client:
        for origin, status in (("http://desk.city.example", 403), ("https://desk.city.example", 401)):
            answer = await client.post("/api/session", json={"name": "a", "password": "b"}, headers={"origin": origin})
            assert answer.status_code == status


async def test_names_that_are_not_the_servers_are_not_answered(make_door: Callable[..., Door]) -> None:
    """A page that resolves its own name to this machine (DNS rebinding) is told nothing."""
    door = make_door(hosts=("desk.city.example",))
    async with door.client(base="http://desk.city.example") as named, door.client(base="http://evil.example") as other:
        assert (await named.get("/api/session")).status_code == 200
        assert (await other.get("/api/session")).status_code == 400
