"""Event-time points: everybody computes the same one, by the city's clock."""

import datetime as dt
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from streams.fit_points import HOUR_MS, NEVER, FitPoints

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
TIMES = st.integers(946_684_800_000, 4_102_444_800_000)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


def test_a_daily_point_is_an_hour_of_the_citys_clock() -> None:
    points = FitPoints(SHANGHAI, 3, 0)
    assert points.newest(at("2015-08-12T03:00")) == at("2015-08-12T03:00")
    assert points.newest(at("2015-08-12T03:00") - 1) == at("2015-08-11T03:00")
    assert points.newest(at("2015-08-12T23:59")) == at("2015-08-12T03:00")
    summer = FitPoints(BERLIN, 6, 0)
    assert summer.newest(at("2026-03-29T12:00", BERLIN)) == at("2026-03-29T06:00", BERLIN)


def test_points_each_few_hours_stand_on_the_citys_midnight() -> None:
    points = FitPoints(SHANGHAI, NEVER, 6)
    assert points.newest(at("2015-08-12T05:59")) == at("2015-08-12T00:00")
    assert points.newest(at("2015-08-12T06:00")) == at("2015-08-12T06:00")
    assert FitPoints(SHANGHAI, 3, 6).newest(at("2015-08-12T04:00")) == at("2015-08-12T03:00")
    assert FitPoints(SHANGHAI, NEVER, 0).newest(at("2015-08-12T04:00")) is None


@given(TIMES, st.integers(0, 23), st.integers(0, 48))
def test_a_point_is_reached_is_its_own_newest_and_is_never_far(time: int, hour: int, every: int) -> None:
    points = FitPoints(SHANGHAI, hour, every)
    point = points.newest(time)
    assert point is not None and time - 25 * HOUR_MS < point <= time
    assert points.newest(point) == point
