"""Courses of temperature: what counts, what is forgiven, and the published mean kinetic temperature."""

import pytest

from detectors.rules.cold_chain import Budget, Point, judge_course, mean_kinetic

MIN = 60_000
MEDICINE = Budget(2.0, 8.0, allowed_s=1800, source="the test", confirmed=True, grace_s=600, dose=200.0)


def course(*values: float, excused: tuple[int, ...] = ()) -> list[Point]:
    return [Point(number * 5 * MIN, value, number in excused) for number, value in enumerate(values)]


def test_the_mean_kinetic_temperature_of_a_day_with_one_hot_hour() -> None:
    assert mean_kinetic([(5.0, 23), (25.0, 1)]) == pytest.approx(7.7564, abs=1e-4)
    assert mean_kinetic([(5.0, 3)]) == pytest.approx(5.0)
    assert mean_kinetic([]) is None


def test_time_beyond_the_limits_adds_up_over_excursions_until_the_budget_is_spent() -> None:
    fine = judge_course(course(5, 9, 9, 5, 9, 9, 5), MEDICINE, 35 * MIN)
    assert (fine.beyond_s, fine.dose, fine.spoilt) == (1200, 20.0, False)
    assert fine.windows == ((5 * MIN, 15 * MIN), (20 * MIN, 30 * MIN))
    assert judge_course(course(5, 9, 9, 9, 5, 1, 1, 1, 1, 5), MEDICINE, 50 * MIN).spoilt
    assert judge_course(course(5, 60, 5), MEDICINE, 15 * MIN).spoilt  # short, but the dose is too large
    whole = judge_course(course(5, 48, 5), MEDICINE, 15 * MIN), judge_course(course(5, *[9] * 6, 5), MEDICINE, 40 * MIN)
    assert [(each.dose, each.beyond_s, each.spoilt) for each in whole] == [(200.0, 300, False), (30.0, 1800, False)]


def test_a_door_is_forgiven_for_the_grace_and_counts_whole_beyond_it() -> None:
    assert judge_course(course(5, 9, 9, 5, excused=(1, 2)), MEDICINE, 20 * MIN).beyond_s == 0
    assert judge_course(course(5, 9, 9, 9, 5, excused=(1, 2, 3)), MEDICINE, 25 * MIN).beyond_s == 900
    assert judge_course(course(5, 9, 9, 5, excused=(1,)), MEDICINE, 20 * MIN).beyond_s == 600


def test_silence_is_unproven_not_good() -> None:
    found = judge_course([Point(0, 9.0), Point(120 * MIN, 5.0)], MEDICINE, 120 * MIN)
    assert (found.beyond_s, found.unproven_s) == (1800, 5400)
