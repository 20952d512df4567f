"""Periods of the city's calendar as texts: a day, a month, a year; their bounds, the ones before, their parts. Pure."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal, TypeAlias

Unit: TypeAlias = Literal["day", "month", "year"]

CITY = dt.timezone(dt.timedelta(hours=8))
#: The first year that makes sense of a store.
FIRST, LAST = 2000, 2099


@dataclass(frozen=True, slots=True)
class Period:
    """``2026-11-27``, ``2026-11`` or ``2026``."""

    name: str
    unit: Unit
    first: dt.date

    @property
    def start(self) -> int:
        """Its first moment, ms UTC."""
        return _begins(self.first)

    @property
    def end(self) -> int:
        """The first moment after it, ms UTC."""
        return _begins(self._after())

    def before(self) -> "Period":
        """The day, month or year before."""
        last = self.first - dt.timedelta(days=1)
        return period(_name(last, self.unit))

    def year_before(self) -> "Period":
        """The same day, month or year a year before; the 28th for the 29th of February."""
        year = self.first.year - 1
        leap = (self.first.month, self.first.day) == (2, 29)
        return period(_name(self.first.replace(year=year, day=28 if leap else self.first.day), self.unit))

    def parts(self, until: int | None = None) -> list[int]:
        """The bounds of its hours, days or months, at most up to ``until``, which then is the last bound."""
        bounds, place = [], self.first
        if self.unit == "day":
            bounds = [self.start + hour * 3_600_000 for hour in range(25)]
        else:
            while place < self._after():
                bounds.append(_begins(place))
                place = place + dt.timedelta(days=1) if self.unit == "month" else _next_month(place)
            bounds.append(self.end)
        if until is None or until >= self.end:
            return bounds
        return [each for each in bounds if each < until] + [until]

    def _after(self) -> dt.date:
        if self.unit == "day":
            return self.first + dt.timedelta(days=1)
        return _next_month(self.first) if self.unit == "month" else self.first.replace(year=self.first.year + 1)


def period(text: str) -> Period:
    """The period of a text. Raises ``ValueError`` for one that is none."""
    parts = text.split("-")
    try:
        numbers = [int(each) for each in parts if each.isdecimal()]
        unit: Unit = ("year", "month", "day")[len(numbers) - 1]
        first = dt.date(*[*numbers, 1, 1][:3])
    except (ValueError, TypeError, IndexError) as error:
        raise ValueError(f"period: expected YYYY, YYYY-MM or YYYY-MM-DD, got {text!r}") from error
    if _name(first, unit) != text or not FIRST <= first.year <= LAST:
        raise ValueError(f"period: expected YYYY, YYYY-MM or YYYY-MM-DD of {FIRST} to {LAST}, got {text!r}")
    return Period(text, unit, first)


def period_at(time: int, unit: Unit) -> Period:
    """The period in which a moment lies."""
    return period(_name(dt.datetime.fromtimestamp(time / 1000, CITY).date(), unit))


def _name(day: dt.date, unit: Unit) -> str:
    return day.isoformat()[: {"day": 10, "month": 7, "year": 4}[unit]]


def _next_month(day: dt.date) -> dt.date:
    return dt.date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _begins(day: dt.date) -> int:
    return int(dt.datetime.combine(day, dt.time(), CITY).timestamp() * 1000)
