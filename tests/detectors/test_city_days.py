"""An office over a public holiday and the Saturday that is worked for it; the days are of this test alone."""

import datetime as dt
from functools import cache
from typing import Any

import msgspec
import numpy as np
import pytest

from detectors.city_days import city_days
from detectors.hour_of_day import HourOfDay
from detectors.kernel import Kernel
from detectors.pack_tables import PackTables
from detectors.registry import DETECTORS
from tests.detectors.small_pack import START, domain, quantity
from tests.detectors.written_log import Log
from topics.codec import encode
from topics.domain import Domain
from topics.errors import ConfigurationError
from topics.published_pack import publish_form

HOUR, DAY = 3_600_000, 24
BEGIN = dt.datetime.fromtimestamp(START / 1000, dt.timezone(dt.timedelta(hours=8))).date()
#: In the fifth week: a Thursday and Friday off, and the Saturday before them worked.
OFF = (BEGIN + dt.timedelta(days=29), BEGIN + dt.timedelta(days=30))
WORKED = BEGIN + dt.timedelta(days=24)
FACTS = {
    str(BEGIN.year): {
        "source": "this test",
        "confirmed": False,
        "off": [f"{OFF[0]}/{OFF[1]}"],
        "worked": [str(WORKED)],
    }
}
#: An office, and one where somebody leaves everything on over the holiday's noon.
OFFICE, SPOILT = "office/p1/load/Rtd", "office/p2/load/Rtd"


def pack(cells: int, facts: dict[str, Any]) -> Domain:
    load = quantity(interval_s=1800, resolution=0.5, detectors=("hour_of_day",))
    made = domain({"load": load}, {"hour_of_day": {"cells": cells}})
    return msgspec.structs.replace(made, facts={"city_days": facts} if facts else {})


@cache
def weeks() -> Log:
    noise = np.random.default_rng(5)
    log = Log()
    for step in range(31 * DAY * 2):
        day, hour = BEGIN + dt.timedelta(days=step // 48), step // 2 % DAY
        open_today = (day.weekday() < 5 and day not in OFF) or day == WORKED
        for series in (OFFICE, SPOILT):
            left_on = series == SPOILT and day == OFF[0] and 11 <= hour < 15
            value = 100.0 if left_on or (open_today and 8 <= hour < 18) else 20.0
            log.read(series, START + step * HOUR // 2, value + float(noise.normal(0, 1.5)))
    return log


def found(cells: int, facts: dict[str, Any]) -> set[tuple[str, dt.date]]:
    findings = weeks().play(Kernel(pack(cells, facts), "readings.trial", 0)).findings
    return {(each.subject, _day(each.time)) for each in findings if each.phase == "open"}


def _day(time: int) -> dt.date:
    return dt.datetime.fromtimestamp(time / 1000, dt.timezone(dt.timedelta(hours=8))).date()


@pytest.mark.parametrize("cells", [48, 168])
def test_a_holiday_is_a_sunday_and_a_saturday_that_is_worked_a_friday(cells: int) -> None:
    assert _day(START) == BEGIN and (WORKED.weekday(), OFF[0].weekday()) == (5, 3)
    assert found(cells, FACTS) == {(SPOILT, OFF[0])}


def test_without_the_list_the_office_itself_is_odd_on_both() -> None:
    assert {(OFFICE, WORKED), (OFFICE, OFF[0])} <= found(48, {})


def test_each_day_is_looked_up_alike_alone_and_in_a_batch_over_midnight() -> None:
    detector = DETECTORS["hour_of_day"].build(PackTables(pack(168, FACTS)))
    assert isinstance(detector, HourOfDay)
    first = (OFF[0] - dt.date(1970, 1, 1)).days
    hours = np.arange((first - 7) * 24, (first + 4) * 24)
    alone = [detector._line(int(hour)) for hour in hours]
    np.testing.assert_array_equal(detector._line(hours), alone)
    by_day = {str(_day(int(hour) * HOUR - 8 * HOUR)): line // 24 for hour, line in zip(hours, alone, strict=True)}
    assert (by_day[str(OFF[0])], by_day[str(OFF[1])], by_day[str(WORKED)]) == (6, 6, 4)
    rest = {day: line for day, line in by_day.items() if day not in {*map(str, OFF), str(WORKED)}}
    assert rest == {day: dt.date.fromisoformat(day).weekday() for day in rest}


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"2026": {"off": ["2026-13-01"]}}, "facts.city_days.2026.off: expected days as 2026-10-01"),
        ({"2026": {"off": "2026-10-01"}}, "facts.city_days.2026.off: expected a list of days"),
        ({"2026": {"off": ["2025-12-31/2026-01-02"]}}, "expected spans of at most 31 days within 2026"),
        ({"2026": {"off": ["2026-10-07/2026-10-01"]}}, "expected spans of at most 31 days within 2026"),
        ({"2026": {"off": ["2026-10-01/2026-10-07", "2026-10-07"]}}, "expected each day once, got 2026-10-07 again"),
        ({"2026": {"worked": ["2026-10-09"]}}, "expected Saturdays and Sundays, got 2026-10-09"),
        ({"2026": {"of": ["2026-10-01"]}}, "facts.city_days.2026: expected a table of"),
        ([], "facts.city_days: expected a table for each year"),
    ],
)
def test_a_list_that_cannot_be_is_refused(facts: Any, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        city_days({"city_days": facts})


def test_a_sunday_that_is_worked_is_like_a_monday() -> None:
    days = city_days({"city_days": {"2026": {"worked": ["2026-10-11"]}}})
    assert days.weekday((dt.date(2026, 10, 11) - dt.date(1970, 1, 1)).days) == 0


def test_a_pack_on_the_topic_with_a_broken_list_changes_nothing() -> None:
    kernel = Kernel(pack(48, FACTS), "readings.trial", 0)
    broken = pack(48, {"2026": {"off": ["yesterday"]}})
    with pytest.raises(ValueError, match="expected days as"):
        kernel.force.obey("~config", "trial@1", encode(publish_form(broken, START)))
    assert kernel.force.chain.detectors["hour_of_day"].days.as_weekday  # type: ignore[attr-defined]
