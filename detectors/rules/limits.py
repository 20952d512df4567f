"""Limits of a pack as arrays by (limit number, kind): editions picked by event date, never by today's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import numpy as np

from detectors.base import FloatArray
from topics.domain import Domain, Limit
from topics.scheme import Scheme

#: A limit holds from the beginning of a day of the city. China has one zone, UTC+8.
CITY = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class LimitTable:
    """``most`` limits for each kind; arrays of shape (most, kinds), NaN value where a kind has fewer.

    ``valid_to`` is the first moment at which a limit no longer holds.
    ``rank`` is the scheme's rank of the limit's severity; times in ms UTC; ``side`` +1 high, -1 low.
    """

    most: int
    value: FloatArray
    side: FloatArray
    rank: FloatArray
    hold_ms: FloatArray
    deadband: FloatArray
    valid_from: FloatArray
    valid_to: FloatArray
    #: By kind: up to here no high limit of any edition is passed, down to here no low one.
    highest_safe: FloatArray
    lowest_safe: FloatArray

    def line(self, k: int, code: Any) -> tuple[Any, ...]:
        """Value, side, rank, hold, deadband and validity of the k-th limit: of each row's kind, or of one kind."""
        fields = (self.value, self.side, self.rank, self.hold_ms, self.deadband, self.valid_from, self.valid_to)
        return tuple(each[k, code] for each in fields)


def day_ms(day: date) -> float:
    """The beginning of a day of the city, ms UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=CITY).astimezone(UTC).timestamp() * 1000.0


def most_limits(domain: Domain) -> int:
    """The greatest number of limits that one statistic of one quantity has: fixes the shape of the state."""
    counts = [0]
    for quantity in domain.quantities.values():
        statistics = [limit.statistic for limit in quantity.limits]
        counts += [statistics.count(each) for each in set(statistics)]
    return max(counts)


def limit_table(domain: Domain, scheme: Scheme, kinds: Sequence[tuple[Limit, ...]]) -> LimitTable:
    """The table of these kinds' limits."""
    most = most_limits(domain)
    shape = (most, len(kinds))
    table = LimitTable(
        most,
        value=np.full(shape, np.nan),
        side=np.ones(shape),
        rank=np.zeros(shape),
        hold_ms=np.zeros(shape),
        deadband=np.zeros(shape),
        valid_from=np.full(shape, -np.inf),
        valid_to=np.full(shape, np.inf),
        highest_safe=np.full(len(kinds), np.inf),
        lowest_safe=np.full(len(kinds), -np.inf),
    )
    for code, limits in enumerate(kinds):
        for k, limit in enumerate(limits):
            table.value[k, code] = limit.value
            table.side[k, code] = 1.0 if limit.side == "high" else -1.0
            table.rank[k, code] = scheme.rank(limit.severity)
            table.hold_ms[k, code] = limit.hold_s * 1000.0
            table.deadband[k, code] = limit.deadband
            table.valid_from[k, code] = day_ms(limit.valid_from)
            table.valid_to[k, code] = np.inf if limit.valid_to is None else day_ms(limit.valid_to)
            if limit.side == "high":
                table.highest_safe[code] = min(table.highest_safe[code], limit.value)
            else:
                table.lowest_safe[code] = max(table.lowest_safe[code], limit.value)
    return table


def late_breaches(limits: Sequence[Limit], value: float, time_ms: int) -> list[Limit]:
    """Limits without a holding time that a single late value breaks, by the date of the value."""
    broken = []
    for limit in limits:
        end = float("inf") if limit.valid_to is None else day_ms(limit.valid_to)
        beyond = value > limit.value if limit.side == "high" else value < limit.value
        if limit.hold_s == 0 and beyond and day_ms(limit.valid_from) <= time_ms < end:
            broken.append(limit)
    return broken
