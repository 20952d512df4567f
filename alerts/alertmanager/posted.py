"""The body of ``POST /api/v2/alerts``: JSON as Prometheus sends it, YAML as Grafana's proxy does.

What is no list of alerts is refused whole, in the words of Alertmanager's own decoder; an alert that is one but is
not valid is refused alone, by ``problem``.
"""

import datetime as dt
from typing import Any

import msgspec

from alerts.alertmanager.moments import read_moment
from alerts.silences.matcher import NAME
from topics.reading import EARLIEST_MS, LATEST_MS

JSON = "application/json"
YAML = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml")

#: The names as Go's YAML writes them, for a struct that only says how JSON is to be written.
_LOWERED = {"startsat": "startsAt", "endsat": "endsAt", "generatorurl": "generatorURL"}


class Body(ValueError):
    """The body is refused whole: ``status`` and ``code`` as Alertmanager's decoder gives them."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class Posted(msgspec.Struct, frozen=True):
    """One alert as it was posted; times in ms UTC, ``None`` = not given."""

    labels: dict[str, str]
    annotations: dict[str, str] = msgspec.field(default_factory=dict)
    starts_at: int | None = None
    ends_at: int | None = None
    generator_url: str = ""


class _Wire(msgspec.Struct):
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    startsAt: str | None = None
    endsAt: str | None = None
    generatorURL: str | None = None


def read_alerts(body: bytes, content_type: str) -> list[Posted]:
    """The alerts of a body, those without labels included. Raises ``Body``."""
    if not body.strip():
        raise Body(422, 602, "alerts in body is required")
    try:
        wires = msgspec.convert(_decode(body, content_type), list[_Wire] | None, strict=True) or []
    except msgspec.ValidationError as error:
        raise Body(400, 400, f'parsing alerts body from "" failed, because {error}') from error
    return [_posted(place, wire) for place, wire in enumerate(wires)]


def problem(alert: Posted) -> str | None:
    """Why this alert, its times filled in, is not taken; in Alertmanager's words."""
    assert alert.starts_at is not None and alert.ends_at is not None
    if alert.ends_at < alert.starts_at:
        return "start time must be before end time"
    for name in alert.labels:
        if not NAME.fullmatch(name):
            return f'invalid label set: invalid name "{name}"'
    if not alert.labels:
        return "at least one label pair required"
    for name in alert.annotations:
        if not NAME.fullmatch(name):
            return f'invalid annotations: invalid name "{name}"'
    if not EARLIEST_MS <= alert.starts_at <= LATEST_MS:
        return f"start time: expected a moment between 2000 and 2100, got {alert.starts_at} ms"
    return None


def filled(alert: Posted, now_ms: int, resolve_timeout_ms: int) -> tuple[Posted, bool]:
    """The alert with the times nobody gave, without empty labels; and whether its end is only a time-out."""
    starts_at = alert.starts_at
    if starts_at is None:
        starts_at = now_ms if alert.ends_at is None else alert.ends_at
    ends_at = now_ms + resolve_timeout_ms if alert.ends_at is None else alert.ends_at
    labels = {name: value for name, value in alert.labels.items() if value}
    whole = msgspec.structs.replace(alert, labels=labels, starts_at=starts_at, ends_at=ends_at)
    return whole, alert.ends_at is None


def _decode(body: bytes, content_type: str) -> Any:
    """Grafana's proxy names no type at all, so what is no JSON is then read as YAML."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind and kind != JSON and kind not in YAML:
        raise Body(415, 415, f'unsupported media type "{content_type}", only [{JSON} {YAML[0]}] are allowed')
    if kind not in YAML:
        try:
            return msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            if kind:
                raise Body(400, 400, f'parsing alerts body from "" failed, because {error}') from error
    try:
        return _flattened(msgspec.yaml.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Body(400, 400, f'parsing alerts body from "" failed, because {error}') from error


def _flattened(value: Any) -> Any:
    """Go's YAML puts the embedded part of an alert under a key of its own."""
    if not isinstance(value, list):
        return value
    return [_one_level(each) if isinstance(each, dict) else each for each in value]


def _one_level(alert: dict[Any, Any]) -> dict[Any, Any]:
    inner = alert.get("alert")
    if isinstance(inner, dict):
        alert = {key: each for key, each in alert.items() if key != "alert"} | inner
    named = {_LOWERED.get(key, key): each for key, each in alert.items()}
    return {key: each.isoformat() if isinstance(each, dt.datetime) else each for key, each in named.items()}


def _posted(place: int, wire: _Wire) -> Posted:
    if wire.labels is None:
        raise Body(422, 602, f"{place}.labels in body is required")
    times = []
    for text in (wire.startsAt, wire.endsAt):
        try:
            times.append(read_moment(text) if text else None)
        except ValueError as error:
            raise Body(400, 400, f'parsing alerts body from "" failed, because {error}') from error
    return Posted(wire.labels, wire.annotations or {}, times[0], times[1], wire.generatorURL or "")
