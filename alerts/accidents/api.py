"""Accidents over HTTP."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter, HTTPException, Path, Query, Request, Response

from alerts import schema
from alerts.accidents.bodies import ExtendBody, LinkBody, OpenBody, PassUpBody, ReportBody, WithdrawBody
from alerts.accidents.desk import Accidents
from alerts.accidents.export import case_file
from alerts.accidents.form import report_form
from alerts.accidents.views import summary, terms_view, view
from alerts.accounts.identity import jurisdiction_of
from alerts.acting import acting, city_now
from records.accident_events import Event, Extended, Linked, Opened, PassedUp, Reported, Withdrawn
from records.accident_terms import Figures
from records.accidents import State

AccidentId = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z-]+$")]
Language = Annotated[Literal["zh", "en"], Query(alias="lang")]

#: The domain of an accident at a place that is not registered, where nobody says another.
DOMAIN = "safety"


def accident_routes(accidents: Accidents, wall_ms: Callable[[], int]) -> APIRouter:
    """Everything under ``/api/accidents``."""
    routes = APIRouter(prefix="/api/accidents", tags=["accidents"])
    _reading(routes, accidents, wall_ms)
    _opening(routes, accidents)
    _acting(routes, accidents)
    return routes


def _reading(routes: APIRouter, accidents: Accidents, wall_ms: Callable[[], int]) -> None:
    @routes.get("", summary="Accidents, the youngest first")
    def listed(
        request: Request,
        state: State | None = None,
        grade: Annotated[str, Query(max_length=40)] = "",
        overdue: bool = False,
        site: Annotated[str, Query(max_length=80)] = "",
        alarm: Annotated[str, Query(max_length=64)] = "",
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> dict[str, Any]:
        names = accidents.listed(
            jurisdiction_of(request), state=state or "", grade=grade, overdue=overdue, site=site, alarm=alarm,
            limit=limit,
        )  # fmt: skip
        return {"items": [summary(accidents, name) for name in names]}

    @routes.get("/terms", summary="Grades, kinds and clocks of a domain, each with its source")
    def terms(domain: Annotated[str, Query(max_length=80)] = DOMAIN) -> dict[str, Any]:
        return terms_view(accidents.terms(domain))

    @routes.get("/{accident}", summary="One case with every version of its figures")
    def one(request: Request, accident: AccidentId) -> dict[str, Any]:
        return _view(accidents, request, accident)

    @routes.get("/{accident}/reports/{number}", summary="A report as a paper (HTML)", response_class=Response)
    def paper(
        request: Request, accident: AccidentId, number: Annotated[int, Path(ge=1, le=10_000)], language: Language = "zh"
    ) -> Response:
        case = _view(accidents, request, accident)
        try:
            body = report_form(case, number, language, simulated=accidents.city.simulated)
        except LookupError as error:
            raise HTTPException(404, str(error)) from error
        # A paper is saved and printed, never a page of ours: what a reporter wrote gets no say over the session.
        headers = {
            "Content-Disposition": f'attachment; filename="accident-{accident}-{number}.html"',
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(body, media_type="text/html; charset=utf-8", headers=headers)

    @routes.get("/{accident}/file", summary="The whole case as one sealed file", response_class=Response)
    def file(request: Request, accident: AccidentId) -> Response:
        _view(accidents, request, accident)
        body, manifest = case_file(accidents, accident, wall_ms())
        headers = {
            "X-Evidence-Head": manifest.head,
            "Content-Disposition": f'attachment; filename="accident-{accident}.zip"',
        }
        return Response(body, media_type="application/zip", headers=headers)


def _opening(routes: APIRouter, accidents: Accidents) -> None:
    @routes.post("", summary="Make an accident known; the clocks run from when it became known")
    def opening(request: Request, body: OpenBody) -> dict[str, Any]:
        now = city_now(accidents.city)
        opened = _opened(accidents, request, body, now)
        _require_alarms(accidents, request, opened.alarms)
        try:
            name = accidents.open(opened)
        except LookupError as error:
            raise HTTPException(422, str(error)) from error
        return view(accidents, name)

    @routes.post("/{accident}/link", summary="Link alarms to it")
    def link(request: Request, accident: AccidentId, body: LinkBody) -> dict[str, Any]:
        _require_alarms(accidents, request, body.alarms)
        said = Linked(city_now(accidents.city), acting(request, body.who), tuple(body.alarms))
        return _act(accidents, request, accident, said)


def _acting(routes: APIRouter, accidents: Accidents) -> None:
    @routes.post("/{accident}/report", summary="Sign a report: initial, follow-up or final")
    def report(request: Request, accident: AccidentId, body: ReportBody) -> dict[str, Any]:
        now = city_now(accidents.city)
        figures = Figures(body.deaths, body.missing, body.serious, body.minor, body.loss_cny)
        said = Reported(
            now, acting(request, body.who), body.stage, body.as_of or now, figures, body.text, body.cause,
            body.measures, body.prepared, body.rescue_over,
        )  # fmt: skip
        return _act(accidents, request, accident, said)

    @routes.post("/{accident}/pass-up", summary="Note that it was passed on to the next authority")
    def pass_up(request: Request, accident: AccidentId, body: PassUpBody) -> dict[str, Any]:
        said = PassedUp(city_now(accidents.city), acting(request, body.who), body.to, body.text)
        return _act(accidents, request, accident, said)

    @routes.post("/{accident}/extend", summary="More time for the final report was approved")
    def extend(request: Request, accident: AccidentId, body: ExtendBody) -> dict[str, Any]:
        said = Extended(city_now(accidents.city), acting(request, body.who), body.days, body.text)
        return _act(accidents, request, accident, said)

    @routes.post("/{accident}/withdraw", summary="It was no accident of production")
    def withdraw(request: Request, accident: AccidentId, body: WithdrawBody) -> dict[str, Any]:
        return _act(
            accidents, request, accident, Withdrawn(city_now(accidents.city), acting(request, body.who), body.text)
        )


def _opened(accidents: Accidents, request: Request, body: OpenBody, now: int) -> Opened:
    """Who and where by the registry where the site is in it, else as it was said."""
    within, site = jurisdiction_of(request), accidents.city.registry.site(body.site)
    if body.site and (site is None or not within.covers(site.domain, site.district)):
        raise HTTPException(404, f"no site {body.site!r}")
    domain = site.domain if site is not None else body.domain or DOMAIN
    district = site.district if site is not None else body.district
    firm = body.firm or (site.firm if site is not None else "")
    for name, value in (("district", district), ("firm", firm)):
        if not value:
            raise HTTPException(422, f"{name}: expected one where no registered site is named, got none")
    if not within.covers(domain, district):
        raise HTTPException(404, f"district: expected one of your own, got {district!r}")
    known = body.known or now
    return Opened(
        now, acting(request, body.who), known, body.occurred or known, domain, body.kind, body.title, firm, district,
        body.place, body.site,
        body.lat if site is None else site.lat, body.lon if site is None else site.lon,
        body.text, tuple(body.alarms),
    )  # fmt: skip


def _act(accidents: Accidents, request: Request, name: str, event: Event) -> dict[str, Any]:
    _view(accidents, request, name)
    accidents.act(name, event)
    return view(accidents, name)


def _view(accidents: Accidents, request: Request, name: str) -> dict[str, Any]:
    try:
        found = view(accidents, name)
    except LookupError as error:
        raise HTTPException(404, f"no accident {name!r}") from error
    if not jurisdiction_of(request).covers(found["domain"], found["district"]):
        raise HTTPException(404, f"no accident {name!r}")
    return found


def _require_alarms(accidents: Accidents, request: Request, alarms: tuple[str, ...] | list[str]) -> None:
    """Nobody links, and so learns of, an alarm that is not theirs to see."""
    within, table = jurisdiction_of(request), schema.alarm.c
    asked = sa.select(table.id, table.domain, table.site).where(table.id.in_(alarms))
    with accidents.store.read() as connection:
        rows = connection.execute(asked).all()
    mine = {row.id for row in rows if within.covers(row.domain, accidents.city.district(row.site))}
    if unknown := [each for each in alarms if each not in mine]:
        raise HTTPException(404, f"no alarm {unknown[0]!r}")
