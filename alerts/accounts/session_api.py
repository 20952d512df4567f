"""The interface for oneself: sign in and out, who am I, one-time links, password, tokens.

Functions are plain, so the framework runs them in threads: hashing a password must not hold up the event loop.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from alerts.accounts import signing_in
from alerts.accounts.access import SESSION_COOKIE, Access, Asking, asking_of
from alerts.accounts.credentials import Made
from alerts.accounts.crossing import MARK_COOKIE, page_mark
from alerts.accounts.directory import Account
from alerts.accounts.gate import note
from alerts.accounts.identity import PLACE, Identity, identity_of
from alerts.accounts.passwords import LONGEST
from alerts.accounts.refusal import NOT_YOURS, Refused

Who = Annotated[Identity, Depends(identity_of)]
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]
Password = Annotated[str, Field(min_length=1, max_length=4 * LONGEST, repr=False)]
Secret = Annotated[str, Field(min_length=1, max_length=200, repr=False)]


class SignIn(BaseModel):
    """Name and password of whoever comes in."""

    name: str = Field(min_length=1, max_length=200)
    password: Password


class Link(BaseModel):
    """The secret of a one-time link."""

    secret: Secret


class UseLink(Link):
    """``name`` and ``shown`` are asked for where the link makes an administrator."""

    password: Password
    name: str = Field(default="", max_length=200)
    shown: str = Field(default="", max_length=80)


class ChangePassword(BaseModel):
    """The password in force, and the one that is to be."""

    old: Password
    new: Password


class NewToken(BaseModel):
    """A personal token: its label, the acts it is good for, and for how many days."""

    label: str = Field(min_length=1, max_length=80)
    scopes: list[str] = Field(min_length=1, max_length=40)
    days: int = 90


def session_routes(access: Access) -> APIRouter:
    """Routes that concern whoever calls them."""
    routes = APIRouter(prefix="/api")
    routes.include_router(_own_routes(access))

    @routes.get("/session")
    def who_am_i(request: Request) -> dict[str, Any]:
        return _about(access, request.scope.get(PLACE), asking_of(request.scope))

    @routes.post("/session")
    def sign_in(request: Request, said: SignIn) -> Response:
        asking = asking_of(request.scope)
        try:
            account, made = signing_in.sign_in(access, said.name, said.password, asking.address)
        except Refused as refusal:
            known = access.directory.by_name(said.name)
            # What was typed as a name may be a password: only names that are accounts go into the record.
            note(
                request.scope,
                act="sign-in",
                who=known.name if known is not None else "",
                account=known.id if known is not None else None,
                means="password",
                reason=refusal.reason,
                denied=True,
            )
            raise
        note(request.scope, act="sign-in", who=account.name, account=account.id, means="password")
        return signed_in(account, made, asking.secure)

    @routes.delete("/session", status_code=204)
    def sign_out(request: Request, identity: Who) -> Response:
        note(request.scope, act="sign-out")
        if identity.means == "session" and identity.credential is not None:
            access.credentials.revoke(identity.credential)
        response = Response(status_code=204)
        for cookie in (SESSION_COOKIE, MARK_COOKIE):
            response.delete_cookie(cookie, samesite="strict", secure=asking_of(request.scope).secure)
        return response

    return routes


def _own_routes(access: Access) -> APIRouter:
    """The caller's own links, password and tokens."""
    routes = APIRouter()

    @routes.post("/link/about")
    def about_link(said: Link) -> dict[str, Any]:
        owner = signing_in.about_link(access, said.secret)
        return {"first": owner is None, "name": owner.name if owner else "", "shown": owner.shown if owner else ""}

    @routes.post("/link")
    def use_link(request: Request, said: UseLink) -> Response:
        asking = asking_of(request.scope)
        note(request.scope, act="use-link", means="link")
        account, made = signing_in.use_link(access, said.secret, said.name, said.shown, said.password, asking.address)
        note(request.scope, who=account.name, account=account.id)
        return signed_in(account, made, asking.secure)

    @routes.put("/account/password", status_code=204)
    def change_password(request: Request, identity: Who, said: ChangePassword) -> Response:
        note(request.scope, act="change-password")
        signing_in.change_password(access, identity, said.old, said.new)
        return Response(status_code=204)

    @routes.get("/account/credentials")
    def credentials(identity: Who) -> dict[str, Any]:
        items = access.credentials.listed(identity.account or 0)
        return {"items": [each | {"this": each["id"] == identity.credential} for each in items]}

    @routes.post("/account/tokens", status_code=201)
    def new_token(request: Request, identity: Who, said: NewToken) -> dict[str, Any]:
        note(request.scope, act="make-token")
        account = access.directory.by_id(identity.account or 0)
        if account is None:
            signing_in.no_such_account()
        made = signing_in.new_token(access, account, identity.acts(), said.label, said.scopes, said.days)
        return {"id": made.id, "token": made.secret, "expires": made.expires}

    @routes.delete("/account/credentials/{credential}", status_code=204)
    def revoke(request: Request, identity: Who, credential: Number) -> Response:
        note(request.scope, act="revoke")
        if not access.credentials.revoke(credential, identity.account or 0):
            raise Refused(404, NOT_YOURS, "no-credential")
        return Response(status_code=204)

    return routes


def signed_in(account: Account, made: Made, secure: bool) -> Response:
    """The answer that carries a session's cookies: one no script reads, and the mark its pages send back."""
    response = JSONResponse({"account": account.view(), "expires": made.expires})
    set_cookies(response, made, secure)
    return response


def set_cookies(response: Response, made: Made, secure: bool) -> None:
    """Session cookies: gone with the browser, sent to nobody but us, from no page but ours."""
    response.set_cookie(SESSION_COOKIE, made.secret, httponly=True, samesite="strict", secure=secure)
    response.set_cookie(MARK_COOKIE, page_mark(made.secret), httponly=False, samesite="strict", secure=secure)
    response.headers["cache-control"] = "no-store"


def _about(access: Access, identity: Identity | None, asking: Asking) -> dict[str, Any]:
    """Who is asking and what they may do, for pages to show what is possible."""
    acts = identity.acts() if identity is not None else frozenset({"open"})
    within = identity.jurisdiction if identity is not None else None
    return {
        "signed_in": identity is not None and identity.signed_in,
        "open_desk": identity is not None and not identity.signed_in,
        "accounts": access.directory.any(),
        "provider": access.terms.provider is not None,
        "name": identity.name if identity is not None else "",
        "shown": identity.shown if identity is not None else "",
        "roles": sorted(identity.roles) if identity is not None else [],
        "acts": sorted(acts - {"open"}),
        "domains": None if within is None or within.domains is None else sorted(within.domains),
        "districts": None if within is None or within.districts is None else sorted(within.districts),
        "at_this_machine": asking.at_this_machine,
    }
