"""EPCIS documents against the official JSON Schema, which a user provides: it is not ours to give away."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema import SchemaError, validators
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator

from records.epcis_fault import Fault, shown
from topics.errors import ConfigurationError


def open_schema(file: Path) -> Validator:
    """The validator of a schema. Raises ``ConfigurationError`` for a file that is none."""
    try:
        schema = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"--schema {file}: expected to read it, got: {error.strerror}") from error
    except ValueError as error:
        raise ConfigurationError(f"--schema {file}: expected JSON in UTF-8, got: {error}") from error
    if not isinstance(schema, dict) or not schema:
        raise ConfigurationError(f"--schema {file}: expected a JSON Schema, got {shown(schema)}")
    kind = validators.validator_for(schema)
    try:
        kind.check_schema(schema)
    except SchemaError as error:
        raise ConfigurationError(f"--schema {file}: expected a JSON Schema, got: {error.message}") from error
    return kind(schema, format_checker=kind.FORMAT_CHECKER)


def schema_faults(document: Any, validator: Validator) -> Iterator[Fault]:
    """What the schema says against a document; of alternatives that all failed, what is wrong with the nearest."""
    for error in sorted(validator.iter_errors(document), key=lambda each: each.json_path):
        deepest = _deepest(error)
        yield Fault(deepest.json_path, _cut(deepest.message), shown(deepest.instance))


def _deepest(error: ValidationError) -> ValidationError:
    while error.context:
        # The alternative that was meant is the one whose fault lies deepest: the others fail at their first word.
        error = max(error.context, key=lambda each: (len(each.absolute_path), each.validator not in ("enum", "const")))
    return error


def _cut(message: str) -> str:
    return message if len(message) <= 300 else message[:299] + "…"
