"""What a demonstration begins with: the day of both scenarios and the clock of their play."""

import pytest

from streams.sources.simulator.plays import clock_of, load_day
from streams.sources.simulator.script import load_script
from tests.streams.sources.simulator.plays import END, MIDNIGHT, clock
from topics.errors import ConfigurationError


def test_the_demonstration_plays_both_scenarios_on_one_clock() -> None:
    day = load_day()
    ids = {line.id for line in day.script.lines}
    assert {"first-fire", "cod-excursion"} <= ids
    city = clock_of(day.script, 0.0)
    assert city.start_ms == MIDNIGHT and city.end_ms == END
    assert city.speed(clock("12:00")) > 1000 and city.speed(clock("23:00")) <= 60
    assert city.wall(END) < 90_000


def test_a_play_may_be_cut_short_at_any_time() -> None:
    script = load_script("port-2015")
    for until in (clock("03:00"), clock("23:00"), END):
        city = clock_of(script, 5.0, until)
        assert city.end_ms == until and city.city(city.wall(until)) == until


def test_a_scenario_without_a_play_has_no_clock() -> None:
    with pytest.raises(ConfigurationError, match=r"city-day: expected a \[play\] part"):
        clock_of(load_script("city-day"), 0.0)
