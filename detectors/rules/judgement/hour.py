"""The judgement of one hour of one outlet and factor, from what came and what was marked. Pure, no order in it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from detectors.rules.judgement import wording
from detectors.rules.judgement.arithmetic import at_reference, mean, rounded
from detectors.rules.judgement.choice import choose
from detectors.rules.judgement.material import HourRows
from detectors.rules.judgement.minutes import HOUR_MS, MINUTE_MS, MINUTES, effects, means, spread
from detectors.rules.judgement.rules import JudgementRules
from topics.finding import Text
from topics.judgement import Judgement, LimitUsed, Method, Verdict
from topics.mark import Mark

OXYGEN = "a19001"
WATER_TEMPERATURE = "w01010"
FLOWS = {"w": "w00000", "a": "a00000"}

FURNACE_MS = 5 * MINUTE_MS
FURNACE_MEANS = HOUR_MS // FURNACE_MS

Values = list[float | None]


@dataclass(frozen=True, slots=True)
class Question:
    """What is judged: ``subject`` (site/device/quantity) of a source of this type, the hour or day from ``start``."""

    subject: str
    source_type: str
    start: int
    marks: Sequence[Mark] = field(default=())

    @property
    def site(self) -> str:
        """The first part of ``subject``."""
        return self.subject.partition("/")[0]

    @property
    def quantity(self) -> str:
        """The last part of ``subject``."""
        return self.subject.rpartition("/")[2]


def judge_hour(rules: JudgementRules, asked: Question, rows: HourRows) -> Judgement:
    """Version 1 of the hour, made at 0: the book says which version it is, and when."""
    if is_furnace(rules, asked.quantity):
        return _furnace_hour(rules, asked, rows)
    quantity = asked.quantity
    reference = rules.oxygen_of(asked.source_type, quantity)
    values = _converted(rules, quantity, rows, asked.start, reference) if reference else _plain(rows, quantity, asked)
    acting = effects(asked.marks, rules, asked.start, MINUTES, MINUTE_MS)
    counting = [v if effect == "valid" else None for v, effect in zip(values, acting, strict=True)]
    valid, exempt = sum(v is not None for v in counting), acting.count("exempt")
    needed = math.ceil(rules.validity.hour_share * MINUTES)
    device = _device_hour(rows, quantity, reference)
    trusted = set(acting) == {"valid"} and device is not None and (valid >= needed or quantity_alone(rows, quantity))
    helpers = _helpers(rows, quantity, asked.start) | _heard(rows, quantity, asked.start, values, trusted)
    common = _Common(rules, asked, valid, exempt, MINUTES, bool(reference), helpers)
    if not trusted and valid < needed:
        if MINUTES - exempt < needed:
            return common.judged("exempt", wording.exempt(exempt, MINUTES, wording.MINUTES))
        if quantity not in rows.quantities():
            return common.judged("missing", wording.MISSING)
        return common.judged("invalid", wording.short(valid, needed, MINUTES, wording.MINUTES))
    value = device if trusted and device is not None else mean([v for v in counting if v is not None])
    method: Method = "device" if trusted else "minutes"
    return common.valued(rounded(value, rules.decimals.get(quantity, 2)), method)


def is_furnace(rules: JudgementRules, quantity: str) -> bool:
    """Whether the quantity is a furnace's temperature, which is counted, not averaged."""
    return any(limit.averaging == "furnace" for limit in rules.limits.get(quantity, ()))


def quantity_alone(rows: HourRows, quantity: str) -> bool:
    """Whether the device sent no finer values than its hour mean."""
    return not any(name[0] == quantity for part in (rows.instants, rows.minutes) for name in part)


@dataclass(frozen=True, slots=True)
class _Common:
    """What every outcome of the hour has in common."""

    rules: JudgementRules
    asked: Question
    valid: int
    exempt: int
    of: int
    converted: bool
    helpers: dict[str, float]

    def judged(
        self,
        verdict: Verdict,
        reason: Text,
        value: float | None = None,
        method: Method = "none",
        limit: LimitUsed | None = None,
    ) -> Judgement:
        asked, marks = self.asked, self.asked.marks
        return Judgement(
            subject=asked.subject,
            period="hour",
            start=asked.start,
            end=asked.start + HOUR_MS,
            version=1,
            verdict=verdict,
            made=0,
            cause="first",
            reason=wording.and_marks(reason, len(marks)),
            value=value,
            unit=self.rules.units.get(asked.quantity, ""),
            method=method,
            converted=self.converted,
            valid=self.valid,
            exempt=self.exempt,
            of=self.of,
            limit=limit,
            multiple=None if limit is None or value is None else beyond(value, limit),
            marks=tuple(sorted(mark.id for mark in marks)),
            helpers=self.helpers,
        )

    def valued(self, value: float, method: Method) -> Judgement:
        """The value against the limit of the hour; without one, against that of the day for a word to the plant."""
        source = wording.how(method, self.valid, self.of, wording.MINUTES)
        asked, limits = self.asked, self.rules.limits.get(self.asked.quantity, ())
        water = self.helpers.get("water")
        hourly = choose(limits, "hour", asked.site, asked.source_type, asked.start, water)
        if hourly:
            limit = worst(value, hourly)
            verdict: Verdict = "exceeds" if passed(value, limit) else "within"
            return self.judged(verdict, wording.outcome(verdict, source, limit), value, method, limit)
        daily = choose(limits, "day", asked.site, asked.source_type, asked.start, water)
        if daily and passed(value, limit := worst(value, daily)):
            return self.judged("anomaly", wording.outcome("anomaly", source, limit), value, method, limit)
        return self.judged("no-limit", wording.outcome("no-limit", source, None), value, method)


def passed(value: float, limit: LimitUsed) -> bool:
    """Whether the value lies beyond the limit; the limit itself is kept."""
    return value > limit.value if limit.side == "high" else value < limit.value


def beyond(value: float, limit: LimitUsed) -> float | None:
    """By how much of the limit it was passed (0.63 = 1.63 times), ``None`` where it was not or the limit is 0."""
    if not passed(value, limit) or limit.value == 0:
        return None
    return round(abs(value - limit.value) / abs(limit.value), 4)


def worst(value: float, limits: Sequence[LimitUsed]) -> LimitUsed:
    """Of a high and a low limit the one that is passed, else the nearer."""
    return min(limits, key=lambda each: (not passed(value, each), abs(value - each.value), each.side))


def _plain(rows: HourRows, quantity: str, asked: Question) -> Values:
    return _measured(rows, quantity, ("Avg", "Rtd"), asked.start)


def _converted(rules: JudgementRules, quantity: str, rows: HourRows, start: int, reference: float) -> Values:
    """At the reference oxygen: as the device converted it, else by the oxygen of the same minute."""
    sent = _measured(rows, quantity, ("ZsAvg", "ZsRtd"), start)
    plain = _measured(rows, quantity, ("Avg", "Rtd"), start)
    oxygen = _measured(rows, OXYGEN, ("Avg", "Rtd"), start)
    highest = rules.validity.highest_oxygen
    found: Values = []
    for mine, value, o2 in zip(sent, plain, oxygen, strict=True):
        if o2 is not None and o2 > highest:
            found.append(None)  # near air: neither the device's conversion nor ours means anything
        elif mine is not None or value is None or o2 is None:
            found.append(mine)
        else:
            found.append(at_reference(value, o2, reference, highest))
    return found


def _measured(rows: HourRows, quantity: str, statistics: tuple[str, str], start: int) -> Values:
    """Minute by minute: the device's mean of minutes, else the mean of its live values."""
    sent = spread(rows.minutes.get((quantity, statistics[0]), {}), start)
    live = means(rows.instant(quantity, statistics[1]), start, MINUTES, MINUTE_MS)
    return [one if one is not None else other for one, other in zip(sent, live, strict=True)]


def _device_hour(rows: HourRows, quantity: str, reference: float | None) -> float | None:
    row = rows.hours.get((quantity, "ZsAvg" if reference else "Avg"))
    return row.value if row is not None and row.usable else None


def _helpers(rows: HourRows, quantity: str, start: int) -> dict[str, float]:
    """Mean flow and water temperature of the hour, where they were measured."""
    found = {}
    for name, code in (("flow", FLOWS.get(quantity[:1], "")), ("water", WATER_TEMPERATURE)):
        values = [v for v in _measured(rows, code, ("Avg", "Rtd"), start) if v is not None]
        hour = _device_hour(rows, code, None)
        if values or hour is not None:
            found[name] = round(hour if hour is not None else mean(values), 6)
    return found if quantity.startswith("w") else {}


def _heard(rows: HourRows, quantity: str, start: int, values: Values, trusted: bool) -> dict[str, float]:
    """What the month's statistics count, whatever marks say: minutes in which anything came, and in which it was
    good by its flag. An hour mean alone stands for its whole hour.
    """
    hours = any(name[0] == quantity for name in rows.hours)
    if quantity_alone(rows, quantity):
        return {"heard": float(MINUTES * hours), "automatic": float(MINUTES * trusted)}
    heard = set()
    for (name, _), instants in rows.instants.items():
        if name == quantity:
            heard |= {(time - start) // MINUTE_MS for time in instants}
    for (name, _), periods in rows.minutes.items():
        if name == quantity:
            for begin, end in periods:
                heard |= set(range((begin - start) // MINUTE_MS, (end - start) // MINUTE_MS))
    good = sum(value is not None for value in values)
    return {"heard": float(len(heard & set(range(MINUTES)))), "automatic": float(good)}


def _furnace_hour(rules: JudgementRules, asked: Question, rows: HourRows) -> Judgement:
    """The hour's 5-minute means below the limit are counted; the day adds them up."""
    name = asked.quantity
    sent: Values = [None] * FURNACE_MEANS
    for (begin, end), row in sorted(rows.minutes.get((name, "Avg"), {}).items()):
        if row.usable and end - begin == FURNACE_MS:
            sent[(begin - asked.start) // FURNACE_MS] = row.value
    live = means(rows.instant(name, "Rtd"), asked.start, FURNACE_MEANS, FURNACE_MS)
    acting = effects(asked.marks, rules, asked.start, FURNACE_MEANS, FURNACE_MS)
    values = [one if one is not None else other for one, other in zip(sent, live, strict=True)]
    counting = [v for v, effect in zip(values, acting, strict=True) if effect == "valid" and v is not None]
    limits = choose(rules.limits[name], "furnace", asked.site, asked.source_type, asked.start)
    low = sum(passed(v, limits[0]) for v in counting) if limits else 0
    helpers = {"below": float(low), "means": float(len(counting)), "exempt": float(acting.count("exempt"))}
    common = _Common(rules, asked, len(counting), acting.count("exempt"), FURNACE_MEANS, False, helpers)
    if not counting:
        verdict: Verdict = "exempt" if acting.count("exempt") == FURNACE_MEANS else "missing"
        told = wording.exempt(FURNACE_MEANS, FURNACE_MEANS, wording.MEANS) if verdict == "exempt" else wording.MISSING
        return common.judged(verdict, told)
    told = Text(f"{low} 个5分钟均值低于限值", f"{low} 5-minute means below the limit")
    return common.judged("no-limit", told, rounded(min(counting), rules.decimals.get(name, 1)), "count")
