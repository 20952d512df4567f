"""By whose rules a yard is judged where somebody asks: those of today, of the moment asked for, or of any day.

What a worker finds is judged by the rules of the event's date. Whoever looks back may ask what today's rules say of
that moment, so every answer names its day and the editions.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping

import msgspec

from topics.domain import Domain
from topics.finding import Text
from topics.sources import source_text

#: Said for the rules of the moment that is asked for.
THEN = "then"


class Grade(msgspec.Struct, frozen=True):
    """S and R of a yard and its grade, 1 the worst to 4 (``None`` = no major hazard source), by the edition
    ``standard``. ``unlisted`` are UN numbers without a critical quantity: S says nothing of them.
    """

    s: float
    r: float
    grade: int | None
    standard: str
    unlisted: tuple[str, ...] = ()


#: Judges tonnes by UN number in a pack's yard by the rules of a day; ``None`` where the pack has none or broken ones.
Grading = Callable[[Domain, dt.date, str, Mapping[str, float]], Grade | None]


class Rules(msgspec.Struct, frozen=True):
    """``as_of`` is a day of the city, ``YYYY-MM-DD``; ``editions`` are those in force then, ``text`` says both."""

    as_of: str
    editions: tuple[str, ...]
    text: Text


def no_grading(_domain: Domain, _day: dt.date, _site: str, _masses_t: Mapping[str, float]) -> None:
    """Where nobody judges."""
    return


def rules_day(said: str, at: int | None, now: int, zone: dt.tzinfo) -> dt.date:
    """The day whose rules are asked for: "" = today, ``then`` = that of the moment ``at``, else the day itself. Times
    in ms UTC. Raises ``ValueError`` for anything else.
    """
    if said in ("", THEN):
        time = at if said == THEN and at is not None else now
        return dt.datetime.fromtimestamp(time / 1000, dt.UTC).astimezone(zone).date()
    try:
        return dt.date.fromisoformat(said)
    except ValueError as error:
        raise ValueError(f"rules_as_of: expected nothing, {THEN} or a day such as 2015-08-12, got {said!r}") from error


def rules_of(day: dt.date, editions: Iterable[str]) -> Rules:
    """The rules of a day in words. ``editions`` are standards or sources as packs give them."""
    return told_rules(day, map(source_text, editions))


def told_rules(day: dt.date, editions: Iterable[Text]) -> Rules:
    """The rules of a day, where the editions are in words already."""
    told = sorted({each.en: each.zh for each in editions}.items())
    return Rules(
        day.isoformat(),
        tuple(en for en, _ in told),
        Text(
            f"规则日期 {day.isoformat()}，版本 {'、'.join(zh for _, zh in told) or '未知'}",
            f"rules as of {day.isoformat()}, edition {', '.join(en for en, _ in told) or 'not known'}",
        ),
    )
