"""Signing in through another house, against a small real provider on this machine."""

import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from alerts.accounts.access import SESSION_COOKIE
from alerts.accounts.jurisdiction import Jurisdiction
from alerts.accounts.oidc_api import own_path
from alerts.accounts.oidc_claims import Provider, read_roles
from tests.alerts.accounts.conftest import Door
from tests.alerts.accounts.small_provider import CLIENT, SECRET, SmallProvider
from tests.alerts.pages.served import Served
from topics.errors import ConfigurationError

ROLES = "duty-desk=duty-officer,it=administrator"


@pytest.fixture(scope="module")
def running() -> Iterator[SmallProvider]:
    provider = SmallProvider()
    with Served(provider.app()) as served:
        provider.base = served.base
        yield provider


@pytest.fixture
def provider(running: SmallProvider) -> SmallProvider:
    running.spoil = ""
    running.claims = {
        "sub": "u-17", "preferred_username": "liqiang", "name": "李强", "groups": ["duty-desk"], "districts": "120116",
    }  # fmt: skip
    return running


@pytest.fixture
def door(make_door: Callable[..., Door], provider: SmallProvider) -> Door:
    chosen = Provider(provider.base, CLIENT, SECRET, roles=read_roles(ROLES), district_claim="districts")
    door = make_door(provider=chosen)
    door.clock.now_ms = round(time.time() * 1000)  # the provider's tokens bear real time
    door.add("zhao", "administrator")
    return door


async def come_in(door: Door, client: httpx.AsyncClient, onward: str = "/console") -> httpx.Response:
    """Off to the provider and back, as a browser goes."""
    off = await client.get("/api/oidc/start", params={"next": onward})
    assert off.status_code == 303
    async with httpx.AsyncClient() as browser:
        back = (await browser.get(off.headers["location"])).headers["location"]
    return await client.get(back)


async def test_claims_become_roles_and_jurisdiction_at_every_sign_in(door: Door, provider: SmallProvider) -> None:
    async with door.client() as client:
        answer = await come_in(door, client)
        assert answer.status_code == 200 and 'url=/console"' in answer.text
        about = (await client.get("/api/session")).json()
        assert (about["name"], about["shown"], about["roles"]) == ("oidc:liqiang", "李强", ["duty-officer"])
        assert about["districts"] == ["120116"]
    provider.claims |= {"groups": "it", "districts": ["120101", "120116"]}
    async with door.client() as client:
        await come_in(door, client)
        about = (await client.get("/api/session")).json()
    assert (about["roles"], about["districts"]) == (["administrator"], ["120101", "120116"])
    assert len(door.access.directory.all()) == 2
    assert door.record(act="sign-in")[0] == ("oidc:liqiang", "sign-in", "done", 200, "")


async def test_what_is_sent_to_the_provider_is_a_challenge_never_the_verifier(
    door: Door, provider: SmallProvider
) -> None:
    async with door.client() as client:
        await come_in(door, client)
    asked = provider.asked[-1]
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert "code_verifier" not in asked and len(asked["nonce"]) > 30 and len(asked["state"]) > 30
    assert asked["redirect_uri"] == "http://127.0.0.1/api/oidc/back"


@pytest.mark.parametrize("lie", ["issuer", "audience", "nonce", "expired", "signature", "unsigned"])
async def test_a_proof_that_does_not_hold_lets_nobody_in(door: Door, provider: SmallProvider, lie: str) -> None:
    provider.spoil = lie
    async with door.client() as client:
        answer = await come_in(door, client)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?failed=provider")
        assert SESSION_COOKIE not in client.cookies
    assert door.record()[-1][:3] == ("", "sign-in", "denied")
    assert [each.name for each in door.access.directory.all()] == ["zhao"]


async def test_a_provider_may_turn_its_key(door: Door, provider: SmallProvider) -> None:
    async with door.client() as client:
        await come_in(door, client)
        provider.turn_key()
        assert (await come_in(door, client)).status_code == 200


async def test_who_has_no_role_there_has_none_here(door: Door, provider: SmallProvider) -> None:
    provider.claims |= {"groups": ["canteen"]}
    async with door.client() as client:
        assert (await come_in(door, client)).headers["location"] == "/sign-in?failed=provider"
    assert door.record()[-1][4] == "no-role"


async def test_a_sign_in_that_another_browser_began_is_not_finished_here(door: Door, provider: SmallProvider) -> None:
    """Else an attacker could sign a victim in as the attacker."""
    async with door.client() as attacker, door.client() as victim:
        off = await attacker.get("/api/oidc/start")
        async with httpx.AsyncClient() as browser:
            back = (await browser.get(off.headers["location"])).headers["location"]
        assert (await victim.get(back)).headers["location"] == "/sign-in?failed=provider"
        assert SESSION_COOKIE not in victim.cookies
        assert (await attacker.get(back)).status_code == 200
        assert (await attacker.get(back)).status_code == 303  # and once only


async def test_a_disabled_account_stays_out_whatever_the_provider_says(door: Door, provider: SmallProvider) -> None:
    async with door.client() as client:
        await come_in(door, client)
        (account,) = [each for each in door.access.directory.all() if each.issuer]
        zhao = await door.signed_in("zhao")
        await zhao.patch(f"/api/accounts/{account.id}", json={"disabled": True})
        assert (await client.get("/api/alarms")).status_code == 401
        assert (await come_in(door, client)).status_code == 303


async def test_names_of_a_provider_never_pass_for_names_given_here(door: Door, provider: SmallProvider) -> None:
    provider.claims |= {"preferred_username": "zhao"}
    async with door.client() as client:
        await come_in(door, client)
        assert (await client.get("/api/session")).json()["name"] == "oidc:zhao"
    provider.claims |= {"sub": "u-18"}
    async with door.client() as client:
        await come_in(door, client)
        assert (await client.get("/api/session")).json()["name"] not in ("oidc:zhao", "zhao")
    zhao = await door.signed_in("zhao")
    assert (await zhao.post("/api/accounts", json={"name": "oidc:wang", "roles": []})).status_code == 422


async def test_without_a_provider_the_way_there_is_not_there(make_door: Callable[..., Door]) -> None:
    async with make_door().client() as client:
        assert (await client.get("/api/oidc/start")).status_code == 404


async def test_a_provider_that_is_down_is_said_in_one_sentence(make_door: Callable[..., Door]) -> None:
    door = make_door(provider=Provider("http://127.0.0.1:9", CLIENT))
    async with door.client() as client:
        answer = await client.get("/api/oidc/start")
    assert answer.status_code == 502 and "provider" in answer.json()["error"]


def test_nobody_is_sent_on_to_another_site() -> None:
    assert own_path("/console?state=all") == "/console?state=all"
    for hostile in ("//evil.example", "/\\evil.example", "https://evil.example", "", "javascript:alert(1)", "/a\nb"):
        assert own_path(hostile) == "/"


def test_roles_in_the_settings_are_refused_with_what_is_expected() -> None:
    assert read_roles(" a=viewer , b=operator ") == (("a", "viewer"), ("b", "operator"))
    with pytest.raises(ConfigurationError, match=r"oidc_roles: expected value=role .* got 'a=king'"):
        read_roles("a=king")


def test_a_claim_that_is_asked_for_and_lacks_gives_nothing() -> None:
    provider = Provider("x", "y", domain_claim="domains")
    assert provider.jurisdiction_of({}) == Jurisdiction(frozenset(), None)
    assert provider.jurisdiction_of({"domains": "port safety"}).has_domain("safety")
