"""Transmission effectiveness of a month, as it was known on any date: transmission rate x validity rate. Pure.

A mark changes an hour's standing only if it was entered within 10 days of that hour. A mark whose state needs proof
(stopped plant, monitor out of use) counts provisionally until the 10th of the next month has passed; from then on only
if its document had come by then, else the automatic flag stands again and the rate is what it would have been.
[one copy of the ministry's rules; see the settings' source]
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from topics.mark import Mark

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
MINUTES = 60
CITY = dt.timezone(dt.timedelta(hours=8))


class MarkMeaning(msgspec.Struct, frozen=True):
    """What a state does to the minutes it covers (exempt, invalid, valid), and whether it needs proof."""

    effect: str
    proof: bool = False


#: By scope and state; a state that is not there changes nothing.
Meanings = Mapping[tuple[str, str], MarkMeaning]


def meanings_of(facts: Mapping[str, Any]) -> dict[tuple[str, str], MarkMeaning]:
    """From the ``mark_states`` of a pack's facts."""
    rows = facts.get("mark_states", [])
    return {(row["scope"], row["state"]): MarkMeaning(row["effect"], row.get("proof", False)) for row in rows}


class Deadlines(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Days after its datum within which a mark may be entered; the day of the next month by whose end proof is due."""

    source: str = "one copy of the ministry's rules"
    confirmed: bool = False
    correction_days: int = 10
    proof_day: int = 10


@dataclass(frozen=True, slots=True)
class HourHeard:
    """One hour of one factor: minutes in which anything came, and minutes that were good by their flag."""

    start: int
    heard: int
    automatic: int


@dataclass(frozen=True, slots=True)
class Effectiveness:
    """Hours owed, received and valid; the rates in %, ``None`` where nothing was owed."""

    owed: int
    received: int
    valid: int

    @property
    def transmission(self) -> float | None:
        """Hours received of those owed, in %; ``None`` where none is owed."""
        return _percent(self.received, self.owed)

    @property
    def validity(self) -> float | None:
        """Hours valid of those received, in %; ``None`` where none was."""
        return _percent(self.valid, self.received) if self.received else None

    @property
    def rate(self) -> float | None:
        """Transmission rate x validity rate."""
        return _percent(self.valid, self.owed)


def month_bounds(year: int, month: int) -> tuple[int, int]:
    """Beginning and end of a month of the city, ms UTC."""
    first = dt.datetime(year, month, 1, tzinfo=CITY)
    after = dt.datetime(year + month // 12, month % 12 + 1, 1, tzinfo=CITY)
    return int(first.timestamp() * 1000), int(after.timestamp() * 1000)


def proof_due(start: int, deadlines: Deadlines) -> int:
    """The first moment at which proof for something of this month is too late, ms UTC."""
    day = dt.datetime.fromtimestamp(start / 1000, CITY)
    _, after = month_bounds(day.year, day.month)
    return after + deadlines.proof_day * DAY_MS


def counts(mark: Mark, hour: int, meanings: Meanings, deadlines: Deadlines, as_of: int) -> bool:
    """Whether a mark counts for the hour that begins at ``hour``, as known at ``as_of``."""
    if mark.made > as_of or mark.made > hour + HOUR_MS + deadlines.correction_days * DAY_MS:
        return False
    if mark.withdrawn is not None and mark.withdrawn <= as_of:
        return False
    meaning = meanings.get((mark.scope, mark.state))
    needs = meaning is not None and meaning.proof
    due = proof_due(hour, deadlines)
    return not needs or as_of < due or (mark.documented is not None and mark.documented < due)


def known_at(forms: Iterable[Mark], as_of: int) -> list[Mark]:
    """The newest form of each mark that was known at ``as_of``; ``forms`` are all forms in their order."""
    newest: dict[str, Mark] = {}
    for mark in forms:
        if max(mark.made, mark.documented or 0, mark.withdrawn or 0) <= as_of:
            newest[mark.id] = mark
    return list(newest.values())


def effectiveness(
    hours: Sequence[HourHeard],
    marks: Sequence[Mark],
    meanings: Meanings,
    as_of: int,
    *,
    share: float = 0.75,
    deadlines: Deadlines | None = None,
) -> Effectiveness:
    """Of these hours of one factor, with the marks that concern it (all their forms), as known at ``as_of``.

    ``share`` of an hour's minutes must be good, and must be owed for the hour to be owed at all.
    """
    terms, needed = deadlines or Deadlines(), share * MINUTES
    known = known_at(marks, as_of)
    owed = received = valid = 0
    for hour in hours:
        if hour.start + HOUR_MS > as_of:
            continue
        near = [m for m in known if m.start < hour.start + HOUR_MS and m.end > hour.start]
        acting = [mark for mark in near if counts(mark, hour.start, meanings, terms, as_of)]
        exempt = _covered(acting, hour.start, meanings, "exempt")
        if MINUTES - len(exempt) < needed:
            continue
        owed += 1
        received += hour.heard > 0
        taken = len(exempt | _covered(acting, hour.start, meanings, "invalid"))
        valid += hour.automatic - taken >= needed
    return Effectiveness(owed, received, valid)


def _covered(marks: Sequence[Mark], hour: int, meanings: Meanings, effect: str) -> set[int]:
    """The minutes of the hour that marks of this effect touch."""
    found: set[int] = set()
    for mark in marks:
        meaning = meanings.get((mark.scope, mark.state))
        if meaning is not None and meaning.effect == effect:
            first = max(0, (mark.start - hour) // MINUTE_MS)
            found |= set(range(first, min(MINUTES, -(-(mark.end - hour) // MINUTE_MS))))
    return found


def online_rate(offline_h: float, hours: float) -> float:
    """In %, to two decimals.

    >>> online_rate(4.31, 744)
    99.42
    """
    return round(100.0 * (1.0 - offline_h / hours), 2)


def offline(hours: Sequence[HourHeard]) -> tuple[float, int]:
    """Hours without a word in the given hours, and how many times the line dropped: spells between full hours."""
    lost = [MINUTES - hour.heard for hour in sorted(hours, key=lambda hour: hour.start)]
    drops = sum(now > 0 and before == 0 for before, now in zip([0, *lost], lost, strict=False))
    return sum(lost) / MINUTES, drops


def _percent(part: int, whole: int) -> float | None:
    return round(100.0 * part / whole, 2) if whole else None
