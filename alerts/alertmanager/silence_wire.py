"""Silences as Alertmanager's API writes them."""

from collections.abc import Iterable
from typing import Any

import msgspec

from alerts.alertmanager.moments import read_moment, write_moment
from alerts.alertmanager.posted import Body
from alerts.silences.matcher import Matcher, anchored
from alerts.silences.silence import Invalid, Silence

#: Active ones first, the next to end first; then pending ones by their start; then the last expired.
_ORDER = {"active": 1, "pending": 2, "expired": 3}


class _Matcher(msgspec.Struct):
    name: str | None = None
    value: str | None = None
    isRegex: bool | None = None
    isEqual: bool | None = None


class _Wire(msgspec.Struct):
    id: str = ""
    comment: str | None = None
    createdBy: str | None = None
    endsAt: str | None = None
    matchers: list[_Matcher] | None = None
    startsAt: str | None = None
    annotations: dict[str, str] | None = None


def read_silence(body: bytes) -> Silence:
    """The silence of a body, not yet judged. Raises ``Body`` or ``Invalid`` in Alertmanager's words."""
    if not body.strip():
        raise Body(422, 602, "silence in body is required")
    try:
        wire = msgspec.json.decode(body, type=_Wire)
        starts_at, ends_at = (read_moment(text) if text else None for text in (wire.startsAt, wire.endsAt))
    except (ValueError, RecursionError) as error:
        raise Body(400, 400, f'parsing silence body from "" failed, because {error}') from error
    for name in ("comment", "createdBy", "endsAt", "matchers", "startsAt"):
        if getattr(wire, name) is None:
            raise Body(422, 602, f"{name} in body is required")
    if not wire.matchers:
        raise Body(422, 612, "matchers in body should have at least 1 items")
    matchers = tuple(_matcher(place, each) for place, each in enumerate(wire.matchers))
    if starts_at is None or ends_at is None:
        raise Invalid(f"silence invalid: invalid zero {'start' if starts_at is None else 'end'} timestamp")
    return Silence(
        wire.id, matchers, starts_at, ends_at, wire.createdBy or "", wire.comment or "",
        annotations=wire.annotations or {},
    )  # fmt: skip


def silence_view(silence: Silence, now_ms: int) -> dict[str, Any]:
    """A ``gettableSilence``."""
    return {
        "id": silence.id,
        "status": {"state": silence.state(now_ms)},
        "updatedAt": write_moment(silence.updated_at),
        "annotations": silence.annotations,
        "comment": silence.comment,
        "createdBy": silence.created_by,
        "endsAt": write_moment(silence.ends_at),
        "matchers": [
            {"isEqual": each.is_equal, "isRegex": each.is_regex, "name": each.name, "value": each.value}
            for each in silence.matchers
        ],
        "startsAt": write_moment(silence.starts_at),
    }


def listing(silences: Iterable[Silence], filters: Iterable[Matcher], now_ms: int) -> list[dict[str, Any]]:
    """Those that have each matcher of the filter among their own, in Alertmanager's order."""
    wanted = set(filters)
    chosen = [each for each in silences if wanted <= set(each.matchers)]
    return [silence_view(each, now_ms) for each in sorted(chosen, key=lambda silence: _rank(silence, now_ms))]


def _rank(silence: Silence, now_ms: int) -> tuple[int, int, str]:
    state = silence.state(now_ms)
    moment = {"active": silence.ends_at, "pending": silence.starts_at, "expired": -silence.ends_at}[state]
    return _ORDER[state], moment, silence.id


def _matcher(place: int, wire: _Matcher) -> Matcher:
    for name in ("isRegex", "name", "value"):
        if getattr(wire, name) is None:
            raise Body(422, 602, f"matchers.{place}.{name} in body is required")
    name, value, is_regex = wire.name or "", wire.value or "", bool(wire.isRegex)
    if is_regex:
        try:
            anchored(value)
        except ValueError as error:
            why = f'invalid label matcher {place}: invalid regular expression "{value}": {error}'
            raise Invalid(f"silence invalid: {why}") from error
    return Matcher(name, value, is_regex, True if wire.isEqual is None else wire.isEqual)
