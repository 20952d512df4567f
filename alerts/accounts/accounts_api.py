"""The interface for administrators: accounts, their links, tokens and sessions, and the record of acts."""

from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from alerts.accounts import signing_in
from alerts.accounts.access import Access
from alerts.accounts.acts import ACT_TITLES, NOTED_TITLES, PERMISSIONS, ROLE_TITLES, acts_of
from alerts.accounts.credentials import Made
from alerts.accounts.directory import Account
from alerts.accounts.gate import note
from alerts.accounts.identity import Identity, identity_of
from alerts.accounts.jurisdiction import Jurisdiction
from alerts.accounts.refusal import NOT_YOURS, Refused
from alerts.accounts.session_api import NewToken, Number
from alerts.views import text_view
from topics.finding import Text

Who = Annotated[Identity, Depends(identity_of)]
Names = Annotated[list[str] | None, Field(max_length=500)]


class NewAccount(BaseModel):
    """``domains`` and ``districts``: ``null`` = all of them."""

    name: str = Field(min_length=1, max_length=200)
    shown: str = Field(default="", max_length=80)
    roles: list[str] = Field(max_length=10)
    domains: Names = None
    districts: Names = None


class Change(BaseModel):
    """Only what is sent is changed."""

    shown: str | None = Field(default=None, min_length=1, max_length=80)
    roles: list[str] | None = Field(default=None, max_length=10)
    domains: Names = None
    districts: Names = None
    disabled: bool | None = None


def accounts_routes(access: Access) -> APIRouter:
    """Routes for whoever may manage accounts or read the record."""
    routes = APIRouter(prefix="/api")
    routes.include_router(_record_routes(access))
    routes.include_router(_credential_routes(access))
    directory = access.directory

    @routes.get("/accounts")
    def accounts(identity: Who) -> dict[str, Any]:
        return {"items": [each.view() for each in directory.all() if each.jurisdiction.within(identity.jurisdiction)]}

    @routes.post("/accounts", status_code=201)
    def add(request: Request, identity: Who, said: NewAccount) -> dict[str, Any]:
        note(request.scope, act="add-account", reason=said.name)
        within = Jurisdiction(_set(said.domains), _set(said.districts))
        _require_within(within, identity)

        def work(connection: sa.Connection) -> int:
            return directory.add(connection, said.name, said.shown, said.roles, within, identity.name)

        account = _known(access, access.store.write(work), identity)
        link = signing_in.new_link(access, account.id, identity.name)
        return {"account": account.view(), "link": _link_view(link)}

    @routes.patch("/accounts/{account}")
    def change(request: Request, identity: Who, account: Number, said: Change) -> dict[str, Any]:
        note(request.scope, act="change-account")
        before = _known(access, account, identity)
        given = said.model_dump(exclude_unset=True)
        columns: dict[str, Any] = {name: given[name] for name in ("shown", "roles") if given.get(name) is not None}
        if "domains" in given or "districts" in given:
            within = Jurisdiction(
                _set(given["domains"]) if "domains" in given else before.jurisdiction.domains,
                _set(given["districts"]) if "districts" in given else before.jurisdiction.districts,
            )
            _require_within(within, identity)
            columns["jurisdiction"] = within
        if said.disabled is not None:
            columns["disabled"] = access.wall_ms() if said.disabled else None

        def work(connection: sa.Connection) -> None:
            directory.change(connection, account, **columns)
            if said.disabled:
                access.credentials.revoke_all(connection, account, tokens=True)

        access.store.write(work)
        note(request.scope, reason=f"{before.name}: {', '.join(sorted(given))}")
        return _known(access, account, identity).view()

    return routes


def _record_routes(access: Access) -> APIRouter:
    """What may be done at all, and what was."""
    routes = APIRouter()

    @routes.get("/permissions")
    def permissions() -> dict[str, Any]:
        return {
            "roles": [{"name": role, "title": text_view(title)} for role, title in ROLE_TITLES.items()],
            "acts": [
                {"name": act, "title": text_view(ACT_TITLES[act]), "roles": sorted(may)}
                for act, may in PERMISSIONS.items()
            ],
            "noted": [{"name": name, "title": text_view(title)} for name, title in NOTED_TITLES.items()],
        }

    @routes.get("/audit")
    def audit(
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        before: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
        who: Annotated[str | None, Query(max_length=200)] = None,
        act: Annotated[str | None, Query(max_length=40)] = None,
        outcome: Annotated[str | None, Query(max_length=20)] = None,
    ) -> dict[str, Any]:
        return access.audit.listed(limit, before, who, act, outcome)

    return routes


def _credential_routes(access: Access) -> APIRouter:
    """One-time links and tokens."""
    routes = APIRouter()

    @routes.post("/accounts/links", status_code=201)
    def administrator_link(request: Request, identity: Who) -> dict[str, Any]:
        note(request.scope, act="make-administrator-link")
        _require_within(Jurisdiction(), identity)
        return _link_view(signing_in.new_link(access, None, identity.name))

    @routes.post("/accounts/{account}/link", status_code=201)
    def link(request: Request, identity: Who, account: Number) -> dict[str, Any]:
        owner = _known(access, account, identity)
        note(request.scope, act="make-link", reason=owner.name)
        return _link_view(signing_in.new_link(access, owner.id, identity.name))

    @routes.get("/accounts/{account}/credentials")
    def credentials(identity: Who, account: Number) -> dict[str, Any]:
        return {"items": access.credentials.listed(_known(access, account, identity).id)}

    @routes.post("/accounts/{account}/tokens", status_code=201)
    def new_token(request: Request, identity: Who, account: Number, said: NewToken) -> dict[str, Any]:
        owner = _known(access, account, identity)
        note(request.scope, act="make-token", reason=owner.name)
        made = signing_in.new_token(access, owner, acts_of(owner.roles), said.label, said.scopes, said.days)
        return {"id": made.id, "token": made.secret, "expires": made.expires}

    @routes.delete("/accounts/{account}/credentials/{credential}", status_code=204)
    def revoke(request: Request, identity: Who, account: Number, credential: Number) -> Response:
        owner = _known(access, account, identity)
        note(request.scope, act="revoke", reason=owner.name)
        if not access.credentials.revoke(credential, owner.id):
            raise Refused(404, NOT_YOURS, "no-credential")
        return Response(status_code=204)

    return routes


def _known(access: Access, number: int, identity: Identity) -> Account:
    """The account, if it lies within the administrator's own part of the city."""
    account = access.directory.by_id(number)
    if account is None or not account.jurisdiction.within(identity.jurisdiction):
        signing_in.no_such_account()
    return account


def _require_within(wanted: Jurisdiction, identity: Identity) -> None:
    if not wanted.within(identity.jurisdiction):
        text = Text("不能授予超出本人辖区的范围", "nobody gives a wider jurisdiction than their own")
        raise Refused(403, text, "outside-jurisdiction")


def _link_view(made: Made) -> dict[str, Any]:
    """The secret stands behind the #, so that it reaches no server's log and no other page."""
    return {"secret": made.secret, "path": f"/link#{made.secret}", "expires": made.expires}


def _set(names: list[str] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(name.strip() for name in names if name.strip())
