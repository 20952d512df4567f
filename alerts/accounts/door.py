"""Putting the gate and the routes of accounts on an application."""

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from alerts.accounts.access import Access
from alerts.accounts.accounts_api import accounts_routes
from alerts.accounts.gate import Gate, note
from alerts.accounts.oidc_api import oidc_routes
from alerts.accounts.refusal import Refused
from alerts.accounts.route_acts import Routes
from alerts.accounts.session_api import session_routes
from alerts.city import City
from alerts.refusals import in_language


def mount_accounts(app: FastAPI, access: Access, city: City, routes: Routes | None = None) -> None:
    """Guard the whole application. Middleware added after this stands outside the gate."""
    app.add_exception_handler(Refused, refuse)
    app.include_router(session_routes(access))
    app.include_router(accounts_routes(access))
    app.include_router(oidc_routes(access))
    app.add_middleware(Gate, access=access, city=city, routes=routes or Routes())


async def refuse(request: Request, error: Exception) -> Response:
    """A refusal of a route: ``{"error": sentence}``, and its reason for the record."""
    assert isinstance(error, Refused)
    noted = request.scope.get("citybrain.noted", {})
    if "reason" not in noted:
        note(request.scope, reason=error.reason)
    headers = {} if error.wait_s is None else {"retry-after": str(error.wait_s)}
    text = in_language(request.cookies.get("lang"), error.text)
    return JSONResponse({"error": text}, error.status, headers=headers)
