"""A city's days that are not what their weekday says: public holidays, and weekend days that are worked to make up.

China's State Council names them anew for each year, so that they stand in a pack as facts, with their source.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from topics.errors import ConfigurationError

FACTS = "city_days"
SATURDAY, SUNDAY = 5, 6
_EPOCH = dt.date(1970, 1, 1)
#: The longest holiday that is believed; a longer one is a mistyped date.
MOST_DAYS = 31
_KEYS = {"source", "confirmed", "off", "worked"}


@dataclass(frozen=True, slots=True)
class CityDays:
    """``as_weekday``: by day since 1970-01-01 in the city, the weekday (Monday is 0) it is like, for days that are
    not like their own."""

    as_weekday: Mapping[int, int]

    def weekday(self, day: int) -> int:
        """The weekday that a day is like: Sunday for a holiday."""
        found = self.as_weekday.get(day)
        return (day + 3) % 7 if found is None else found  # 1970 began on a Thursday


def city_days(facts: Mapping[str, Any]) -> CityDays:
    """From the facts of a pack: ``[facts.city_days.<year>]`` with ``source``, ``confirmed`` and the lists ``off`` and
    ``worked`` of days (2026-10-01) or spans with both ends (2026-10-01/2026-10-07).

    A holiday is like a Sunday; a Saturday that is worked is like a Friday, a Sunday like a Monday. Raises
    ``ConfigurationError`` naming the year, the key, what was required and what came.
    """
    found: dict[int, int] = {}
    told = facts.get(FACTS, {})
    if not isinstance(told, Mapping):
        raise ConfigurationError(f"facts.{FACTS}: expected a table for each year, got {told!r}")
    for year, table in told.items():
        where = f"facts.{FACTS}.{year}"
        if not isinstance(table, Mapping) or set(table) - _KEYS:
            raise ConfigurationError(f"{where}: expected a table of {sorted(_KEYS)}, got {table!r}")
        for key, like in (("off", _holiday), ("worked", _worked)):
            for day in _days(f"{where}.{key}", year, table.get(key, [])):
                if day in found:
                    raise ConfigurationError(f"{where}.{key}: expected each day once, got {_date(day)} again")
                found[day] = like(f"{where}.{key}", day)
    return CityDays(found)


def _holiday(where: str, day: int) -> int:
    return SUNDAY


def _worked(where: str, day: int) -> int:
    weekday = _date(day).weekday()
    if weekday < SATURDAY:
        raise ConfigurationError(f"{where}: expected Saturdays and Sundays, got {_date(day)}, which is worked anyhow")
    return 4 if weekday == SATURDAY else 0


def _days(where: str, year: str, told: object) -> Iterator[int]:
    if not isinstance(told, list | tuple):
        raise ConfigurationError(f"{where}: expected a list of days, got {told!r}")
    for each in told:
        first, _, last = str(each).partition("/")
        try:
            begin, end = dt.date.fromisoformat(first), dt.date.fromisoformat(last or first)
        except ValueError:
            expected = "days as 2026-10-01 or 2026-10-01/2026-10-07"
            raise ConfigurationError(f"{where}: expected {expected}, got {each!r}") from None
        if {f"{begin.year}", f"{end.year}"} != {year} or not 0 <= (end - begin).days < MOST_DAYS:
            raise ConfigurationError(f"{where}: expected spans of at most {MOST_DAYS} days within {year}, got {each!r}")
        yield from range((begin - _EPOCH).days, (end - _EPOCH).days + 1)


def _date(day: int) -> dt.date:
    return _EPOCH + dt.timedelta(days=day)
