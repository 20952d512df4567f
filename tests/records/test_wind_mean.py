"""The mean of winds: across north, by speed, in still air, and however the compass is turned."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.wind_mean import Told, WindMean, wind_mean

DEGREES = st.integers(0, 359).map(float)


def of(*told: tuple[float, float | None]) -> WindMean:
    return wind_mean([Told(*each) for each in told])


def test_across_north_the_mean_is_north_and_not_south() -> None:
    assert of((350.0, 2.0), (10.0, 2.0)) == WindMean(0.0, 2.0, 10.0)
    assert of((359.9, None), (359.9, None)).from_deg == 359.9
    assert of((359.98, None)).from_deg == 0.0, "rounded, it is north, which is 0 and not 360"


def test_a_strong_gust_counts_for_more_than_a_breath_and_unknown_speeds_count_alike() -> None:
    assert of((90.0, 3.0), (180.0, 1.0)).from_deg == 108.4
    assert of((90.0, 3.0), (180.0, None)).from_deg == 135.0
    assert of((90.0, 3.0), (180.0, None)).speed_ms == 3.0
    assert of((90.0, 0.0), (180.0, 0.0)) == WindMean(135.0, 0.0, 47.7)


def test_the_spread_is_none_of_one_nothing_where_all_agree_and_half_a_circle_where_they_cancel() -> None:
    assert of((200.0, 1.0)).spread_deg is None
    assert of((200.0, 1.0), (200.0, 5.0)).spread_deg == 0.0
    assert of((0.0, 1.0), (180.0, 1.0)).spread_deg == 180.0
    assert of((225.0, 2.0), (225.0, 2.0), (265.0, 2.0)).spread_deg == pytest.approx(19.1, abs=0.2)


@given(st.lists(st.tuples(DEGREES, st.floats(0.5, 30.0)), min_size=1, max_size=12), DEGREES)
def test_turning_the_compass_turns_the_mean_and_nothing_else(told: list[tuple[float, float]], turn: float) -> None:
    there = of(*told)
    turned = of(*(((degrees + turn) % 360, speed) for degrees, speed in told))
    assert turned.speed_ms == there.speed_ms
    assert (turned.spread_deg or 0.0) == pytest.approx(there.spread_deg or 0.0, abs=0.2)
    if (there.spread_deg or 0.0) < 90:  # where vectors cancel out the mean points anywhere
        assert abs((turned.from_deg - there.from_deg - turn + 180) % 360 - 180) < 0.2


@given(st.lists(st.tuples(DEGREES, st.floats(0.5, 30.0)), min_size=2, max_size=8))
def test_the_order_in_which_it_was_told_plays_no_part(told: list[tuple[float, float]]) -> None:
    mixed = sorted(told, key=lambda each: (each[1], each[0]))
    one, other = of(*told), of(*mixed)
    assert one.spread_deg == pytest.approx(other.spread_deg, abs=0.2)
