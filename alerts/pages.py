"""The pages of the alert server: the wall (/), the console (/console), one alarm's story (/alarms/{id}), and those
of accounts: sign in (/sign-in), one-time link (/link), the own account (/account), all accounts (/accounts);
formal judgements (/judgements), the logs of stations (/station-log), supervision tickets (/tickets), the
statistics of a month (/month);
declarations of dangerous goods (/declarations); carriers (/cargo), one trip (/cargo-trip) and one container's way
(/cargo-container); recalls (/recalls), one lot's whole way (/lot) and, for everybody,
what is public of it (/lookup). The responder's card (/responder-card) is made by alerts/responder/sheet.py,
what is in a yard (/yard) by alerts/responder/yard_page.py.

The server only sends the frame, the words and the look of the levels; everything shown comes from the
public API of the same server, fetched and followed by the page's own scripts. No script, style or font
comes from elsewhere, and the content security policy makes the browser hold to that.
"""

import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from alerts.accounts.identity import PLACE, Identity
from alerts.city import City
from alerts.console.language import LANGUAGES, Catalogue, choose_language, read_catalogue
from alerts.console.levels import load_schemes, looks, style_sheet
from alerts.rules_said import RulesSaid
from topics.sources import source_text

FOLDER = Path(__file__).parent / "console"
CITY_ZONE = "Asia/Shanghai"
COOKIE = "lang"
_YEAR_S = 365 * 24 * 3600

#: Nothing inline, nothing from elsewhere; the wall may be framed by pages of the same origin only.
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-cache",
}

#: Pages with a look of their own; all others are records with forms.
OWN_LOOK = ("wall", "console", "story")
#: Pages that borrow what another has of its own.
BORROWED = {"declarations": ("accidents",), "cargo_trip": ("cargo",), "cargo_container": ("cargo",)}


class Pages:
    """Renders the frames; built once, holds no state of the city. ``rules`` says by whose rules a page judges."""

    def __init__(self, zone: str, rules: RulesSaid) -> None:
        self._zone = zone
        self._rules = rules
        schemes = load_schemes()
        self._levels = looks(schemes)
        self.style_sheet = style_sheet(schemes)
        self._catalogues = {language: read_catalogue(language) for language in LANGUAGES}
        self._districts: dict[str, Any] = tomllib.loads((FOLDER / "districts.toml").read_text(encoding="utf-8"))
        self._templates = Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals["source_text"] = source_text

    def answer(self, request: Request, template: str, **more: object) -> Response:
        """The frame in the language the address or the cookie asks for. It is remembered, also where nobody has
        asked for one: the interface says its refusals in the language of the page.
        """
        asked, remembered = request.query_params.get("lang"), request.cookies.get(COOKIE)
        catalogue = self._catalogues[choose_language(asked, remembered)]
        response = HTMLResponse(self._render(request, template, catalogue, more), headers=SECURITY_HEADERS)
        if catalogue.language != remembered:
            response.set_cookie(COOKIE, catalogue.language, max_age=_YEAR_S, httponly=True, samesite="lax")
        return response

    def _render(self, request: Request, template: str, catalogue: Catalogue, more: dict[str, object]) -> str:
        page = template.removesuffix(".html")
        frame = {
            "lang": catalogue.language,
            "zone": self._zone,
            "words": catalogue.messages,
            "levels": self._levels,
            "districts": self._districts["districts"],
            "me": _me(request),
        }
        return self._templates.get_template(template).render(
            _=catalogue.text,
            lang=catalogue.language,
            page=page,
            styles=_styles(page),
            switch={each: str(request.url.include_query_params(lang=each).query) for each in LANGUAGES},
            frame=frame,
            rules=self._rules.of(page),
            rules_fixed=self._rules.fixed(),
            **more,
        )


def _styles(page: str) -> list[str]:
    """The style sheets of a page beside those of all, the last its own where it has one. They are linked one by one:
    what looks at pages from outside, like axe-core, does not follow imports.
    """
    names = (page,) if page in OWN_LOOK else ("record", "forms", *BORROWED.get(page, ()), page)
    return [name for name in names if (FOLDER / "static" / "css" / f"{name}.css").exists()]


def _me(request: Request) -> dict[str, Any]:
    """Who looks, for the page's scripts to show what is possible; the server checks each act all the same."""
    found = request.scope.get(PLACE)
    if not isinstance(found, Identity) or not found.signed_in:
        return {"signed_in": False, "shown": "", "acts": None}
    return {"signed_in": True, "shown": found.shown or found.name, "acts": sorted(found.acts())}


class _Static(StaticFiles):
    """The static files with the same headers as the pages."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers.update(SECURITY_HEADERS)
        return response


#: Pages that are their template and nothing else: the path is the template's name, with hyphens.
PLAIN = (
    "judgements",
    "station-log",
    "tickets",
    "declarations",
    "recalls",
    "lot",
    "lookup",
    "cargo",
    "cargo-trip",
    "cargo-container",
    "recall-receipt",
    "coding",
    "kitchens",
    "month",
    "safety-work",
    "commitments",
    "special-work",
    "firms",
    "inspections",
    "dangers",
    "accidents",
    "safety-figures",
    "firm-risk",
    "link",
    "account",
    "accounts",
)


def mount_pages(
    app: FastAPI, zone: str = CITY_ZONE, *, provider: bool = False, rules: RulesSaid | None = None
) -> Pages:
    """Add the pages and their static files to the alert server; times are shown in ``zone``.

    ``provider``: people may sign in through a provider of identities too. Without ``rules`` no pack is known.
    """
    pages = Pages(zone, rules or RulesSaid(City(), lambda: time.time_ns() // 1_000_000))

    @app.get("/", include_in_schema=False)
    def wall(request: Request) -> Response:
        return pages.answer(request, "wall.html")

    @app.get("/console", include_in_schema=False)
    def console(request: Request) -> Response:
        return pages.answer(request, "console.html")

    @app.get("/alarms/{alarm}", include_in_schema=False)
    def story(request: Request, alarm: str) -> Response:
        return pages.answer(request, "story.html", alarm=alarm)

    @app.get("/sign-in", include_in_schema=False)
    def sign_in(request: Request) -> Response:
        return pages.answer(request, "sign_in.html", provider=provider)

    for name in PLAIN:
        app.get(f"/{name}", include_in_schema=False)(_plain(pages, f"{name.replace('-', '_')}.html"))

    @app.get("/static/levels.css", include_in_schema=False)
    def levels() -> Response:
        return Response(pages.style_sheet, media_type="text/css", headers=SECURITY_HEADERS)

    app.mount("/static", _Static(directory=FOLDER / "static"), name="static")
    return pages


def _plain(pages: Pages, template: str) -> Callable[[Request], Response]:
    def page(request: Request) -> Response:
        return pages.answer(request, template)

    return page
