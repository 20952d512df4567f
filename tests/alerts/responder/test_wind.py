"""Which wind a card reckons with: the mean of the last minutes, a calm, a variable one, and what is no direction."""

import pytest

from alerts.responder.reference import CardTerms
from alerts.responder.wind import Wind, wind_at
from records.history import ListHistory
from tests.alerts.responder.port import FIRE, MAST, MINUTE, port, winds
from topics.reading import Reading

TERMS = CardTerms("test", wind_direction="a01008", wind_speed="a01007")
POINT = (39.03972, 117.73657)


def said(quantity: str, minute: float, value: float, flag: str = "") -> Reading:
    return Reading(f"air-1/mast/{quantity}/Rtd", round(FIRE + minute * MINUTE), value, flag=flag)


def wind(history: ListHistory) -> Wind:
    found = wind_at(port(MAST), history, TERMS, POINT, FIRE)
    assert isinstance(found, Wind), found
    return found


@pytest.mark.parametrize(
    ("degrees", "named"),
    [(0.0, "North"), (22.0, "North"), (23.0, "North-east"), (90.0, "East"), (225.0, "South-west"), (337.6, "North"),
     (360.0, "North")],
)  # fmt: skip
def test_a_wind_is_named_by_where_it_comes_from(degrees: float, named: str) -> None:
    found = wind(winds((-5, degrees, 3.0)))
    assert (found.from_deg, found.point.en) == (degrees % 360, named)


def test_a_speed_is_that_of_the_direction_and_never_one_of_long_before() -> None:
    """The speed's instrument fell silent at -40 min; then both come again, the speed seconds later."""
    lost = [said("a01007", -40, 9.0), said("a01008", -40, 90.0), said("a01008", -5, 270.0)]
    assert (wind(ListHistory(lost)).from_deg, wind(ListHistory(lost)).speed_ms) == (270.0, None)
    again = ListHistory([*lost, said("a01007", -6, 4.0), said("a01007", -4.9, 3.0)])
    assert wind(again).speed_ms == 3.0
    later = ListHistory([said("a01008", -0.1, 270.0), said("a01007", 0.1, 7.0)])
    assert wind(later).speed_ms is None, "a card of a moment knows nothing of after it"


def test_in_a_calm_the_vane_is_not_believed() -> None:
    assert wind(winds((-1, 270.0, 0.2))).calm
    assert not wind(winds((-1, 270.0, 0.3))).calm
    assert not wind(ListHistory([said("a01008", -1, 270.0)])).calm, "an unknown speed is no calm"


def test_one_minutes_gust_does_not_turn_the_sector() -> None:
    """Nine minutes of south-west and the last of east: the mean is of the ten, and says so."""
    steady = [(-minute, 225.0, 4.0) for minute in range(1, 10)]
    found = wind(winds(*steady, (0, 90.0, 4.0)))
    assert found.point.en == "South-west" and 212 < found.from_deg < 225
    assert (found.minutes, found.of_minutes, found.time) == (10, 10, FIRE)
    assert found.spread_deg is not None and 25 < found.spread_deg < 50 and not found.variable
    assert wind(winds(*steady)).from_deg == 225.0 and wind(winds(*steady)).minutes == 9


def test_what_is_older_than_the_mean_or_after_the_moment_is_not_in_it() -> None:
    found = wind(winds((-13, 0.0, 9.0), (-3, 200.0, 2.0), (-1, 200.0, 4.0), (1, 0.0, 9.0)))
    assert (found.from_deg, found.speed_ms, found.minutes, found.time) == (200.0, 3.0, 2, FIRE - MINUTE)
    long_silent = wind(winds((-45, 200.0, 2.0), (-40, 210.0, 2.0)))
    assert (long_silent.from_deg, long_silent.minutes, long_silent.time) == (205.0, 2, FIRE - 40 * MINUTE)
    assert wind_at(port(MAST), winds((-61, 200.0, 2.0)), TERMS, POINT, FIRE) == "no-reading"


def test_minutes_are_counted_not_readings_and_of_two_of_one_time_the_last_holds() -> None:
    every_ten_s = [said("a01008", -second / 60, 45.0) for second in range(0, 180, 10)]
    found = wind(ListHistory([*every_ten_s, said("a01008", -5, 300.0), said("a01008", -5, 45.0)]))
    assert (found.minutes, found.from_deg, found.speed_ms) == (4, 45.0, None)


def test_a_wind_from_all_sides_is_variable_and_says_nothing_of_downwind() -> None:
    round_the_compass = wind(winds(*((-minute, 90.0 * minute, 2.0) for minute in range(8))))
    assert round_the_compass.variable and not round_the_compass.calm and round_the_compass.downwind_from is None
    lulls = wind(winds((-2, 225.0, 0.2), (-1, 45.0, 0.1), (0, 135.0, 0.2)))
    assert lulls.calm and lulls.downwind_from is None
    assert wind(winds((-1, 45.0, 2.0), (0, 90.0, 2.0))).downwind_from == 67.5


def test_the_pack_says_over_how_long_and_by_which_source() -> None:
    five = CardTerms("test", wind_direction="a01008", wind_speed="a01007", wind_mean_s=300.0, wind_mean_source="ours")
    found = wind_at(port(MAST), winds((-6, 0.0, 2.0), (-1, 90.0, 2.0)), five, POINT, FIRE)
    assert isinstance(found, Wind)
    assert (found.from_deg, found.minutes, found.of_minutes, found.mean_source) == (90.0, 1, 5, "ours")
    assert wind(winds((-1, 90.0, 2.0))).mean_source == "test"


def test_what_is_marked_wrong_or_is_no_direction_is_passed_over() -> None:
    found = wind(
        ListHistory([said("a01008", -9, 200.0, "N"), said("a01008", -3, 700.0), said("a01008", -2, 90.0, "D")])
    )
    assert (found.from_deg, found.time) == (200.0, FIRE - 9 * MINUTE)
