"""Statistics of safety production over a stretch of city time: accidents, alarms, online rate, handling, safety work.

Rows in, figures out; pure. A stretch is ``start <= t < end``, ms UTC. Where a stretch still runs, what has not come yet
is not in it: the caller ends it at city time, so that every rate is over time that has passed.

* An *accident* counts where it happened in the stretch, with the figures that count now.
* An *alarm* counts where it first sounded in the stretch. It is handled when it is closed; those still open have no
  handling time and are counted beside. Percentiles are by nearest rank: the smallest value that at least so many
  percent do not exceed.
* *Alarm rate* is alarms of instruments per monitored point and day; *online rate* the share of point-hours in which the
  point was not silent for longer than its domain allows. A point counts while the registry says it is valid.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, NamedTuple

from records.accident_terms import Figures

HOUR_MS, DAY_MS = 3_600_000, 86_400_000


class Place(NamedTuple):
    """Where something belongs: the site ("" where none is registered), the firm, the GB/T 2260 code of the district."""

    site: str
    firm: str
    district: str


@dataclass(frozen=True, slots=True)
class Accident:
    """``grade`` is empty before the first report; ``late`` says that the initial report came late or is overdue."""

    place: Place
    time: int
    kind: str
    grade: str
    figures: Figures
    late: bool = False


@dataclass(frozen=True, slots=True)
class Alarm:
    """``time`` is when it first sounded; ``measured`` says that it is about an instrument's readings."""

    place: Place
    time: int
    closed: int | None
    severity: str
    measured: bool = True


@dataclass(frozen=True, slots=True)
class Point:
    """A monitored point, valid in ``[start, end)``; ``silent`` are its outages, ``None`` = still silent."""

    place: Place
    start: int
    end: int
    silent: tuple[tuple[int, int | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Danger:
    """A hidden danger: found, put right (``None`` = not yet), and the times in which it was overdue."""

    place: Place
    found: int
    rectified: int | None
    major: bool = False
    overdue: tuple[tuple[int, int | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit due at ``due``; cancelled ones are left out by whoever makes the rows."""

    place: Place
    due: int
    done: int | None


@dataclass(frozen=True, slots=True)
class Missed:
    """A commitment that was not given in time; ``given`` is when it came after all."""

    place: Place
    time: int
    given: int | None


@dataclass(frozen=True, slots=True)
class Facts:
    """All rows of one domain, of whatever time; a stretch takes its own."""

    accidents: Sequence[Accident] = ()
    alarms: Sequence[Alarm] = ()
    points: Sequence[Point] = ()
    dangers: Sequence[Danger] = ()
    visits: Sequence[Visit] = ()
    missed: Sequence[Missed] = field(default_factory=tuple)

    def of(self, keep: Callable[[Place], bool]) -> "Facts":
        """The rows of the places that are kept."""
        return Facts(*([each for each in rows if keep(each.place)] for rows in self._lists()))

    def by(self, key: Callable[[Place], str]) -> dict[str, "Facts"]:
        """The rows by district or firm, in the order of their names."""
        names = sorted({key(each.place) for rows in self._lists() for each in rows})
        split: dict[str, list[list[Any]]] = {name: [[] for _ in self._lists()] for name in names}
        for number, rows in enumerate(self._lists()):
            for each in rows:
                split[key(each.place)][number].append(each)
        return {name: Facts(*lists) for name, lists in split.items()}

    def _lists(self) -> tuple[Sequence[Any], ...]:
        return self.accidents, self.alarms, self.points, self.dangers, self.visits, self.missed


def figures(facts: Facts, start: int, end: int) -> dict[str, Any]:
    """All figures of one stretch. Raises ``ValueError`` where it is empty."""
    if start >= end:
        raise ValueError(f"figures: expected start < end, got {start} and {end}")
    online, point_days = online_rates(facts.points, start, end)
    alarms = [each for each in facts.alarms if start <= each.time < end]
    measured = sum(each.measured for each in alarms)
    return (
        _accidents([each for each in facts.accidents if start <= each.time < end])
        | {
            "alarms": len(alarms),
            "alarms_by_severity": dict(sorted(Counter(each.severity for each in alarms).items())),
            "alarms_of_instruments": measured,
            "alarms_per_point_day": _ratio(measured, point_days, 6),
        }
        | _handling(alarms, end)
        | online
        | _work(facts, start, end)
    )


def series(facts: Facts, bounds: Sequence[int]) -> list[dict[str, Any]]:
    """The same figures bucket by bucket: one for each pair of neighbours in ``bounds``."""
    return [{"start": start, "end": end} | figures(facts, start, end) for start, end in pairwise(bounds)]


def percentile(ordered: Sequence[int], percent: int) -> int | None:
    """The smallest value that at least so many percent do not exceed; ``None`` of nothing."""
    return ordered[-(-len(ordered) * percent // 100) - 1] if ordered else None


def change(now: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, float | None]:
    """What each plain figure differs from the one before, ``None`` where either is missing."""
    return {
        name: None if value is None or before[name] is None else round(value - before[name], 6)
        for name, value in now.items()
        if not isinstance(value, dict)
    }


def silent_ms(silent: Iterable[tuple[int, int | None]], start: int, end: int) -> int:
    """How much of the stretch lies in these outages, overlaps counted once."""
    total, reached = 0, start
    for since, until in sorted(silent, key=lambda each: each[0]):
        first, last = max(since, reached), min(end if until is None else until, end)
        total += max(0, last - first)
        reached = max(reached, last)
    return total


def cut(point: Point, start: int, end: int) -> Point:
    """The point within a stretch; its validity may come out empty."""
    return replace(point, start=max(point.start, start), end=min(point.end, end))


def _accidents(rows: Sequence[Accident]) -> dict[str, Any]:
    counted = [each.figures for each in rows]
    return {
        "accidents": len(rows),
        "accidents_by_grade": dict(sorted(Counter(each.grade for each in rows).items())),
        "accidents_by_kind": dict(sorted(Counter(each.kind for each in rows).items())),
        "accidents_reported_late": sum(each.late for each in rows),
        "deaths": sum(each.deaths for each in counted),
        "missing": sum(each.missing for each in counted),
        "serious": sum(each.serious for each in counted),
        "minor": sum(each.minor for each in counted),
        "loss_cny": round(sum(each.loss_cny for each in counted), 2),
    }


def _handling(alarms: Sequence[Alarm], end: int) -> dict[str, Any]:
    """As it stood at the end of the stretch: what was closed later was open then."""
    took = sorted(each.closed - each.time for each in alarms if each.closed is not None and each.closed < end)
    return {
        "handled": len(took),
        "not_handled": len(alarms) - len(took),
        "handling_median_s": _seconds(percentile(took, 50)),
        "handling_p90_s": _seconds(percentile(took, 90)),
    }


def online_rates(points: Sequence[Point], start: int, end: int) -> tuple[dict[str, Any], float]:
    """Points, their hours owed and offline, online rate and drop-outs; and the point-days owed, not rounded."""
    owed = silent = drops = present = 0
    for each in points:
        mine = cut(each, start, end)
        if mine.start >= mine.end:
            continue
        present += 1
        owed += mine.end - mine.start
        silent += silent_ms(mine.silent, mine.start, mine.end)
        drops += sum(mine.start <= since < mine.end for since, _ in mine.silent)
    found = {
        "points": present,
        "point_hours": round(owed / HOUR_MS, 3),
        "offline_hours": round(silent / HOUR_MS, 3),
        "online_percent": round(100.0 * (1.0 - silent / owed), 4) if owed else None,
        "drop_outs": drops,
    }
    return found, owed / DAY_MS


def _work(facts: Facts, start: int, end: int) -> dict[str, Any]:
    planned = [each for each in facts.visits if start <= each.due < end]
    done = sum(each.done is not None and each.done < end for each in planned)
    missed = [each for each in facts.missed if start <= each.time < end]
    overdue = [each for each in facts.dangers if _stands(each.overdue, end)]
    return {
        "dangers_found": sum(start <= each.found < end for each in facts.dangers),
        "dangers_rectified": sum(
            each.rectified is not None and start <= each.rectified < end for each in facts.dangers
        ),
        "dangers_overdue": len(overdue),
        "major_dangers_overdue": sum(each.major for each in overdue),
        "visits_planned": len(planned),
        "visits_done": done,
        "visits_done_percent": round(100.0 * done / len(planned), 2) if planned else None,
        "commitments_missing": len(missed),
        "commitments_late": sum(each.given is not None for each in missed),
    }


def _stands(spans: Iterable[tuple[int, int | None]], at: int) -> bool:
    return any(since < at and (until is None or until >= at) for since, until in spans)


def _ratio(part: float, whole: float, digits: int) -> float | None:
    return round(part / whole, digits) if whole else None


def _seconds(ms: int | None) -> float | None:
    return None if ms is None else ms / 1000
