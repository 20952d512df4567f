"""Declarations over HTTP; ``docs/declarations.md`` shows the calls."""

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from fastapi import APIRouter, Body, HTTPException, Path, Query, Request
from pydantic import Field

from alerts.accounts.identity import jurisdiction_of
from alerts.acting import By, acting, city_now
from alerts.city import City
from alerts.declarations.declaration_list import Cut, declaration_page
from alerts.declarations.desk import Declarations
from alerts.declarations.views import DeclarationViews
from alerts.refusals import in_language
from alerts.responder.rules import rules_day
from alerts.rules_said import day_put_under
from alerts.views import text_view
from records.declaration_fault import fault
from records.declaration_form import Form
from records.edifact import LONGEST, EdifactError
from records.iftdgn import read_iftdgn
from topics.errors import ConfigurationError
from topics.finding import Text
from topics.goods import GoodsEntry
from topics.pack_goods import goods_of
from topics.sources import source_text

Number = Annotated[str, Path(min_length=1, max_length=64)]
Result = TypeVar("Result")

#: The city's zone: messages give times without one.
ZONE = ZoneInfo("Asia/Shanghai")

#: A form as JSON: the fields of records/declaration_form.py.
FormBody = Annotated[dict[str, Any], Field(description="the declaration's fields, see docs/declarations.md")]


class EnterBody(By):
    """A form as a firm fills it in."""

    form: FormBody


class MessageBody(By):
    """An interchange of IFTDGN messages, all for one ``site``; ``contact`` answers where a message names nobody."""

    message: str = Field(min_length=1, max_length=LONGEST)
    site: str = Field(min_length=1, max_length=120)
    contact: str = Field("", max_length=120)


class AmendBody(EnterBody):
    """The form as it is to read from now on, and why."""

    why: str = Field(min_length=1, max_length=1000)


class SignBody(By):
    """The authority for which whoever asks answers."""

    authority: str = Field(min_length=1, max_length=80)


class RefuseBody(SignBody):
    """An authority's refusal and its reason."""

    why: str = Field(min_length=1, max_length=1000)


class CancelBody(By):
    """Why a declaration is taken back."""

    why: str = Field(min_length=1, max_length=1000)


def declaration_routes(declarations: Declarations) -> APIRouter:
    """Everything under ``/api/declarations``."""
    routes = APIRouter(prefix="/api/declarations", tags=["declarations"])
    views = DeclarationViews(declarations)
    _reading(routes, views)
    _acting(routes, views)
    return routes


def _reading(routes: APIRouter, views: DeclarationViews) -> None:
    @routes.get(
        "", summary="Declarations, the overdue first, then the youngest, with how many; on with `cursor` = `next`"
    )
    def listed(
        request: Request,
        state: Annotated[str, Query(max_length=20)] = "",
        overdue: bool = False,
        awaiting: Annotated[str, Query(max_length=80, description="an authority")] = "",
        site: Annotated[str, Query(max_length=120)] = "",
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        cursor: Annotated[str | None, Query(max_length=300)] = None,
    ) -> dict[str, Any]:
        cut = Cut(state, awaiting, site, overdue, jurisdiction_of(request))
        try:
            return declaration_page(views, cut, limit, cursor)
        except ValueError as error:
            raise HTTPException(422, str(error)) from error

    @routes.get("/figures", summary="How many stand where, are overdue, came unaccepted")
    def figures(request: Request) -> dict[str, Any]:
        return views.figures(jurisdiction_of(request))

    @routes.get("/terms", summary="Where something can be declared, who answers, and the goods list of each site")
    def terms(request: Request) -> dict[str, Any]:
        sites = views.sites(jurisdiction_of(request))
        return {"sites": sites, "authorities": views.authorities(), "now": views.city.time}

    @routes.get("/goods/{un}", summary="What the goods list knows of a UN number at a site")
    def goods(
        request: Request,
        un: Annotated[str, Path(pattern="^[0-9]{4}$")],
        site: Annotated[str, Query(min_length=1, max_length=120)],
    ) -> dict[str, Any]:
        _mine(views, request, site)
        known = views.city.registry.site(site)
        domain = views.city.domains.get(known.domain) if known is not None else None
        try:
            entry = goods_of(domain.facts if domain is not None else {}, _today(views.city)).get(un)
        except ConfigurationError as error:
            raise HTTPException(409, str(error)) from error
        return {"un": un, "entry": _known(entry) if entry is not None else None}

    @routes.get("/{number}", summary="One declaration with its versions, each authority's part and its box")
    def one(request: Request, number: Number) -> dict[str, Any]:
        return _view(views, request, number)


def _today(city: City) -> dt.date | None:
    """The day whose goods list is looked up in; ``None`` = the newest, where the city has no time yet."""
    fixed = day_put_under(city.domains.values())
    return fixed or (rules_day("", None, city.time, ZONE) if city.time else None)


def _known(entry: GoodsEntry) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(entry)
    return found | {"source_text": text_view(source_text(entry.source))}


def _acting(routes: APIRouter, views: DeclarationViews) -> None:
    desk = views.declarations

    @routes.post("", summary="Declare: checked at once, and refused with the rule where the rules forbid it")
    def enter(request: Request, body: Annotated[EnterBody, Body()]) -> dict[str, Any]:
        form = _form(views, request, body.form)
        city_now(desk.city)
        number, new = _possible(lambda: desk.enter(form, acting(request, body.who)))
        return views.view(number) | {"new": new}

    @routes.post("/iftdgn", summary="Declare all boxes of an IFTDGN message: all of them or, where it is wrong, none")
    def imported(request: Request, body: MessageBody) -> dict[str, Any]:
        _mine(views, request, body.site)
        city_now(desk.city)
        who = acting(request, body.who)
        try:
            found = read_iftdgn(body.message, body.site, ZONE, body.contact)
        except EdifactError as error:
            raise HTTPException(422, _said(request, error.text)) from error
        forms = [form for each in found for form in each.forms]
        entered = _possible(lambda: [desk.enter(form, who, "iftdgn") for form in forms])
        rows = [views.summary(number, desk.declaration(number)) | {"new": new} for number, new in entered]
        return {"items": rows, "passed_over": [each.passed_over for each in found]}

    @routes.post("/{number}/amend", summary="Say it otherwise: a new version, answered anew")
    def amend(request: Request, number: Number, body: AmendBody) -> dict[str, Any]:
        _view(views, request, number)
        form = _form(views, request, body.form)
        return _act(views, request, number, lambda: desk.amend(number, form, acting(request, body.who), body.why))

    @routes.post("/{number}/sign", summary="An authority accepts its part and signs for it")
    def sign(request: Request, number: Number, body: SignBody) -> dict[str, Any]:
        return _act(views, request, number, lambda: desk.sign(number, body.authority, acting(request, body.who)))

    @routes.post("/{number}/refuse", summary="An authority refuses it, with the reason")
    def refuse(request: Request, number: Number, body: RefuseBody) -> dict[str, Any]:
        return _act(
            views, request, number, lambda: desk.refuse(number, body.authority, acting(request, body.who), body.why)
        )

    @routes.post("/{number}/cancel", summary="The firm takes it back")
    def cancel(request: Request, number: Number, body: CancelBody) -> dict[str, Any]:
        return _act(views, request, number, lambda: desk.cancel(number, acting(request, body.who), body.why))


def _act(views: DeclarationViews, request: Request, number: str, work: Callable[[], object]) -> dict[str, Any]:
    _view(views, request, number)
    city_now(views.city)
    _possible(work)
    return views.view(number)


def _possible(work: Callable[[], Result]) -> Result:
    try:
        return work()
    except ConfigurationError as error:
        raise HTTPException(409, str(error)) from error


def _said(request: Request, text: Text) -> str:
    return in_language(request.cookies.get("lang"), text)


def _form(views: DeclarationViews, request: Request, body: dict[str, Any]) -> Form:
    try:
        form = msgspec.convert(body, Form)
    except msgspec.ValidationError as error:
        raise HTTPException(422, _said(request, fault(error, body))) from error
    _mine(views, request, form.site)
    return form


def _view(views: DeclarationViews, request: Request, number: str) -> dict[str, Any]:
    try:
        view = views.view(number)
    except LookupError as error:
        raise HTTPException(404, f"no declaration {number!r}") from error
    _mine(views, request, view["site"], f"no declaration {number!r}")
    return view


def _mine(views: DeclarationViews, request: Request, site: str, missing: str = "") -> None:
    known = views.city.registry.site(site)
    if known is None or not jurisdiction_of(request).covers(known.domain, known.district):
        raise HTTPException(404, missing or f"no site {site!r}")
