"""The key figures of one desk over one stretch of event time. Pure: a record, the stretch and the rates in.

Everything is as it stood at the end of the stretch: what happened later, though it may be on record, is
left out. Shares are fractions of one; times are ms UTC, durations say their unit.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from alerts.kpi.annunciation import Annunciation
from alerts.kpi.mix import PRIORITIES, RECOMMENDED
from alerts.kpi.rates import Rates
from alerts.kpi.record import Record

TEN_MINUTES_MS = 600_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000

#: From a code of a severity and the key it came under to its priority (mix.py).
Priority = Callable[[str, str], str]


class Burst(msgspec.Struct, frozen=True):
    """A key that chatters: how often it sounded within bursts, and the most in one window."""

    key: str
    alarms: int
    most: int


def figures(record: Record, start: int, end: int, priority: Priority) -> dict[str, Any]:
    """All figures of (start, end]. Raises ``ValueError`` where that is empty."""
    if start >= end:
        raise ValueError(f"figures: expected from < to, got {start} and {end}")
    rates, sounded = record.rates, record.between(start, end)
    peak, peak_at = record.floods.peak(start, end)
    bursts, chattering = chatter(sounded, rates)
    return {
        "from": start,
        "to": end,
        "alarms": len(sounded),
        "now": record.floods.rate(end),
        "average": {
            "per_10_min": _per(len(sounded), end - start, TEN_MINUTES_MS),
            "per_hour": _per(len(sounded), end - start, HOUR_MS),
            "per_day": _per(len(sounded), end - start, DAY_MS),
        },
        "peak": {"alarms": peak, "at": peak_at},
        "flood": _flood(record, start, end),
        "chattering": {"keys": len(bursts), "alarms": len(chattering), "worst": bursts[: rates.top]},
        "fleeting": sum(_fleeting(each, end, rates) and each not in chattering for each in sounded),
        "stale": _stale(record, start, end),
        "top": _top(sounded, rates.top),
        "mix": _mix(sounded, priority),
        "unacknowledged": _unacknowledged(record, sounded, end),
    }


def chatter(sounded: Sequence[Annunciation], rates: Rates) -> tuple[list[Burst], set[Annunciation]]:
    """The keys that chatter, the worst first, and every annunciation that is part of a burst."""
    by_key: dict[str, list[Annunciation]] = {}
    for each in sounded:
        by_key.setdefault(each.key, []).append(each)
    bursts, all_of_them = [], set[Annunciation]()
    for key, mine in by_key.items():
        within: set[Annunciation] = set()
        most = behind = 0
        for place, each in enumerate(mine):
            while mine[behind].time < each.time - rates.chatter_within_ms:
                behind += 1
            if place + 1 - behind >= rates.chatter_times:
                within.update(mine[behind : place + 1])
                most = max(most, place + 1 - behind)
        if within:
            bursts.append(Burst(key, len(within), most))
            all_of_them |= within
    return sorted(bursts, key=lambda burst: (-burst.alarms, burst.key)), all_of_them


def _per(count: int, stretch: int, unit: int) -> float:
    return round(count * unit / stretch, 3)


def _flood(record: Record, start: int, end: int) -> dict[str, Any]:
    floods = [flood for flood in record.floods.until(end) if flood.end is None or flood.end > start]
    lasted = sum(flood.overlap(start, end) for flood in floods)
    last = floods[-1] if floods else None
    return {
        "on": last is not None and last.end is None,
        "since": last.start if last is not None and last.end is None else None,
        "count": len(floods),
        "share_of_time": round(lasted / (end - start), 6),
        "longest_s": max((flood.overlap(flood.start, end) for flood in floods), default=0) / 1000,
        "periods": [{"start": flood.start, "end": flood.end} for flood in floods[-100:]],
    }


def _fleeting(each: Annunciation, end: int, rates: Rates) -> bool:
    """Over by itself, before anybody could have answered."""
    returned = _by(each.returned, end)
    if returned is None or returned - each.time > rates.fleeting_within_ms:
        return False
    answered = _by(each.answered, end)
    return answered is None or answered >= returned


def _stale(record: Record, start: int, end: int) -> dict[str, Any]:
    """What has stood too long at the end, and how many came to stand too long in the stretch."""
    after = record.rates.stale_after_ms
    old = [
        each
        for each in record.stood
        if each.start + after <= end and (each.end is None or each.end > each.start + after)
    ]
    now = sorted((each for each in old if _by(each.end, end) is None), key=lambda each: (each.start, each.alarm))
    became = sum(start < each.start + after <= end for each in old)
    return {
        "now": len(now),
        "became": became,
        "per_day": _per(became, end - start, DAY_MS),
        "oldest": [{"alarm": each.alarm, "key": each.key, "since": each.start} for each in now[: record.rates.top]],
    }


def _top(sounded: Sequence[Annunciation], most: int) -> dict[str, Any]:
    counts = Counter(each.key for each in sounded)
    first = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]
    return {
        "share": _share(sum(count for _, count in first), len(sounded)),
        "keys": [{"key": key, "alarms": count, "share": _share(count, len(sounded))} for key, count in first],
    }


def _mix(sounded: Sequence[Annunciation], priority: Priority) -> dict[str, Any]:
    counts = Counter(priority(each.severity, each.key) for each in sounded)
    return {
        name: {"alarms": counts[name], "share": _share(counts[name], len(sounded)), "recommended": RECOMMENDED[name]}
        for name in PRIORITIES
    }


def _unacknowledged(record: Record, sounded: Sequence[Annunciation], end: int) -> dict[str, Any]:
    """How long what sounded in the stretch went unanswered, and what waits at its end, from whenever it is."""
    answered = sorted(at - each.time for each in sounded if (at := _by(each.answered, end)) is not None)
    waiting = {each.alarm: each.time for each in reversed(record.sounded) if _waits(each, end)}
    return {
        "waiting": len(waiting),
        "oldest_s": (end - min(waiting.values())) / 1000 if waiting else None,
        "answered": len(answered),
        "mean_s": round(sum(answered) / len(answered) / 1000, 3) if answered else None,
        "p50_s": _percentile(answered, 50),
        "p95_s": _percentile(answered, 95),
        "longest_s": answered[-1] / 1000 if answered else None,
    }


def _waits(each: Annunciation, end: int) -> bool:
    return each.time <= end and _by(each.answered, end) is None


def _percentile(ordered: Sequence[int], percent: int) -> float | None:
    """The smallest value that at least so many percent do not exceed, in seconds."""
    return ordered[-(-len(ordered) * percent // 100) - 1] / 1000 if ordered else None


def _by(moment: int | None, end: int) -> int | None:
    """The moment, if it had come by ``end``."""
    return moment if moment is not None and moment <= end else None


def _share(part: int, whole: int) -> float:
    return round(part / whole, 6) if whole else 0.0
