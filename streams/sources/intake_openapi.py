"""How the intake describes itself: request bodies from the message types themselves, and what each status means."""

from collections.abc import Sequence
from typing import Any

import msgspec
from fastapi import FastAPI

from streams.sources.intake_items import Answer

REFERENCE = "#/components/schemas/{name}"

ANSWERS = {200: "all taken", 207: "some taken", 422: "none taken"}
ERRORS = {
    413: "the body is too large",
    415: "wrong content type",
    503: "not kept: send all of it again after Retry-After seconds",
}


def described(summary: str, body: Any, types: Sequence[str]) -> dict[str, Any]:
    """Arguments of a route whose body is of this type in one of these media types."""
    (schema, answered), _ = msgspec.json.schema_components([body, Answer], ref_template=REFERENCE)
    told = {"application/json": {"schema": answered}}
    return {
        "summary": summary,
        "openapi_extra": {"requestBody": {"required": True, "content": {kind: {"schema": schema} for kind in types}}},
        "responses": {status: {"description": text, "content": told} for status, text in ANSWERS.items()}
        | {status: {"description": text} for status, text in ERRORS.items()},
    }


def add_schemas(app: FastAPI, bodies: Sequence[Any]) -> None:
    """Put the schemas that ``described`` refers to, for bodies of these types, where OpenAPI looks for them."""
    _, definitions = msgspec.json.schema_components([*bodies, Answer], ref_template=REFERENCE)
    document = app.openapi()  # FastAPI keeps and serves this very object
    document.setdefault("components", {}).setdefault("schemas", {}).update(definitions)
