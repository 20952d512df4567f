"""Tokens for machines, the key of this machine, and secrets that stay secret."""

import logging
from collections.abc import Callable

import httpx
import pytest
import structlog
from structlog.testing import capture_logs

from alerts.accounts.access import SESSION_COOKIE
from alerts.accounts.credentials import digest
from alerts.accounts.signing_in import new_link
from alerts.accounts.terms import DAY_MS
from tests.alerts.accounts.conftest import PASSWORD, Door
from tests.alerts.city_parts import finding

KEY = "the key of this machine"


def machine(door: Door, token: str, address: str = "10.0.0.5") -> httpx.AsyncClient:
    return door.client(address, authorization=f"Bearer {token}")


async def make(client: httpx.AsyncClient, *scopes: str, days: int = 90) -> httpx.Response:
    return await client.post("/api/account/tokens", json={"label": "siren", "scopes": list(scopes), "days": days})


async def test_a_token_does_what_its_scopes_say_within_what_its_account_may(door: Door) -> None:
    (alarm,) = door.house.take(finding())
    door.add("wang", "operator")
    wang = await door.signed_in("wang")
    token = (await make(wang, "see")).json()["token"]
    async with machine(door, token) as reader:
        assert (await reader.get("/api/alarms")).status_code == 200
        assert (await reader.post(f"/api/alarms/{alarm}/acknowledge", json={})).status_code == 403
        assert (await reader.post("/api/account/tokens", json={"label": "x", "scopes": ["see"]})).status_code == 403
    token = (await make(wang, "see", "acknowledge")).json()["token"]
    async with machine(door, token) as actor:  # a machine is no browser: no mark is asked for
        assert (await actor.post(f"/api/alarms/{alarm}/acknowledge", json={})).status_code == 200
    assert door.record()[-1][:3] == ("wang", "acknowledge", "done")


@pytest.mark.parametrize("scopes", [["manage-accounts"], ["see", "no-such-act"], ["own-account"], []])
async def test_a_token_never_has_more_than_its_account(door: Door, scopes: list[str]) -> None:
    door.add("wang", "operator")
    assert (await make(await door.signed_in("wang"), *scopes)).status_code == 422


async def test_a_token_ends_by_itself_or_when_it_is_revoked(door: Door) -> None:
    door.add("wang", "operator")
    wang = await door.signed_in("wang")
    made = (await make(wang, "see", days=2)).json()
    short = (await make(wang, "see", days=1)).json()
    assert (await make(wang, "see", days=400)).status_code == 422
    listed = (await wang.get("/api/account/credentials")).json()["items"]
    assert [(each["kind"], each["scopes"]) for each in listed] == [
        ("token", ["see"]), ("token", ["see"]), ("session", None),
    ]  # fmt: skip
    assert made["token"] not in str(listed)
    async with machine(door, made["token"]) as one, machine(door, short["token"]) as two:
        door.clock.now_ms += DAY_MS
        assert [(await each.get("/api/alarms")).status_code for each in (one, two)] == [200, 401]
        wang = await door.signed_in("wang")
        assert (await wang.delete(f"/api/account/credentials/{made['id']}")).status_code == 204
        assert (await one.get("/api/alarms")).status_code == 401


async def test_nobody_revokes_what_is_anothers(door: Door) -> None:
    door.add("wang", "operator")
    door.add("li", "operator")
    wang, li = await door.signed_in("wang"), await door.signed_in("li")
    made = (await make(wang, "see")).json()
    assert (await li.delete(f"/api/account/credentials/{made['id']}")).status_code == 404


async def test_a_wrong_token_is_refused_even_at_an_open_desk(door: Door) -> None:
    async with machine(door, "cbt_nonsense", "127.0.0.1") as client:
        answer = await client.get("/api/alarms")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


async def test_an_account_for_a_machine_needs_no_password(door: Door) -> None:
    door.add("zhao", "administrator")
    zhao = await door.signed_in("zhao")
    added = (await zhao.post("/api/accounts", json={"name": "prometheus", "roles": ["viewer"]})).json()["account"]
    body = {"label": "scraper", "scopes": ["scrape"]}
    token = (await zhao.post(f"/api/accounts/{added['id']}/tokens", json=body)).json()["token"]
    async with machine(door, token) as scraper:
        assert (await scraper.get("/metrics")).text == "up 1\n"
        assert (await scraper.get("/api/alarms")).status_code == 403


async def test_the_machines_key_opens_the_accounts_from_this_machine_only(make_door: Callable[..., Door]) -> None:
    door = make_door(KEY)
    door.add("zhao", "administrator")
    async with machine(door, KEY, "127.0.0.1") as here, machine(door, KEY) as away:
        assert (await here.get("/api/accounts")).status_code == 200
        assert (await here.post("/api/accounts/links")).status_code == 201
        assert (await here.get("/api/accounts", headers={"x-forwarded-for": "10.0.0.5"})).status_code == 401
        assert (await away.get("/api/accounts")).status_code == 401
        assert (await here.post("/api/alarms/x/acknowledge", json={})).status_code == 403
    assert door.record()[1][:3] == ("local-administrator", "make-administrator-link", "done")


async def test_no_secret_of_a_whole_story_is_in_the_logs_the_record_or_the_store(
    door: Door, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    structlog.get_logger(__name__).debug("begin")
    wrong, newer = "eight green kilns at dawn", "nine red kilns at noon"
    link = new_link(door.access, None, "first start")
    with capture_logs() as structured:
        async with door.client() as client:
            body = {"secret": link.secret, "name": "zhao", "password": PASSWORD}
            session = (await client.post("/api/link", json=body)).cookies[SESSION_COOKIE]
        async with door.client() as client:
            await client.post("/api/session", json={"name": "zhao", "password": wrong})
            await client.post("/api/session", json={"name": wrong, "password": wrong})  # typed into the wrong field
        zhao = await door.signed_in("zhao")
        token = (await make(zhao, "see-audit")).json()["token"]
        await zhao.put("/api/account/password", json={"old": PASSWORD, "new": newer})
        async with machine(door, token) as reader:
            record = (await reader.get("/api/audit")).text
        await zhao.delete("/api/session")
    said = capsys.readouterr()
    with door.access.store.read() as connection:
        kept = "\n".join(
            str(row)
            for table in ("account", "credential", "audit", "ledger")
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}")
        )
    everything = "\n".join([caplog.text, str(structured), said.out, said.err, record, kept])
    for secret in (PASSWORD, wrong, newer, token, session, link.secret):
        assert secret not in everything
    assert digest(token) in kept
