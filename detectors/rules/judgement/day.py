"""The judgement of one day of the city from its hours, and how bad an exceedance is."""

import math
from collections.abc import Mapping, Sequence

import msgspec

from detectors.rules.judgement import wording
from detectors.rules.judgement.arithmetic import flow_weighted, mean, rounded
from detectors.rules.judgement.choice import choose
from detectors.rules.judgement.hour import FURNACE_MEANS, Question, beyond, is_furnace, passed, worst
from detectors.rules.judgement.minutes import HOUR_MS
from detectors.rules.judgement.rules import JudgementRules
from topics.finding import Text
from topics.judgement import Judgement, LimitUsed, Method, Verdict

HOURS = 24
DAY_MS = HOURS * HOUR_MS
#: Days over which exceedances are counted, the judged one included.
COUNTED_DAYS = 30

MASS_UNITS = ("mg/L", "ug/L")


def has_day(rules: JudgementRules, quantity: str, source_type: str) -> bool:
    """Whether days of this factor are judged at all for such a source."""
    return any(
        limit.averaging in ("day", "furnace") and (not limit.source_types or source_type in limit.source_types)
        for limit in rules.limits.get(quantity, ())
    )


def judge_day(
    rules: JudgementRules, asked: Question, hours: Mapping[int, Judgement], days_before: int = 0
) -> Judgement:
    """Version 1 of the day from the judgements of its hours (by their start; one that is not there is missing).

    ``days_before`` counts the exceedances of the 29 days before.
    """
    there = [hours[start] for start in range(asked.start, asked.start + DAY_MS, HOUR_MS) if start in hours]
    if is_furnace(rules, asked.quantity):
        return _furnace_day(rules, asked, there, days_before)
    exempt = [hour for hour in there if hour.verdict == "exempt"]
    valued = [hour for hour in there if hour.value is not None]
    marks = _marks(there)
    if len(exempt) == HOURS:
        return _day(rules, asked, "exempt", wording.exempt(HOURS, HOURS, wording.HOURS), marks, (0, HOURS, HOURS))
    needed = max(1, math.ceil(rules.validity.day_share * (HOURS - len(exempt))))
    counts = (len(valued), len(exempt), HOURS)
    if len(valued) < needed:
        verdict: Verdict = "missing" if all(hour.verdict == "missing" for hour in there) else "invalid"
        told = wording.short(len(valued), needed, HOURS, wording.HOURS) if verdict == "invalid" else wording.MISSING
        return _day(rules, asked, verdict, told, marks, counts)
    value, method = _mean(rules, asked.quantity, valued)
    water = [hour.helpers["water"] for hour in valued if "water" in hour.helpers]
    limits = choose(
        rules.limits[asked.quantity], "day", asked.site, asked.source_type, asked.start, mean(water) if water else None
    )
    limit = worst(value, limits) if limits else None
    verdict = "no-limit" if limit is None else "exceeds" if passed(value, limit) else "within"
    told = wording.outcome(verdict, wording.how(method, len(valued), HOURS, wording.HOURS), limit)
    made = _day(rules, asked, verdict, told, marks, counts, value, method, limit)
    return _graded(rules, made, days_before)


def _mean(rules: JudgementRules, quantity: str, hours: Sequence[Judgement]) -> tuple[float, Method]:
    """Concentrations in water are weighted by flow where every valid hour has one; all else is a plain mean."""
    values = [hour.value for hour in hours if hour.value is not None]
    decimals = rules.decimals.get(quantity, 2)
    flows = [hour.helpers["flow"] for hour in hours if "flow" in hour.helpers]
    if rules.units.get(quantity) in MASS_UNITS and len(flows) == len(values):
        weighted = flow_weighted(values, flows)
        if weighted is not None:
            return rounded(weighted, decimals), "flow-weighted"
    return rounded(mean(values), decimals), "arithmetic"


def _furnace_day(rules: JudgementRules, asked: Question, hours: Sequence[Judgement], days_before: int) -> Judgement:
    """More 5-minute means below the limit than its ``times`` in a day are an exceedance, however few are valid."""
    below, valid, exempt = (int(sum(h.helpers.get(key, 0) for h in hours)) for key in ("below", "means", "exempt"))
    of = HOURS * FURNACE_MEANS
    counts, marks = (valid, exempt, of), _marks(hours)
    limits = choose(rules.limits[asked.quantity], "furnace", asked.site, asked.source_type, asked.start)
    limit = limits[0] if limits else None
    if limit is not None and below > limit.times:
        verdict: Verdict = "exceeds"
    elif exempt == of:
        return _day(rules, asked, "exempt", wording.exempt(of, of, wording.MEANS), marks, counts)
    elif valid < math.ceil(rules.validity.day_share * (of - exempt)):
        needed = math.ceil(rules.validity.day_share * (of - exempt))
        return _day(rules, asked, "invalid", wording.short(valid, needed, of, wording.MEANS), marks, counts)
    else:
        verdict = "no-limit" if limit is None else "within"
    at, times = (limit.value, limit.times) if limit is not None else (math.nan, 0)
    told = Text(
        f"{below} 个5分钟均值低于 {at:g}，允许 {times} 个", f"{below} 5-minute means below {at:g}, {times} are allowed"
    )
    made = _day(rules, asked, verdict, told, marks, counts, float(below), "count", limit)
    return _graded(rules, made, days_before)


def _day(
    rules: JudgementRules,
    asked: Question,
    verdict: Verdict,
    reason: Text,
    marks: tuple[str, ...],
    counts: tuple[int, int, int],
    value: float | None = None,
    method: Method = "none",
    limit: LimitUsed | None = None,
) -> Judgement:
    valid, exempt, of = counts
    counted = method == "count"
    return Judgement(
        subject=asked.subject,
        period="day",
        start=asked.start,
        end=asked.start + DAY_MS,
        version=1,
        verdict=verdict,
        made=0,
        cause="first",
        reason=wording.and_marks(reason, len(marks)),
        value=value,
        unit="" if counted else rules.units.get(asked.quantity, ""),
        method=method,
        converted=rules.oxygen_of(asked.source_type, asked.quantity) is not None,
        valid=valid,
        exempt=exempt,
        of=of,
        limit=limit,
        multiple=None if limit is None or value is None or counted else beyond(value, limit),
        marks=marks,
    )


def _graded(rules: JudgementRules, made: Judgement, days_before: int) -> Judgement:
    """With the count of days and, of an exceedance, its severity: the worst grade that either reaches."""
    if made.verdict != "exceeds":
        return msgspec.structs.replace(made, days_over=days_before)
    days = days_before + 1
    return msgspec.structs.replace(made, days_over=days, severity=grade(rules, made.multiple or 0.0, days))


def grade(rules: JudgementRules, over: float, days: int) -> str:
    """The severity of a day exceedance: grades stand from mild to severe, and the last one reached counts."""
    reached = [row.severity for row in rules.grades if over >= row.over or days >= row.days]
    return reached[-1] if reached else ""


def _marks(hours: Sequence[Judgement]) -> tuple[str, ...]:
    return tuple(sorted({mark for hour in hours for mark in hour.marks}))
