"""What must be said of the hazard day, reckoned from the standards' text minute by minute, without the judge's code.

GB 18218-2018: S = sum q/Q, R = alpha sum beta q/Q, grade 1 from R 100, 2 from 50, 3 from 10, else 4; a source from S 1;
alpha 1.5 for 50 to 99 people. Two of three gauges believed over the trip; a silent one leaves one of two. A difference
is told after its hold; a rise is that of the middle gauge over ten minutes. In a start-up the rise is silent:
it stands, and is suppressed by design (ISA-18.2).
"""

from collections.abc import Callable
from typing import NamedTuple

from streams.replays.hazard_day import BYPASSED, MINUTES, START_UP, TANKS, shown

Q_AMMONIA, BETA_AMMONIA, ALPHA_60_PEOPLE = 10.0, 2.0, 1.5
TRIP, APART, HOLD_MIN, RISE_PER_H, WINDOW_MIN, SILENT_MIN = 90.0, 3.0, 2, 12.0, 10, 3

#: The mark of the stretch in which an episode is suppressed by design.
SILENT = "silent"


class Expected(NamedTuple):
    """One episode: the rule, its degree, and the minutes at which it opens and closes (None = at the end still)."""

    rule: str
    mark: str
    opens: int
    closes: int | None


def expected() -> list[Expected]:
    """All episodes of the day, by rule and minute; a change of grade is an entry of its own."""
    found = _runs("unit-hazard-grade", _grade) + _runs("unit-over-storage", _storage)
    found += _runs("unit-vote", lambda minute: "trip" if _trip(minute) else "")
    found += _runs("unit-discrepancy", lambda minute: "apart" if _apart(minute) else "")
    found += _runs("unit-rate-of-rise", lambda minute: "fast" if _fast(minute) else "")
    found += _runs("unit-rate-of-rise", lambda minute: SILENT if _fast(minute) and _starts_up(minute) else "")
    found += _runs("unit-bypass", lambda minute: "bypass" if BYPASSED[0] <= minute < BYPASSED[1] else "")
    return sorted(found)


def _known(device: str, minute: int) -> float | None:
    """What is known of a gauge: its last value, if that is no older than three minutes."""
    for back in range(SILENT_MIN + 1):
        if minute - back >= 0 and (value := shown(device, minute - back)) is not None:
            return value
    return None


def _mass(minute: int) -> float:
    levels = [(_known(str(tank["device"]), minute), float(str(tank["design_t"]))) for tank in TANKS]
    return sum(full if value is None else full * value / 100 for value, full in levels)


def _grade(minute: int) -> str:
    q = _mass(minute)
    if q / Q_AMMONIA < 1:
        return ""
    r = ALPHA_60_PEOPLE * BETA_AMMONIA * q / Q_AMMONIA
    return "1" if r >= 100 else "2" if r >= 50 else "3" if r >= 10 else "4"


def _storage(minute: int) -> str:
    permit, mass = 480.0 + 240.0, _mass(minute)
    return "over" if mass > permit else "near" if mass >= 0.8 * permit else ""


def _gauges(minute: int) -> list[float]:
    return [value for device in ("T1A", "T1B", "T1C") if (value := _known(device, minute)) is not None]


def _trip(minute: int) -> bool:
    there = _gauges(minute)
    return sum(value >= TRIP for value in there) >= (2 if len(there) == 3 else 1)


def _wide(minute: int) -> bool:
    there = _gauges(minute)
    return len(there) > 1 and max(there) - min(there) > APART


def _apart(minute: int) -> bool:
    return all(minute - back >= 0 and _wide(minute - back) for back in range(HOLD_MIN + 1))


def _fast(minute: int) -> bool:
    if minute < 8:
        return False
    first = max(0, minute - WINDOW_MIN)
    rate = (_middle(minute) - _middle(first)) / (minute - first) * 60
    return rate > RISE_PER_H + 1e-9


def _starts_up(minute: int) -> bool:
    return START_UP[0] <= minute < START_UP[1]


def _middle(minute: int) -> float:
    there = sorted(_gauges(minute))
    return there[(len(there) - 1) // 2]


def _runs(rule: str, of: Callable[[int], str]) -> list[Expected]:
    found, now, since = [], "", 0
    for minute in range(MINUTES):
        mark = of(minute)
        if mark != now:
            if now:
                found.append(Expected(rule, now, since, minute))
            now, since = mark, minute
    return found + ([Expected(rule, now, since, None)] if now else [])
