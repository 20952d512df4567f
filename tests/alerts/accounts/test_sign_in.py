"""Coming in and going out, as the people at the desk live it."""

from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from alerts.accounts.access import SESSION_COOKIE
from alerts.accounts.crossing import MARK_COOKIE
from alerts.accounts.passwords import Passwords
from alerts.accounts.signing_in import new_link
from alerts.accounts.terms import DAY_MS, MINUTE_MS
from tests.alerts.accounts.conftest import PASSWORD, Door

WRONG = "eight green kilns at dawn"


async def sign_in(client: httpx.AsyncClient, name: str = "wang", password: str = PASSWORD) -> httpx.Response:
    return await client.post("/api/session", json={"name": name, "password": password})


async def test_without_accounts_the_open_desk_reads_and_acts_as_before(door: Door, stranger: httpx.AsyncClient) -> None:
    assert (await stranger.get("/api/alarms")).status_code == 200
    about = (await stranger.get("/api/session")).json()
    assert (about["open_desk"], about["signed_in"], about["accounts"]) == (True, False, False)
    assert (await stranger.get("/api/accounts")).status_code == 403


async def test_with_the_first_account_the_desk_closes(door: Door, stranger: httpx.AsyncClient) -> None:
    door.add("wang", "viewer")
    assert (await stranger.get("/api/alarms")).status_code == 401
    page = await stranger.get("/console?state=all")
    assert (page.status_code, page.headers["location"]) == (303, "/sign-in?next=%2Fconsole%3Fstate%3Dall")
    assert (await sign_in(stranger)).status_code == 200
    assert (await stranger.get("/api/alarms")).status_code == 200


async def test_a_server_meant_to_be_open_stays_so_for_this_machine_only(make_door: Callable[..., Door]) -> None:
    door = make_door(open_desk=True)
    door.add("wang", "viewer")
    async with door.client() as here, door.client("10.1.2.3") as away, door.client() as passed_on:
        assert (await here.get("/api/alarms")).status_code == 200
        assert (await away.get("/api/alarms")).status_code == 401
        assert (await passed_on.get("/api/alarms", headers={"x-forwarded-for": "10.1.2.3"})).status_code == 401


async def test_a_session_cookie_is_for_this_site_only_and_no_script_reads_it(door: Door) -> None:
    door.add("wang", "viewer")
    async with door.client(base="https://127.0.0.1") as client:
        cookies = (await sign_in(client)).headers.get_list("set-cookie")
    session, mark = (next(each for each in cookies if each.startswith(name)) for name in (SESSION_COOKIE, MARK_COOKIE))
    assert {"HttpOnly", "SameSite=strict", "Secure"} <= set(session.split("; "))
    assert "HttpOnly" not in mark and {"SameSite=strict", "Secure"} <= set(mark.split("; "))


async def test_a_trusted_proxys_word_on_tls_and_caller_counts_and_nobody_elses(make_door: Callable[..., Door]) -> None:
    door = make_door(proxies=("10.9.9.9",))
    door.add("wang", "viewer")
    told = {"x-forwarded-for": "203.0.113.7", "x-forwarded-proto": "https"}
    async with door.client("10.9.9.9", **told) as proxied, door.client("10.1.1.1", **told) as liar:
        assert "Secure" in (await sign_in(proxied)).headers["set-cookie"]
        assert "Secure" not in (await sign_in(liar)).headers["set-cookie"]
    addresses = [each["address"] for each in door.access.audit.listed(2)["items"]]
    assert addresses == ["10.1.1.1", "203.0.113.7"]


async def test_wrong_password_unknown_disabled_and_passwordless_are_answered_alike(
    door: Door, stranger: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    door.add("wang", "viewer")
    door.add("machine", "viewer", password=None)
    door.add("zhao", "administrator")
    gone = door.add("gone", "viewer")
    door.access.store.write(lambda connection: door.access.directory.change(connection, gone, disabled=1))
    checked: list[str | None] = []
    matches = Passwords.matches

    def counted(passwords: Passwords, kept: str | None, password: str) -> bool:
        checked.append(kept)
        return matches(passwords, kept, password)

    monkeypatch.setattr(Passwords, "matches", counted)
    tried = (("wang", WRONG), ("nobody", WRONG), ("machine", PASSWORD), ("gone", PASSWORD))
    answers = [await sign_in(stranger, *pair) for pair in tried]
    assert {(answer.status_code, answer.text) for answer in answers} == {(401, answers[0].text)}
    assert len(checked) == 4  # the same work for each


async def test_guessing_slows_down_for_every_name_alike_and_ends_by_itself(
    door: Door, stranger: httpx.AsyncClient
) -> None:
    door.add("wang", "viewer")
    for name in ("wang", "nobody"):
        seen = [(await sign_in(stranger, name, WRONG)).status_code for _ in range(6)]
        assert seen == [401] * 5 + [429]
    blocked = await sign_in(stranger)
    assert (blocked.status_code, blocked.headers["retry-after"]) == (429, "1")
    door.clock.now_ms += 1_000
    assert (await sign_in(stranger)).status_code == 200


async def test_one_address_that_tries_many_names_is_slowed_down_others_are_not(door: Door) -> None:
    door.add("wang", "viewer")
    async with door.client("10.0.0.66") as guesser, door.client("10.0.0.7") as other:
        seen = [(await sign_in(guesser, f"name{number}", WRONG)).status_code for number in range(22)]
        assert (seen[:20], seen[20:]) == ([401] * 20, [429] * 2)
        assert (await sign_in(other)).status_code == 200


async def test_who_has_not_signed_in_sends_little(door: Door, stranger: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b"{}"

    door.add("wang", "viewer")
    long = await sign_in(stranger, "wang", "x" * 20_000)
    unsaid = await stranger.post("/api/session", content=endless())
    assert (long.status_code, unsaid.status_code) == (413, 413)


async def test_a_session_slides_while_used_and_ends_when_idle_or_old(door: Door) -> None:
    door.add("wang", "viewer")
    client = await door.signed_in("wang")
    for _ in range(14):
        door.clock.now_ms += 50 * MINUTE_MS
        assert (await client.get("/api/alarms")).status_code == 200
    door.clock.now_ms += 50 * MINUTE_MS  # 12.5 hours: past the fixed end though never idle
    assert (await client.get("/api/alarms")).status_code == 401
    fresh = await door.signed_in("wang")
    door.clock.now_ms += 60 * MINUTE_MS
    assert (await fresh.get("/api/alarms")).status_code == 401


async def test_signing_out_ends_the_session_itself_not_only_the_cookie(door: Door) -> None:
    door.add("wang", "viewer")
    client = await door.signed_in("wang")
    kept = dict(client.cookies)
    assert (await client.delete("/api/session")).status_code == 204
    async with door.client() as thief:
        thief.cookies.update(kept)
        assert (await thief.get("/api/alarms")).status_code == 401


async def test_the_first_administrator_comes_by_a_link_that_works_once(door: Door, stranger: httpx.AsyncClient) -> None:
    link = new_link(door.access, None, "first start")
    assert (await stranger.post("/api/link/about", json={"secret": link.secret})).json()["first"] is True
    body = {"secret": link.secret, "name": "Zhao", "shown": "赵敏", "password": PASSWORD}
    weak = await stranger.post("/api/link", json=body | {"password": "password1234"})
    assert weak.status_code == 422 and "everybody tries" in weak.json()["error"]
    made = await stranger.post("/api/link", json=body)
    assert made.status_code == 200 and made.json()["account"]["roles"] == ["administrator"]
    assert (await stranger.get("/api/accounts")).json()["items"][0]["name"] == "zhao"
    async with door.client() as other:
        assert (await other.post("/api/link", json=body | {"name": "eve"})).status_code == 404


async def test_a_link_is_over_after_a_day(door: Door, stranger: httpx.AsyncClient) -> None:
    link = new_link(door.access, None, "first start")
    door.clock.now_ms += DAY_MS
    body = {"secret": link.secret, "name": "zhao", "password": PASSWORD}
    assert (await stranger.post("/api/link", json=body)).status_code == 404
    assert not door.access.directory.any()


async def test_a_new_password_ends_the_other_sessions_and_not_this_one(door: Door) -> None:
    door.add("wang", "viewer")
    here, elsewhere = await door.signed_in("wang"), await door.signed_in("wang")
    wrong = await here.put("/api/account/password", json={"old": WRONG, "new": "nine red kilns at noon"})
    assert wrong.status_code == 403
    short = await here.put("/api/account/password", json={"old": PASSWORD, "new": "short"})
    assert short.status_code == 422
    done = await here.put("/api/account/password", json={"old": PASSWORD, "new": "nine red kilns at noon"})
    assert done.status_code == 204
    assert (await here.get("/api/alarms")).status_code == 200
    assert (await elsewhere.get("/api/alarms")).status_code == 401
    await door.signed_in("wang", "nine red kilns at noon")


async def test_a_disabled_account_is_out_at_once_with_all_its_tokens(door: Door) -> None:
    number = door.add("wang", "viewer")
    door.add("zhao", "administrator")
    wang, zhao = await door.signed_in("wang"), await door.signed_in("zhao")
    token = (await wang.post("/api/account/tokens", json={"label": "x", "scopes": ["see"]})).json()["token"]
    async with door.client("10.0.0.5", authorization=f"Bearer {token}") as machine:
        assert (await machine.get("/api/alarms")).status_code == 200
        assert (await zhao.patch(f"/api/accounts/{number}", json={"disabled": True})).status_code == 200
        assert (await machine.get("/api/alarms")).status_code == 401
    assert (await wang.get("/api/alarms")).status_code == 401
    assert (await zhao.patch(f"/api/accounts/{number}", json={"disabled": False})).status_code == 200
    assert (await wang.get("/api/alarms")).status_code == 401
