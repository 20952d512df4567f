"""`citybrain accounts`: who may do what, asked of the server's interface.

A running server of this machine is asked with the key in its data folder, one elsewhere with a token
(`--server`, `CITYBRAIN_SERVER_TOKEN`). Where no server runs, the same interface is set on the store for one call.
"""

import asyncio
import json
import sys
from typing import Annotated, Any, TypeAlias

import httpx
import sqlalchemy as sa
import typer
from fastapi import FastAPI
from rich.console import Console
from rich.table import Table

from alerts.accounts.access import Access
from alerts.accounts.door import mount_accounts
from alerts.accounts.local_key import read_local_key
from alerts.city import City
from alerts.store import Store
from streams.commands.cluster import AsJson
from streams.server_terms import terms_of
from streams.settings import Settings, load_settings
from topics.errors import CityBrainError, PartMissing

app = typer.Typer(help="Who may do what at the alert server.", no_args_is_help=True, add_completion=False)

Elsewhere: TypeAlias = Annotated[str | None, typer.Option("--server", help="address of a server elsewhere, https://…")]
Name: TypeAlias = Annotated[str, typer.Argument(help="the account's name")]
Roles: TypeAlias = Annotated[
    list[str], typer.Option("--role", help="viewer, operator, duty-officer, data-scientist or administrator")
]
Domains: TypeAlias = Annotated[list[str] | None, typer.Option("--domain", help="only this domain; may be repeated")]
Districts: TypeAlias = Annotated[
    list[str] | None, typer.Option("--district", help="only this district, GB/T 2260; may be repeated")
]
PATIENCE_S = 20.0
#: What stands for the server's key in a call on the store itself: it never leaves this process.
INSIDE = "inside"


@app.command("list")
def list_accounts(server: Elsewhere = None, as_json: AsJson = False) -> None:
    """All accounts with their roles and jurisdictions."""
    found = _ask(server, ("GET", "/api/accounts", None))
    if as_json:
        print(json.dumps({"accounts": found["items"]}, ensure_ascii=False))
        return
    table = Table("id", "name", "shown as", "roles", "domains", "districts", "state")
    for each in found["items"]:
        state = "disabled" if each["disabled"] else each["signs_in_by"]
        table.add_row(
            str(each["id"]), each["name"], each["shown"], ", ".join(each["roles"]), _or_all(each["domains"]),
            _or_all(each["districts"]), state,
        )  # fmt: skip
    Console().print(table)


@app.command()
def add(
    name: Name,
    role: Roles,
    shown: Annotated[str, typer.Option(help="what people read, e.g. 王伟")] = "",
    domain: Domains = None,
    district: Districts = None,
    server: Elsewhere = None,
    as_json: AsJson = False,
) -> None:
    """Add an account and print the one-time link with which its owner sets the password."""
    body = {"name": name, "shown": shown, "roles": role, "domains": domain or None, "districts": district or None}
    made = _ask(server, ("POST", "/api/accounts", body))
    _tell_link(made["link"], server, as_json)


@app.command()
def disable(name: Name, server: Elsewhere = None) -> None:
    """Shut an account out at once, with its sessions and tokens; nothing it did is forgotten."""
    _change(server, name, {"disabled": True})


@app.command()
def enable(name: Name, server: Elsewhere = None) -> None:
    """Let a disabled account in again; its former sessions and tokens stay ended."""
    _change(server, name, {"disabled": False})


@app.command()
def link(
    name: Annotated[str | None, typer.Argument(help="the account; left out: for a new administrator")] = None,
    server: Elsewhere = None,
    as_json: AsJson = False,
) -> None:
    """Print a one-time link: to set an account's password, or to make an administrator."""
    path = "/api/accounts/links" if name is None else f"/api/accounts/{_number(server, name)}/link"
    _tell_link(_ask(server, ("POST", path, None)), server, as_json)


@app.command()
def tokens(
    name: Name,
    new: Annotated[str | None, typer.Option("--new", help="make a token for this purpose")] = None,
    scope: Annotated[list[str] | None, typer.Option("--scope", help="an act it may do, e.g. see; repeated")] = None,
    days: Annotated[int, typer.Option(help="how long it is good")] = 90,
    revoke: Annotated[int | None, typer.Option("--revoke", help="end the session or token of this number")] = None,
    server: Elsewhere = None,
    as_json: AsJson = False,
) -> None:
    """Sessions and tokens of an account; make one for a machine, or end one."""
    base = f"/api/accounts/{_number(server, name)}"
    if new is not None:
        made = _ask(server, ("POST", f"{base}/tokens", {"label": new, "scopes": scope or [], "days": days}))
        print(json.dumps(made) if as_json else made["token"])
        return
    if revoke is not None:
        _ask(server, ("DELETE", f"{base}/credentials/{revoke}", None))
    items = _ask(server, ("GET", f"{base}/credentials", None))["items"]
    if as_json:
        print(json.dumps({"credentials": items}, ensure_ascii=False))
        return
    table = Table("id", "kind", "for", "may", "from")
    for each in items:
        table.add_row(str(each["id"]), each["kind"], each["label"], ", ".join(each["scopes"] or []), each["address"])
    Console().print(table)


def _change(server: str | None, name: str, body: dict[str, Any]) -> None:
    _ask(server, ("PATCH", f"/api/accounts/{_number(server, name)}", body))


def _number(server: str | None, name: str) -> int:
    items = _ask(server, ("GET", "/api/accounts", None))["items"]
    for each in items:
        if each["name"] == name.strip().casefold():
            return int(each["id"])
    raise CityBrainError(f"accounts: expected the name of an account, got {name!r}; `citybrain accounts list` has all")


def _tell_link(link: dict[str, Any], server: str | None, as_json: bool) -> None:
    settings = load_settings()
    scheme = "https" if settings.server_cert_file else "http"
    base = server or f"{scheme}://{settings.server_host}:{settings.server_port}"
    whole = base.rstrip("/") + link["path"]
    print(json.dumps({"link": whole, "expires": link["expires"]}) if as_json else whole)


def _or_all(names: list[str] | None) -> str:
    return "all" if names is None else ", ".join(names) or "none"


Call: TypeAlias = tuple[str, str, dict[str, Any] | None]


def _ask(server: str | None, call: Call) -> dict[str, Any]:
    """The answer of the interface. Raises ``CityBrainError`` with its sentence where it refuses."""
    settings = load_settings()
    answer = asyncio.run(_answer(settings, server, call))
    if answer.status_code >= 400:
        said = answer.json() if answer.headers.get("content-type", "").startswith("application/json") else {}
        raise CityBrainError(f"accounts: {said.get('error') or said.get('detail') or answer.status_code}")
    return dict(answer.json()) if answer.content else {}


async def _answer(settings: Settings, server: str | None, call: Call) -> httpx.Response:
    if server is not None:
        if not settings.server_token:
            raise PartMissing("accounts: expected a token in CITYBRAIN_SERVER_TOKEN for a server elsewhere, got none")
        async with httpx.AsyncClient(base_url=server, headers=_bearer(settings.server_token)) as client:
            return await _one(client, call)
    if (key := read_local_key(settings.data)) is not None:
        scheme = "https" if settings.server_cert_file else "http"
        base = f"{scheme}://127.0.0.1:{settings.server_port}"
        # The certificate is for the server's names, not for loopback; the key is worth nothing to anybody else.
        async with httpx.AsyncClient(base_url=base, headers=_bearer(key), verify=False, trust_env=False) as client:
            try:
                return await _one(client, call)
            except httpx.ConnectError:
                print("no server answers; using the store itself", file=sys.stderr)
    return await _on_the_store(settings, call)


async def _on_the_store(settings: Settings, call: Call) -> httpx.Response:
    """The same interface, for one call, straight on the store: with the same checks and the same record."""
    settings.data.mkdir(parents=True, exist_ok=True)
    store = Store(settings.store)
    try:
        inside = FastAPI()
        mount_accounts(inside, Access(store, terms_of(settings, "127.0.0.1"), local_key=INSIDE), City())
        transport = httpx.ASGITransport(inside)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1", headers=_bearer(INSIDE)
        ) as client:
            return await _one(client, call)
    except sa.exc.OperationalError as error:
        raise PartMissing(f"accounts: the store does not answer: {error.orig}") from error
    finally:
        store.close()


async def _one(client: httpx.AsyncClient, call: Call) -> httpx.Response:
    method, path, body = call
    return await client.request(method, path, json=body, timeout=PATIENCE_S)


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}
