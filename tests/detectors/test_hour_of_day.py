"""The hour of the day that knows the week: an office is quiet on Sundays, and what is usual on a Monday is not then."""

from functools import cache

import numpy as np
import pytest

from detectors.hour_of_day import HourOfDay
from detectors.kernel import Kernel
from detectors.registry import settings_problems
from detectors.series import BLOCKS
from tests.detectors.small_pack import START, domain, quantity
from tests.detectors.written_log import Log
from topics.finding import Finding

HOUR = 3_600_000
DAY = 24
WEEK = 7 * DAY
#: Read each half hour.
STEPS = 2
#: The log begins on a Wednesday; this is 10 o'clock of the Sunday in its fifth week.
SUNDAY = 4 * WEEK + 4 * DAY + 10
#: An office that is closed at weekends and one that works on Saturdays; of each one where somebody leaves everything
#: on over that Sunday's noon.
CLOSED, CLOSED_SPOILT = "office/p1/load/Rtd", "office/p2/load/Rtd"
WORKED, WORKED_SPOILT = "shop/p1/load/Rtd", "shop/p2/load/Rtd"
OFFICES = {CLOSED: 5, CLOSED_SPOILT: 5, WORKED: 6, WORKED_SPOILT: 6}


def kernel(cells: int) -> Kernel:
    load = quantity(interval_s=3600 // STEPS, resolution=0.5, detectors=("hour_of_day",))
    return Kernel(domain({"load": load}, {"hour_of_day": {"cells": cells}}), "readings.trial", 0)


def usual(hour: int, days_open: int) -> float:
    """100 while people are in, 20 while they are not."""
    monday_is_0 = (hour // DAY + 2) % 7
    return 100.0 if monday_is_0 < days_open and 8 <= hour % DAY < 18 else 20.0


@cache
def weeks() -> Log:
    """Five weeks of the offices."""
    noise = np.random.default_rng(5)
    log = Log()
    for step in range(5 * WEEK * STEPS):
        hour = step // STEPS
        for series, days_open in OFFICES.items():
            left_on = series.split("/")[1] == "p2" and SUNDAY <= hour < SUNDAY + 4
            value = 100.0 if left_on else usual(hour, days_open)
            log.read(series, START + step * HOUR // STEPS, value + float(noise.normal(0, 1.5)))
    return log


@cache
def played(cells: int) -> dict[str, list[int]]:
    """Hours at which something was found, by series."""
    return opened(weeks().play(kernel(cells)).findings)


def opened(found: list[Finding]) -> dict[str, list[int]]:
    hours: dict[str, list[int]] = {}
    for each in found:
        if each.phase == "open":
            hours.setdefault(each.subject, []).append((each.time - START) // HOUR)
    return hours


def test_a_table_of_the_week_finds_what_is_left_on_over_sunday_and_nothing_else() -> None:
    assert played(168) == {CLOSED_SPOILT: [SUNDAY], WORKED_SPOILT: [SUNDAY]}


def test_a_table_of_weekdays_and_weekends_does_so_where_saturday_is_as_sunday() -> None:
    assert (played(48).get(CLOSED), played(48).get(CLOSED_SPOILT)) == (None, [SUNDAY])
    assert SUNDAY not in played(48).get(WORKED_SPOILT, [])  # 100 is usual on half of these weekends' days


def test_the_table_of_24_hours_misses_it() -> None:
    """To it ten o'clock is mostly 100 and sometimes 20, on any day."""
    assert not any(SUNDAY in hours for hours in played(24).values())


def test_another_table_begins_anew_and_says_nothing_until_each_of_its_hours_has_come_twice() -> None:
    first, second = kernel(24), kernel(168)
    half = 2 * WEEK * STEPS * len(OFFICES)
    weeks().play(first, stop=half)
    for block in range(BLOCKS):
        second.load(first.export(block), half)
    assert opened(weeks().play(second, start=half).findings) == {CLOSED_SPOILT: [SUNDAY], WORKED_SPOILT: [SUNDAY]}


@pytest.mark.parametrize(("cells", "hours"), [(48, (24, 47)), (168, (0, 167))])
def test_the_week_begins_on_monday(cells: int, hours: tuple[int, int]) -> None:
    """Saturday 00:00 and Sunday 23:00 of the city, or Monday 00:00 and Sunday 23:00."""
    monday = (START + 8 * HOUR) // HOUR + 5 * DAY
    first, last = monday + (5 * DAY if cells == 48 else 0), monday + WEEK - 1
    detector = HourOfDay(cells=cells)
    assert (detector._line(first), detector._line(last)) == hours
    np.testing.assert_array_equal(detector._line(np.array([first, last])), hours)


def test_other_tables_are_refused() -> None:
    (problem,) = settings_problems(domain(detectors={"hour_of_day": {"cells": 25}}))
    assert problem == "detectors.hour_of_day.cells: expected one of (24, 48, 168), got 25"
