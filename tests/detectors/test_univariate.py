"""Series that stand alone: found, causal, cut anywhere, side by side without knowing of each other."""

import doctest
import math

import numpy as np
import pytest
from numpy.typing import NDArray

from detectors import univariate
from detectors.univariate import UnivariateDetector, UnivariateScores

STEP_MS = 1_800_000
DAY = 48
START_MS = 1_767_196_800_000
Array = NDArray[np.float64]


def days(count: int, series: int, seed: int = 1) -> tuple[Array, NDArray[np.int64]]:
    """A daily cycle with noise, half-hourly values, and gaps in one value of fifty."""
    noise = np.random.default_rng(seed)
    tick = np.arange(count * DAY)
    x = 10 + 3 * np.sin(2 * np.pi * tick / DAY)[:, None] + noise.normal(0, 0.3, (len(tick), series))
    x[noise.random(x.shape) < 0.02] = np.nan
    return x, START_MS + tick * STEP_MS


def judged(x: Array, t: NDArray[np.int64]) -> UnivariateScores:
    return UnivariateDetector(STEP_MS).update(x, t)


def test_the_example_in_the_text_is_true() -> None:
    assert doctest.testmod(univariate).failed == 0


def test_a_spike_and_a_shift_are_the_rarest_rows_of_their_series() -> None:
    x, t = days(12, 2)
    event = 10 * DAY
    x[event, 0] = 40.0
    x[event:, 1] += 6.0
    worst = np.nanargmax(judged(x, t).rarity[5 * DAY :], axis=0) + 5 * DAY
    assert worst[0] == event
    assert event <= worst[1] < event + 20


def test_a_value_that_is_usual_at_noon_is_odd_at_night_to_the_hour_of_day_alone() -> None:
    x, t = days(12, 1)
    night = 10 * DAY + DAY * 3 // 4
    x[night : night + 2] = 13.0
    parts = {name: int(np.argmax(part[5 * DAY :])) + 5 * DAY for name, part in judged(x, t).parts.items()}
    assert parts["hour_of_day"] in (night, night + 1)
    assert parts["new_extreme"] not in (night, night + 1)


def test_any_cut_into_calls_gives_the_same() -> None:
    x, t = days(4, 2)
    whole = judged(x, t)
    detector = UnivariateDetector(STEP_MS)
    parts = [detector.update(x[a:b], t[a:b]) for a, b in ((0, 1), (1, 2), (2, 150), (150, 151), (151, len(x)))]
    for name in ("rarity", "news", "ready"):
        cut = np.concatenate([getattr(part, name) for part in parts])
        np.testing.assert_array_equal(cut, getattr(whole, name))


def test_what_comes_later_changes_nothing_that_was_said() -> None:
    x, t = days(4, 1)
    other = x.copy()
    other[150:] = -1e6
    np.testing.assert_array_equal(judged(x, t).rarity[:150], judged(other, t).rarity[:150])


def test_a_series_says_the_same_alone_and_among_others() -> None:
    x, t = days(4, 3)
    x[:, 2] *= 1000
    np.testing.assert_array_equal(judged(x, t).rarity[:, [1]], judged(x[:, [1]], t).rarity)


def test_missing_values_and_series_that_never_came_say_nothing_and_raise_nothing() -> None:
    x, t = days(4, 2)
    x[:, 1] = np.nan
    said = judged(x, t)
    assert np.isnan(said.rarity[:, 1]).all()
    assert not said.ready[:, 1].any()
    assert (said.news[:, 1] == 0).all()
    assert (np.isnan(said.rarity[:, 0]) == np.isnan(x[:, 0])).all()


def test_a_flat_line_that_moves_by_a_hair_is_not_endlessly_odd() -> None:
    x, t = days(4, 1)
    x[:] = 5.0
    x[180] = 5.001
    said = judged(x, t)
    assert np.isfinite(said.rarity).all()
    assert said.rarity[180, 0] > 1.5
    assert said.rarity[179, 0] == 0.0


def test_a_clock_set_back_brings_rows_that_are_not_judged() -> None:
    x, t = days(4, 1)
    x = np.nan_to_num(x, nan=10.0)
    t = t.copy()
    t[120:126] -= 6 * STEP_MS
    said = judged(x, t)
    assert np.isnan(said.rarity[120:126]).all()
    assert np.isfinite(said.rarity[126:]).all()


def test_history_can_be_learnt_without_asking() -> None:
    x, t = days(4, 1)
    learnt = UnivariateDetector(STEP_MS).partial_fit(x[:150], t[:150]).update(x[150:], t[150:])
    np.testing.assert_array_equal(learnt.rarity, judged(x, t).rarity[150:])


def test_times_may_be_numpy_times_and_one_series_a_plain_list() -> None:
    t = np.datetime64("2026-01-01", "s") + np.arange(5) * np.timedelta64(600, "s")
    assert UnivariateDetector(STEP_MS).update([1.0, 2.0, math.nan, 3.0, 4.0], t).rarity.shape == (5, 1)


def test_shapes_that_do_not_fit_are_refused() -> None:
    detector = UnivariateDetector(STEP_MS)
    with pytest.raises(ValueError, match=r"t: expected a time for each of 3 ticks, got shape \(2,\)"):
        detector.update(np.zeros((3, 2)), np.arange(2))
    detector.update(np.zeros((3, 2)), np.arange(3))
    with pytest.raises(ValueError, match="x: expected 2 series as before, got 1"):
        detector.update(np.zeros(3), np.arange(3))
    with pytest.raises(ValueError, match=r"x: expected shape \(ticks,\) or \(ticks, series\)"):
        detector.update(np.zeros((1, 1, 1)), np.arange(1))
