"""The city's days: they begin at its midnight, in the afternoon of the day before by UTC, and are all as long."""

import datetime as dt
import doctest

from hypothesis import given
from hypothesis import strategies as st

from topics import city_zone
from topics.city_zone import CITY_ZONE, DAY_MS, day_of, day_start
from topics.reading import EARLIEST_MS, LATEST_MS

MIDNIGHT = 1_439_308_800_000  # 2015-08-12


def test_the_examples_hold() -> None:
    assert doctest.testmod(city_zone).failed == 0


def test_a_day_is_the_citys() -> None:
    assert day_start(MIDNIGHT) == MIDNIGHT
    assert day_start(MIDNIGHT + DAY_MS - 1) == MIDNIGHT
    assert day_start(MIDNIGHT - 1) == MIDNIGHT - DAY_MS


@given(st.integers(EARLIEST_MS, LATEST_MS))
def test_it_is_the_day_that_the_calendar_shows_there(time_ms: int) -> None:
    shown = dt.datetime.fromtimestamp(time_ms // 1000, CITY_ZONE)
    assert day_of(time_ms) == (shown.date() - dt.date(1970, 1, 1)).days
    assert day_start(time_ms) == dt.datetime.combine(shown.date(), dt.time(), CITY_ZONE).timestamp() * 1000
