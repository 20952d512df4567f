"""The two routes of signing in through a provider: off to it, and back from it."""

import asyncio
import hashlib
from collections.abc import Mapping
from html import escape
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from alerts.accounts.access import Access, asking_of
from alerts.accounts.directory import Account
from alerts.accounts.gate import note
from alerts.accounts.oidc import OpenIdConnect
from alerts.accounts.oidc_claims import Provider
from alerts.accounts.refusal import Refused
from alerts.accounts.session_api import set_cookies
from alerts.accounts.signing_in import new_session
from topics.finding import Text

#: Remembers which browser went off. Lax, because coming back is a step from the provider's page to ours.
STATE_COOKIE = "citybrain_oidc"
PATH = "/api/oidc"
#: Names that come from a provider stand apart from those given here, so that neither can pass for the other.
PREFIX = "oidc:"


def oidc_routes(access: Access) -> APIRouter:
    """Routes for signing in through ``access.terms.provider``; 404 where there is none."""
    routes = APIRouter(prefix=PATH)
    provider = access.terms.provider
    connect = OpenIdConnect(provider, access.wall_ms) if provider is not None else None

    @routes.get("/start")
    async def start(request: Request, onward: Annotated[str, Query(alias="next", max_length=500)] = "/") -> Response:
        begun = await _given(connect).begin(str(request.base_url).rstrip("/") + f"{PATH}/back", own_path(onward))
        response = RedirectResponse(begun.address, 303, headers={"cache-control": "no-store"})
        secure = asking_of(request.scope).secure
        response.set_cookie(STATE_COOKIE, begun.state, max_age=600, path=PATH, httponly=True, samesite="lax",
                            secure=secure)  # fmt: skip
        return response

    @routes.get("/back")
    async def back(
        request: Request,
        state: Annotated[str, Query(max_length=200)] = "",
        code: Annotated[str, Query(max_length=4000)] = "",
    ) -> Response:
        note(request.scope, act="sign-in", means="provider")
        asking = asking_of(request.scope)
        try:
            begun, claims = await _given(connect).finish(state, request.cookies.get(STATE_COOKIE, ""), code)
            account = await asyncio.to_thread(account_of, access, _given(connect).provider, claims)
            note(request.scope, who=account.name, account=account.id)
            if account.disabled is not None:
                raise Refused(403, Text("账号已停用", "this account is disabled"), "disabled")
        except Refused as refusal:
            note(request.scope, denied=True, reason=refusal.reason)
            failed = RedirectResponse("/sign-in?failed=provider", 303, headers={"cache-control": "no-store"})
            failed.delete_cookie(STATE_COOKIE, path=PATH)
            return failed
        made = await asyncio.to_thread(new_session, access, account.id, asking.address)
        response = HTMLResponse(_step(begun.onward), headers={"content-security-policy": "default-src 'none'"})
        set_cookies(response, made, asking.secure)
        response.delete_cookie(STATE_COOKIE, path=PATH)
        return response

    return routes


def account_of(access: Access, provider: Provider, claims: Mapping[str, Any]) -> Account:
    """The account of the person these claims are about: made at their first sign-in, brought in step at each.

    Raises ``Refused`` (403) where the claims give no role.
    """
    roles, within, subject = provider.roles_of(claims), provider.jurisdiction_of(claims), str(claims["sub"])
    known = access.directory.of_issuer(provider.issuer, subject)
    if not roles:
        text = Text("您的身份未被授予任何角色", "your identity was given no role here")
        raise Refused(403, text, "no-role")
    shown = str(claims.get("name") or claims.get("preferred_username") or subject)
    now = access.wall_ms()

    def work(connection: sa.Connection) -> int:
        if known is not None:
            access.directory.change(
                connection, known.id, from_provider=True, roles=roles, jurisdiction=within, shown=shown[:80],
                signed_in=now,
            )  # fmt: skip
            return known.id
        name = _name_for(access, claims, provider.issuer, subject)
        return access.directory.add(
            connection, name, shown, roles, within, provider.issuer, issuer=provider.issuer, subject=subject,
            signed_in=now,
        )  # fmt: skip

    account = access.directory.by_id(access.store.write(work))
    assert account is not None
    return account


def own_path(onward: str) -> str:
    """A path of ours to go on to; the wall for anything else, so that nobody is sent elsewhere."""
    plain = onward.startswith("/") and not onward.startswith(("//", "/\\")) and onward.isprintable()
    return onward if plain else "/"


def _name_for(access: Access, claims: Mapping[str, Any], issuer: str, subject: str) -> str:
    """The provider's name for the person, or where that is taken or none a name made of the subject."""
    told = str(claims.get("preferred_username") or "")
    fits = told and len(told) <= 60 and told.isprintable() and not set(told) & set(",;/")
    if fits and access.directory.by_name(PREFIX + told) is None:
        return PREFIX + told
    return PREFIX + hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()[:16]


def _given(connect: OpenIdConnect | None) -> OpenIdConnect:
    if connect is None:
        raise Refused(404, Text("未配置统一身份认证", "no provider of identities is configured"), "no-provider")
    return connect


def _step(onward: str) -> str:
    """A page of ours between the provider and the rest: no strict cookie goes along a way that began elsewhere."""
    where = escape(onward, quote=True)
    return f'<!doctype html><meta http-equiv="refresh" content="0;url={where}"><a href="{where}">→</a>'
