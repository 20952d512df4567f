"""What the simple query parameters of EPCIS 2.0 (8.2.7.1) ask of the record of custody, and of an event itself."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts.custody import tables
from records.custody import ORDER, bare_word
from records.digital_link import one_name

Event = dict[str, Any]

_EVENT, _SEEN, _LINK, _USE, _NAME = (
    each.c
    for each in (
        tables.custody_event, tables.custody_seen, tables.custody_link, tables.custody_use, tables.custody_name,
    )
)  # fmt: skip


@dataclass(slots=True)
class Asked:
    """``where`` is asked of the store, ``fits`` of the event itself."""

    where: list[sa.ColumnElement[bool]] = field(default_factory=list)
    fits: list[Callable[[Event], bool]] = field(default_factory=list)


def asked_of(parameters: Mapping[str, str]) -> Asked:
    """The questions of all parameters; those that only cut the answer ask nothing. Raises ``ValueError`` for a value
    that is none.
    """
    asked = Asked()
    where, fits = asked.where, asked.fits
    for name, text in parameters.items():
        values = text.split("|")
        one = set(map(one_name, values))
        words = set(map(bare_word, values))
        numbers = sa.select(_NAME.number).where(_NAME.name.in_(one))
        match name:
            case "eventType":
                where.append(_EVENT.kind.in_(values))
            case "EQ_action":
                where.append(_body_has(_actions(values)))
                fits.append(_has("action", set(values)))
            case "EQ_bizStep":
                where.append(_EVENT.step.in_(words))
            case "EQ_disposition":
                where.append(_body_has(words))
                fits.append(_has("disposition", words, bare_word))
            case "EQ_eventID":
                where.append(_EVENT.id.in_(values))
            case "GE_eventTime":
                where.append(_EVENT.time >= _moment(name, text))
            case "LT_eventTime":
                where.append(_EVENT.time < _moment(name, text))
            case "EQ_readPoint":
                where.append(_body_has(["readPoint"]))
                fits.append(_at(one))
            case "EQ_bizLocation":
                where.append(_EVENT.number.in_(sa.select(_SEEN.event).where(_SEEN.place.in_(numbers))))
            case "MATCH_epc" | "MATCH_anyEPC" | "MATCH_anyEPCClass":
                where.append(_EVENT.number.in_(sa.select(_SEEN.event).where(_SEEN.element.in_(numbers))))
                if name == "MATCH_epc":
                    fits.append(_names(one))
            case "MATCH_parentID":
                where.append(_EVENT.number.in_(sa.select(_LINK.event).where(_LINK.parent.in_(numbers))))
            case "MATCH_inputEPC" | "MATCH_outputEPC":
                side = tables.IN if name == "MATCH_inputEPC" else tables.OUT
                used = sa.select(_USE.event).where(_USE.element.in_(numbers), _USE.side == side)
                where.append(_EVENT.number.in_(used))
            case "EQ_transformationID":
                where.append(_EVENT.number.in_(sa.select(_USE.event).where(_USE.process.in_(numbers))))
    return asked


def _body_has(words: Iterable[str]) -> sa.ColumnElement[bool]:
    """Events in whose text one of these stands at all: most are sorted out before they are read."""
    return sa.or_(*(_EVENT.body.contains(_escaped(word), autoescape=True) for word in words))


def _escaped(word: str) -> str:
    return msgspec.json.encode(word).decode()[1:-1]


def _actions(values: Sequence[str]) -> Sequence[str]:
    for value in values:
        if value not in ORDER:
            raise ValueError(f"EQ_action: expected ADD, OBSERVE or DELETE, got {value[:60]!r}")
    return values


def _has(key: str, values: set[str], form: Callable[[str], str] = str) -> Callable[[Event], bool]:
    return lambda event: isinstance(event.get(key), str) and form(event[key]) in values


def _at(places: set[str]) -> Callable[[Event], bool]:
    def fits(event: Event) -> bool:
        place = event.get("readPoint")
        return isinstance(place, dict) and isinstance(place.get("id"), str) and one_name(place["id"]) in places

    return fits


def _names(names: set[str]) -> Callable[[Event], bool]:
    """``MATCH_epc`` asks of ``epcList`` and ``childEPCs`` alone: neither parents, inputs, outputs nor classes."""

    def fits(event: Event) -> bool:
        named = [*(event.get("epcList") or ()), *(event.get("childEPCs") or ())]
        return any(isinstance(each, str) and one_name(each) in names for each in named)

    return fits


def _moment(name: str, text: str) -> int:
    try:
        parsed = dt.datetime.fromisoformat(text)
    except ValueError:
        parsed = None
    if parsed is None or parsed.tzinfo is None:
        raise ValueError(f"{name}: expected an ISO 8601 time with a zone, got {text[:60]!r}")
    return int(parsed.timestamp() * 1000)
