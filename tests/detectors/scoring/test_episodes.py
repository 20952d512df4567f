"""Events found, alarms for nothing, delays."""

import math

from detectors.scoring.episodes import episode_scores


def test_two_events_one_found_late_one_missed_and_one_alarm_for_nothing() -> None:
    #         0  1  2  3  4  5  6  7  8  9 10 11
    labels = [0, 0, 1, 1, 1, 0, 0, 0, 0, 1, 1, 0]
    flags = [0, 0, 0, 0, 1, 1, 0, 1, 0, 0, 0, 0]
    got = episode_scores(labels, flags)
    assert (got.labelled, got.found, got.false, got.alarms) == (2, 1, 1, 2)
    assert got.delays == (2,)
    assert got.median_delay == 2


def test_an_alarm_that_never_ends_finds_all_and_tells_nobody_anew() -> None:
    labels = [0, 1, 1, 0, 0, 1, 0]
    got = episode_scores(labels, [1] * 7)
    assert (got.found, got.already_standing, got.false, got.alarms) == (2, 2, 0, 1)
    assert got.delays == ()
    assert math.isnan(got.median_delay)


def test_an_alarm_that_opens_with_the_event_has_no_delay_even_in_the_first_row() -> None:
    assert episode_scores([1, 1, 0], [1, 0, 0]).delays == (0,)
    assert episode_scores([0, 1, 0], [0, 1, 0]).delays == (0,)
    assert episode_scores([0, 0, 1], [1, 0, 1]).delays == (0,), "what stood before it has fallen meanwhile"
    late = episode_scores([0, 0, 1], [0, 1, 1])
    assert (late.already_standing, late.delays) == (1, ()), "it had risen just before"


def test_an_alarm_that_falls_and_comes_again_in_an_event_is_two_alarms_and_one_event_found() -> None:
    got = episode_scores([0, 1, 1, 1, 1], [0, 1, 0, 1, 0])
    assert (got.found, got.alarms, got.false) == (1, 2, 0)


def test_a_quiet_day() -> None:
    got = episode_scores([0, 0, 0], [0, 0, 0])
    assert (got.labelled, got.found, got.false, got.alarms) == (0, 0, 0, 0)
