"""The table of routes against the application itself: nothing is served that the table does not name."""

import re
from typing import get_args

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount, compile_path

from alerts.accounts.acts import OPEN_DESK, PERMISSIONS, ROLES, WITHOUT_ROLE, Act
from alerts.accounts.crossing import HARMLESS
from alerts.accounts.route_acts import ROUTES, Routes, Row
from alerts.accounts.subjects import SUBJECTS
from tests.alerts.accounts.conftest import Door


def served(app: FastAPI) -> set[tuple[str, str]]:
    """Method and path of everything the application would answer."""
    found: set[tuple[str, str]] = set()
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, Mount):
            found.add(("GET", f"{route.path}/{{path:path}}"))
        else:
            found |= {(method, str(route.path)) for method in (route.methods or {"GET"}) - {"HEAD"}}
    return found


def missing(app: FastAPI, rows: tuple[Row, ...] = ROUTES) -> set[tuple[str, str]]:
    return served(app) - {(row.method, row.path) for row in rows}


def test_every_route_is_in_the_table_and_every_row_is_a_route(door: Door) -> None:
    assert missing(door.app) == set()
    assert {(row.method, row.path) for row in ROUTES} - served(door.app) == set()


def test_a_route_that_somebody_forgets_to_name_is_found_and_not_served(door: Door) -> None:
    door.app.add_api_route("/api/planted", lambda: {"secret": 1})
    assert missing(door.app) == {("GET", "/api/planted")}


async def test_a_forgotten_route_is_refused_to_everybody_with_an_account(door: Door) -> None:
    door.app.add_api_route("/api/planted", lambda: {"secret": 1})
    door.add("zhao", *ROLES)
    client = await door.signed_in("zhao")
    assert (await client.get("/api/planted")).status_code == 404


def test_gate_and_application_mean_the_same_route(door: Door) -> None:
    """Else a request could be judged by one row and served by another route."""
    served_routes = [
        (route.methods or {"GET"}, str(route.path), compile_path(str(route.path))[0])
        for route in iter_route_contexts(door.app.routes)
        if not isinstance(route.original_route, Mount)
    ]
    for row in ROUTES:
        path = re.sub(r"\{[^}]+\}", "7", row.path)
        found = Routes().find(row.method, path)
        assert found is not None and found[0] == row
        if not row.path.startswith("/static/{"):  # the application serves the first route that matches
            first = next(
                path_of for methods, path_of, what in served_routes if row.method in methods and what.match(path)
            )
            assert first == row.path


def test_every_row_says_what_it_reaches() -> None:
    for row in ROUTES:
        assert (row.reach == "one") == bool(row.about), row
        assert not row.about or (row.about in SUBJECTS and f"{{{row.about}}}" in row.path), row
        assert row.act in get_args(Act), row
        assert row.act != "open" or row.reach == "nothing", row
    # What changes something is open to nobody but to come in, or to whoever has the word that a notice was sent with.
    by_word = ("/api/session", "/api/link", "/api/link/about", "/api/public/recall-receipts/{token}")
    for row in ROUTES:
        if row.method not in HARMLESS and row.act == "open":
            assert row.path in by_word, row


def test_every_act_is_granted_to_somebody_and_every_role_may_do_something() -> None:
    assert set(PERMISSIONS) | WITHOUT_ROLE == set(get_args(Act))
    assert all(PERMISSIONS.values())
    assert all(any(role in may for may in PERMISSIONS.values()) for role in ROLES)
    assert OPEN_DESK.isdisjoint({"manage-accounts", "see-audit", "own-account"})
