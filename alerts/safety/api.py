"""Safety production work over HTTP: what is entered. What is read: reading_api.py.

A firm's own people enter its commitments, permits and dangers found by themselves; inspectors results of visits and
dangers; duty officers decide on exemptions, posts, grades and plans.
"""

import asyncio
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, HTTPException, Path, Request
from pydantic import Field

from alerts.accounts.identity import jurisdiction_of
from alerts.acting import By, acting, city_now
from alerts.safety.desk import SafetyDesk, shown
from alerts.safety.reading_api import reading_routes
from records.registry import Site
from records.safety.forms import Exemption, Guarantor, Level, Source, Visit
from topics.reading import EARLIEST_MS, LATEST_MS
from topics.safety_events import Commitment, WorkPermit

Moment = Annotated[int, Field(ge=EARLIEST_MS, le=LATEST_MS, description="ms UTC")]
SiteId = Annotated[str, Field(min_length=1, max_length=80)]
Words = Annotated[str, Field(min_length=1, max_length=2000)]
Name = Annotated[str, Path(min_length=1, max_length=64)]


class ExemptionBody(By):
    """A site owes no commitment from ``start`` until ``end`` (ms UTC, ``null`` = until further notice)."""

    site: SiteId
    start: Moment
    end: Moment | None = None
    reason: Words


class GuarantorBody(By):
    """``until`` is given when the person has left the post."""

    hazard: str = Field(min_length=1, max_length=80)
    role: str = Field(min_length=1, max_length=80)
    person: str = Field(min_length=1, max_length=80, pattern=r"^[^/\x00]+$")
    since: Moment
    until: Moment | None = None
    phone: str = Field("", max_length=40)
    email: str = Field("", max_length=200)


class GradeBody(By):
    """A firm's static grade: points of 100, and the conditions that make it red at once."""

    site: SiteId
    score: float = Field(ge=0, le=100)
    direct_red: list[str] = Field(default_factory=list, max_length=20)
    graded: Moment | None = None
    text: str = Field("", max_length=2000)


class PlanBody(By):
    """Firms to draw of each stratum: a colour of the static grade or ``ungraded``."""

    title: str = Field(min_length=1, max_length=200)
    sizes: dict[str, Annotated[int, Field(ge=0, le=10_000)]] = Field(min_length=1, max_length=20)
    seed: int = Field(ge=0, le=2**53)
    due: Moment


class ResultBody(By):
    """What came of a visit; ``answers`` are the checklist's, by item."""

    outcome: str = Field(pattern="^(clean|dangers|not-found|stopped)$")
    inspectors: list[Annotated[str, Field(min_length=1, max_length=80)]] = Field(min_length=1, max_length=20)
    text: str = Field("", max_length=4000)
    answers: dict[str, bool] = Field(default_factory=dict, max_length=100)
    done: Moment | None = None


class CancelBody(By):
    """Why it does not take place."""

    reason: Words


class DangerBody(By):
    """A hidden danger, who is to put it right, and by when (ms UTC; ``null`` = by the pack's terms)."""

    site: SiteId
    level: Level
    place: str = Field(min_length=1, max_length=200)
    text: Words
    responsible: str = Field(min_length=1, max_length=80)
    source: Source = "visit"
    due: Moment | None = None
    found: Moment | None = None
    visit: str = Field("", max_length=64)


def safety_routes(desk: SafetyDesk) -> APIRouter:
    """Everything under ``/api/safety``."""
    routes = APIRouter(prefix="/api/safety", tags=["safety work"])
    reading_routes(routes, desk)
    _firms(routes, desk)
    _offices(routes, desk)
    _inspections(routes, desk)
    return routes


def _firms(routes: APIRouter, desk: SafetyDesk) -> None:
    @routes.post("/commitments", summary="A firm gives, or amends, its commitment of the day")
    async def commitment(request: Request) -> dict[str, Any]:
        said: Commitment = await _message(request, Commitment)
        return await asyncio.to_thread(_entered, desk, request, msgspec.structs.replace(said, time=city_now(desk.city)))

    @routes.post("/permits", summary="A firm enters, or amends, a permit of special work")
    async def permit(request: Request) -> dict[str, Any]:
        said: WorkPermit = await _message(request, WorkPermit)
        return await asyncio.to_thread(_entered, desk, request, msgspec.structs.replace(said, time=city_now(desk.city)))


def _offices(routes: APIRouter, desk: SafetyDesk) -> None:
    @routes.post("/exemptions", summary="Free a firm that stands still of its commitments")
    def exemption(request: Request, body: ExemptionBody) -> dict[str, Any]:
        site, who, now = _site(desk, request, body.site), acting(request, body.who), city_now(desk.city)
        if body.end is not None and body.end <= body.start:
            raise HTTPException(422, f"end: expected a moment after start {body.start}, got {body.end}")
        made = Exemption(f"{site.id}-{body.start}", site.id, body.start, body.end, who, body.reason, now)
        desk.book.enter(made)
        return shown(made)

    @routes.post("/guarantors", summary="Name the holder of a post, or say that they have left it")
    def guarantor(request: Request, body: GuarantorBody) -> dict[str, Any]:
        within, now = jurisdiction_of(request), city_now(desk.city)
        domain, place = next(
            ((name, here[body.hazard]) for name in desk.pictures.domains()
             if body.hazard in (here := desk.pictures.hazards(name))), ("", ""),
        )  # fmt: skip
        if not place or not within.covers(domain, desk.city.district(place)):
            raise HTTPException(404, f"no major hazard {body.hazard!r}")
        terms = desk.pictures.terms(domain)
        roles = list(terms.guarantor.roles) if terms is not None and terms.guarantor is not None else []
        if body.role not in roles:
            raise HTTPException(422, f"role: expected one of {roles}, got {body.role!r}")
        if body.until is not None and body.until <= body.since:
            raise HTTPException(422, f"until: expected a moment after since {body.since}, got {body.until}")
        made = Guarantor(
            body.hazard, place, body.role, body.person, body.since, body.until, now, acting(request, body.who),
            body.phone, body.email,
        )  # fmt: skip
        desk.book.enter(made)
        return shown(made) | {"id": made.id}

    @routes.post("/grades", summary="Give a firm its static grade: points and conditions of direct red")
    def grade(request: Request, body: GradeBody) -> dict[str, Any]:
        site, who, now = _site(desk, request, body.site), acting(request, body.who), city_now(desk.city)
        try:
            made = desk.grade(site.id, body.score, body.direct_red, min(body.graded or now, now), who, body.text)
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        except LookupError as error:
            raise HTTPException(409, str(error)) from error
        return shown(made)

    @routes.post("/plans", summary="Draw a sampling plan and make its visits")
    def plan(request: Request, body: PlanBody) -> dict[str, Any]:
        now = city_now(desk.city)
        if body.due <= now:
            raise HTTPException(422, f"due: expected a moment after {now}, got {body.due}")
        made, visits = desk.plan(
            body.title, body.sizes, body.seed, body.due, acting(request, body.who), jurisdiction_of(request)
        )
        return {"id": made.id, "seed": made.seed, "visits": [shown(each) for each in visits]}


def _inspections(routes: APIRouter, desk: SafetyDesk) -> None:
    @routes.post("/visits/{visit}/result", summary="The result form of a visit")
    def result(request: Request, visit: Name, body: ResultBody) -> dict[str, Any]:
        held, now = _visit(desk, request, visit), city_now(desk.city)
        if held.over:
            raise HTTPException(409, f"visit {visit!r} is over")
        made = msgspec.structs.replace(
            held, done=min(body.done or now, now), outcome=body.outcome, inspectors=tuple(body.inspectors),
            text=body.text, answers=body.answers, by=acting(request, body.who), time=now,
        )  # fmt: skip
        desk.book.enter(made)
        return shown(made)

    @routes.post("/visits/{visit}/cancel", summary="Call a visit off, with a reason; the firm may be drawn again")
    def cancel(request: Request, visit: Name, body: CancelBody) -> dict[str, Any]:
        held = _visit(desk, request, visit)
        if held.over:
            raise HTTPException(409, f"visit {visit!r} is over")
        made = msgspec.structs.replace(
            held, cancelled=body.reason, by=acting(request, body.who), time=city_now(desk.city)
        )
        desk.book.enter(made)
        return shown(made)

    @routes.post("/dangers", summary="Put a hidden danger to the firm; its ticket is answered under /api/tickets")
    def danger(request: Request, body: DangerBody) -> dict[str, Any]:
        site, who, now = _site(desk, request, body.site), acting(request, body.who), city_now(desk.city)
        if body.due is not None and body.due <= now:
            raise HTTPException(422, f"due: expected a moment after {now}, got {body.due}")
        if body.visit and _visit(desk, request, body.visit).site != site.id:
            raise HTTPException(422, f"visit: expected one to {site.id!r}, got {body.visit!r}")
        try:
            made = desk.danger(
                site.id, body.level, body.place, body.text, body.responsible, who, body.source,
                due=body.due, found=body.found, visit=body.visit,
            )  # fmt: skip
        except LookupError as error:
            raise HTTPException(409, str(error)) from error
        return shown(made) | {"ticket": desk.tickets.view(made.id)}


async def _message(request: Request, kind: type[Any]) -> Any:
    """A firm's message as it travels on the topic too; ``time`` is when the city takes it."""
    body = await request.body()
    try:
        given = msgspec.json.decode(body, type=dict[str, Any])
        return msgspec.convert({"id": "form", "time": EARLIEST_MS} | given | {"event": _tag(kind)}, kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise HTTPException(422, str(error)) from error


def _tag(kind: type[Any]) -> Any:
    return kind.__struct_config__.tag


def _entered(desk: SafetyDesk, request: Request, said: Commitment | WorkPermit) -> dict[str, Any]:
    _site(desk, request, said.site)
    new = desk.book.enter(msgspec.structs.replace(said, id=_form_id(said) if said.id == "form" else said.id))
    return shown(said) | {"new": bool(new)}


def _form_id(said: Commitment | WorkPermit) -> str:
    about = said.day if isinstance(said, Commitment) else said.permit
    return f"form-{said.site}-{about}-{said.time}"[:120]


def _site(desk: SafetyDesk, request: Request, name: str) -> Site:
    site = desk.site(name, jurisdiction_of(request))
    if site is None:
        raise HTTPException(404, f"no site {name!r}")
    return site


def _visit(desk: SafetyDesk, request: Request, name: str) -> Visit:
    held = desk.book.one(Visit, name)
    if held is None or desk.site(held.site, jurisdiction_of(request)) is None:
        raise HTTPException(404, f"no visit {name!r}")
    return held
