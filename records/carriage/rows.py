"""Positions and permits from files: CSV with a head, or JSON Lines; each line is read by itself. Pure.

Times may be ms UTC, ISO 8601 (of the city where no zone is said) or the twelve digits of JT/T 808 (YYMMDDhhmmss, of
the city); what stands in several values of one CSV field is parted by a bar.
"""

import csv
import datetime as dt
import io
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from topics.positions import Permit, Told

CITY_ZONE = ZoneInfo("Asia/Shanghai")

TIMES = ("time", "departs", "arrives", "ended", "valid_from", "valid_to")
LISTS = ("containers", "lots", "classes")
NUMBERS = ("lat", "lon", "speed_kmh", "heading_deg")
TRUTHS = ("located", "resent", "cancelled", "suspended")


class Line(msgspec.Struct, frozen=True):
    """One line as an object for the intake, or what is wrong with it."""

    number: int
    row: dict[str, Any] | None = None
    problem: str = ""


def told_rows(text: str) -> Iterator[Line]:
    """Positions (where nothing else is said), waybills and handovers."""
    return _lines(text, Told, {"event": "position"})


def permit_rows(text: str) -> Iterator[Line]:
    """Permits."""
    return _lines(text, Permit, {})


def moment(said: object) -> int:
    """Milliseconds UTC of a time. Raises ``ValueError``."""
    if isinstance(said, int) and not isinstance(said, bool):
        return said
    text = str(said).strip()
    if text.isdecimal() and len(text) == 12:
        found = dt.datetime.strptime(text, "%y%m%d%H%M%S").replace(tzinfo=CITY_ZONE)
    elif text.isdecimal():
        return int(text)
    else:
        found = dt.datetime.fromisoformat(text)
        found = found if found.tzinfo else found.replace(tzinfo=CITY_ZONE)
    return round(found.timestamp() * 1000)


def _lines(text: str, kind: Any, plain: dict[str, Any]) -> Iterator[Line]:
    head = text.lstrip("\ufeff \r\n")
    rows = _json_lines(head) if head.startswith("{") else _csv_lines(head)
    for number, row in rows:
        if isinstance(row, str):
            yield Line(number, problem=row)
            continue
        try:
            whole = plain | {name: _value(name, value) for name, value in row.items() if value not in ("", None)}
            msgspec.convert(whole, kind)
        except (msgspec.ValidationError, ValueError, OverflowError) as error:
            yield Line(number, problem=str(error))
        else:
            yield Line(number, whole)


def _json_lines(text: str) -> Iterator[tuple[int, dict[str, Any] | str]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            yield number, msgspec.json.decode(line, type=dict[str, Any])
        except (msgspec.MsgspecError, RecursionError) as error:
            yield number, f"expected a JSON object, got: {error}"


def _csv_lines(text: str) -> Iterator[tuple[int, dict[str, Any] | str]]:
    reader = csv.DictReader(io.StringIO(text))
    for row in reader:
        if None in row or None in row.values():
            yield reader.line_num, f"expected {len(reader.fieldnames or ())} fields as in the head, got another number"
        else:
            yield reader.line_num, {str(name).strip(): str(value).strip() for name, value in row.items()}


def _value(name: str, value: Any) -> Any:
    if name in TIMES:
        return moment(value)
    if not isinstance(value, str):
        return value
    if name in LISTS:
        return [each for each in value.split("|") if each]
    if name in NUMBERS:
        return float(value)
    if name in TRUTHS:
        if value.casefold() not in ("true", "false", "1", "0"):
            raise ValueError(f"{name}: expected true or false, got {value!r}")
        return value.casefold() in ("true", "1")
    return value
