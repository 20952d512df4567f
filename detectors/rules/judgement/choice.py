"""Which limit holds: by factor, source, level (permit > local > national), edition, averaging and condition, at the
time of the event and never of today.
"""

import datetime as dt
from collections.abc import Iterable

from detectors.rules.judgement.rules import LEVELS, Averaging, Condition, FormalLimit
from detectors.rules.limits import CITY
from topics.finding import Text
from topics.judgement import LimitUsed
from topics.sources import source_text

LEVEL_NAMES = {
    "permit": Text("排污许可", "permit"),
    "local": Text("地方标准", "local standard"),
    "national": Text("国家标准", "national standard"),
}


def day_of(time_ms: int) -> dt.date:
    """The day of the city that a moment lies in."""
    return dt.datetime.fromtimestamp(time_ms / 1000, CITY).date()


def choose(
    limits: Iterable[FormalLimit],
    averaging: Averaging,
    site: str,
    source_type: str,
    time_ms: int,
    water: float | None = None,
) -> list[LimitUsed]:
    """The limit of each side that holds at ``time_ms`` (ms UTC), with the reason; empty where none does.

    ``water`` is the mean water temperature of the period (°C), ``None`` where nobody measured it: limits that ask
    for cold water do not hold then.
    """
    day = day_of(time_ms)
    fitting = [
        limit
        for limit in limits
        if limit.averaging == averaging
        and (not limit.sites or site in limit.sites)
        and (not limit.source_types or source_type in limit.source_types)
        and limit.valid_from <= day
        and (limit.valid_to is None or day < limit.valid_to)
    ]
    chosen = []
    for side in ("high", "low"):
        of_side = [limit for limit in fitting if limit.side == side]
        holding = [limit for limit in of_side if holds(limit.condition, day, water)]
        if holding:
            best = min(holding, key=_precedence)
            chosen.append(_used(best, day, of_side, water))
    return chosen


def holds(condition: Condition | None, day: dt.date, water: float | None) -> bool:
    """Whether all of a condition is true; one that cannot be answered is not."""
    if condition is None:
        return True
    if condition.months and day.month not in condition.months:
        return False
    return condition.water_at_most is None or (water is not None and water <= condition.water_at_most)


def _precedence(limit: FormalLimit) -> tuple[int, bool, float, float, str]:
    """Higher level, then the one with a condition that is true, then the stricter, then the newer."""
    strict = limit.value if limit.side == "high" else -limit.value
    return LEVELS.index(limit.level), limit.condition is None, strict, -limit.valid_from.toordinal(), limit.standard


def _used(best: FormalLimit, day: dt.date, others: list[FormalLimit], water: float | None) -> LimitUsed:
    name = LEVEL_NAMES[best.level]
    standard, edition = source_text(best.standard), source_text(best.edition)
    zh = f"{name.zh} {standard.zh}（{edition.zh} 版）在 {day.isoformat()} 有效"
    en = f"{name.en} {standard.en} (edition {edition.en}) in force on {day.isoformat()}"
    if best.condition is not None:
        zh, en = f"{zh}，条件成立：{best.condition.text().zh}", f"{en}, its condition holds: {best.condition}"
    lower = [each for each in others if LEVELS.index(each.level) > LEVELS.index(best.level)]
    if lower:
        names = [source_text(each) for each in sorted({each.standard for each in lower})]
        zh, en = (
            f"{zh}，优先于 {'、'.join(each.zh for each in names)}",
            f"{en}, before {', '.join(each.en for each in names)}",
        )
    asked = [each for each in others if each.condition is not None and each.condition.water_at_most is not None]
    if asked and water is None:
        zh, en = f"{zh}；水温未知，不适用低温限值", f"{en}; water temperature unknown, so no limit for cold water"
    return LimitUsed(
        value=best.value,
        side=best.side,
        level=best.level,
        standard=best.standard,
        edition=best.edition,
        clause=best.clause,
        source=best.source,
        confirmed=best.confirmed,
        why=Text(zh, en),
        condition="" if best.condition is None else str(best.condition),
        times=best.times,
    )
