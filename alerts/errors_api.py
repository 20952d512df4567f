"""Every refusal of the interface has one form: ``{"error": sentence}``, and for a body or query that does not fit
``problems`` beside it, one for each place.
"""

from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from alerts.refusals import in_language
from records.refused import Refused

log = structlog.get_logger(__name__)

#: Below these paths, and of a token in any path, what came is never said again: it may be a secret.
SECRET = ("/api/session", "/api/link", "/api/account", "/api/oidc")
#: Characters of what came that are said again.
LONGEST_SHOWN = 60


class Problem(BaseModel):
    """What is wrong at one place of a request."""

    where: str = Field(description="query.limit, body.who, …")
    what: str


class Refusal(BaseModel):
    """Why something was refused, in one sentence a person can read."""

    error: str
    problems: list[Problem] = Field(default_factory=list, description="where a body or query does not fit")


#: For every route: what else may come back. FastAPI words the 422 of its own otherwise.
REFUSALS: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": Refusal, "description": "Refused; the sentence says why"},
    "5XX": {"model": Refusal, "description": "The server failed; ask again later"},
}


def word_errors(app: FastAPI) -> None:
    """Give every refusal of the application the one form."""
    app.add_exception_handler(HTTPException, _refuse)
    app.add_exception_handler(Refused, _not_now)
    app.add_exception_handler(RequestValidationError, _does_not_fit)
    app.add_exception_handler(Exception, _failed)


async def _refuse(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, status_code=error.status_code, headers=error.headers)


async def _not_now(request: Request, error: Exception) -> Response:
    """The state of what was asked about does not allow it."""
    assert isinstance(error, Refused)
    return JSONResponse({"error": in_language(request.cookies.get("lang"), error.text)}, status_code=409)


async def _does_not_fit(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    open_path = not request.url.path.startswith(SECRET)
    problems = [
        {"where": ".".join(str(part) for part in each["loc"]), "what": _what(each, open_path)}
        for each in error.errors()
    ]
    sentence = "; ".join(f"{each['where']}: {each['what']}" for each in problems)
    return JSONResponse({"error": sentence, "problems": problems}, status_code=422)


def _what(problem: Mapping[str, Any], open_path: bool) -> str:
    """What was required and, where it is one value and no secret, what came."""
    said, came = str(problem["msg"]).removeprefix("Value error, "), problem.get("input")
    plain = isinstance(came, str | int | float | bool | None) and problem["type"] != "missing"
    if not plain or not open_path or "token" in problem["loc"]:
        return said
    shown = repr(came)
    return f"{said}, got {shown if len(shown) <= LONGEST_SHOWN else shown[:LONGEST_SHOWN] + '…'}"


async def _failed(request: Request, error: Exception) -> Response:
    log.error("request_failed", path=request.url.path, error=repr(error))
    return JSONResponse({"error": "the server failed; the log says how"}, status_code=500)
