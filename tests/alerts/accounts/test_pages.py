"""The frames of the pages of accounts: who gets which, in which language, and what they never hold."""

import httpx

from alerts.accounts.signing_in import new_link
from tests.alerts.accounts.conftest import Door


async def test_the_way_in_is_shown_to_everybody_in_both_languages(door: Door, stranger: httpx.AsyncClient) -> None:
    door.add("wang", "viewer")
    chinese, english = await stranger.get("/sign-in"), await stranger.get("/sign-in?lang=en")
    assert "登录" in chinese.text and "Sign in" in english.text
    assert "oidc" not in english.text  # no provider is configured
    assert (await stranger.get("/link")).status_code == 200
    assert "form-action 'none'" in chinese.headers["content-security-policy"]


async def test_pages_behind_the_door_send_a_stranger_to_sign_in_and_back(
    door: Door, stranger: httpx.AsyncClient
) -> None:
    door.add("wang", "viewer")
    for path in ("/", "/console", "/alarms/x", "/account", "/accounts"):
        answer = await stranger.get(path)
        assert answer.status_code == 303 and answer.headers["location"].startswith("/sign-in?next=%2F"), path


async def test_the_administrators_page_is_for_administrators(door: Door) -> None:
    door.add("wang", "viewer")
    door.add("zhao", "administrator")
    assert (await (await door.signed_in("wang")).get("/accounts")).status_code == 403
    page = await (await door.signed_in("zhao")).get("/accounts")
    assert page.status_code == 200 and 'href="/accounts"' in page.text


async def test_every_page_knows_who_looks_and_what_they_may(door: Door, stranger: httpx.AsyncClient) -> None:
    assert '"signed_in": false' in (await stranger.get("/console")).text
    door.add("wang", "viewer")
    page = await (await door.signed_in("wang")).get("/console")
    assert '"signed_in": true' in page.text and ">Wang</a>" in page.text


async def test_a_link_in_the_address_reaches_no_server(door: Door) -> None:
    """Its secret stands behind the #, which browsers keep to themselves."""
    door.add("zhao", "administrator")
    zhao = await door.signed_in("zhao")
    made = (await zhao.post("/api/accounts", json={"name": "li", "roles": ["viewer"]})).json()["link"]
    path, _, secret = made["path"].partition("#")
    assert (path, secret) == ("/link", made["secret"])
    assert new_link(door.access, None, "x").secret != secret
