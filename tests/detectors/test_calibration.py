"""Calibration: counts where there are counts, a Pareto tail beyond, caution where nothing is known."""

import numpy as np
import pytest

from detectors.base import FloatArray
from detectors.calibration import (
    FUSED,
    LEAST_SCORES,
    MOST_RARE,
    STEPS,
    alarm_rarity,
    calibrate,
    least_scores,
    pareto_moments,
    prior_table,
    rarity_of,
    step_of,
    step_scores,
    tail_rarity,
)


def test_steps_are_found_again_and_bound_their_scores() -> None:
    scores = step_scores()
    np.testing.assert_array_equal(step_of(scores)[1:], np.arange(len(scores))[1:])
    some = np.array([0.5, 1.0, 3.3, 47.0, 1e6])
    below, above = scores[step_of(some)], scores[step_of(some) + 1]
    assert ((below <= some) & (some < above)).all()
    assert (above / below < 1.04).all()
    assert list(step_of(np.array([np.nan, -np.inf, -1.0, 0.0, 1e-300]))) == [0] * 5
    assert list(step_of(np.array([2.0**24, 1e9, 1e300, np.inf]))) == [STEPS - 1] * 4


def test_rarity_is_the_share_of_scores_and_goes_on_beyond_them() -> None:
    """Scores with p = s^-4: rarity 4 log10 s, at 10,000 scores known by count to 4, by its tail beyond."""
    noise = np.random.default_rng(0)
    rarity = tail_rarity(noise.random(200_000) ** -0.25)
    for score, expected in ((1.5, 0.70), (3.0, 1.91), (10.0, 4.0), (30.0, 5.91)):
        assert rarity[step_of(np.array([score]))[0]] == pytest.approx(expected, abs=0.35), score
    assert (np.diff(rarity) >= 0).all()
    assert rarity[step_of(np.array([0.9]))[0]] == 0.0, "all scores are above it"
    assert rarity[-1] == MOST_RARE, "beyond that we do not claim to know"


def test_too_few_scores_are_refused_and_keep_the_prior() -> None:
    with pytest.raises(ValueError, match=f"expected at least {LEAST_SCORES} scores, got 5"):
        tail_rarity(np.ones(5))
    table = calibrate({"few": np.ones((5, len(FUSED)))})
    assert table.classes == ("",) and not table.known.any()


def test_before_any_data_a_score_of_two_is_nothing_and_one_of_twenty_is_rare() -> None:
    part = prior_table().parts[0, 0]
    rarity = [part[step_of(np.array([score]))[0]] for score in (1.0, 1.9, 20.5, 1e6)]
    assert rarity[:2] == [0.0, 0.0] and rarity[2] == pytest.approx(4.5, abs=0.1)
    assert rarity[3] == part.max()
    fused = prior_table().fused[0][step_of(np.array([0.5, 3.0]))]
    np.testing.assert_allclose(fused, [0.5, 3.0], rtol=0.04)
    assert prior_table().parts.shape == (1, len(FUSED), STEPS) and prior_table().fused.shape == (1, STEPS)
    assert prior_table().fused.max() == MOST_RARE and list(prior_table().known) == [False]


@pytest.mark.parametrize("beyond", [5, 9])
def test_where_hardly_any_score_is_beyond_the_others_they_are_counted_and_no_tail_is_drawn(beyond: int) -> None:
    rarity = tail_rarity(np.concatenate([np.full(LEAST_SCORES - beyond, 1.0), np.linspace(2.0, 3.0, beyond)]))
    counted = rarity[step_of(np.array([1.5, 5.0, 1e4]))]
    np.testing.assert_allclose(counted, np.log10((LEAST_SCORES + 1) / np.array([beyond + 1, 1, 1])))


def test_ten_scores_beyond_the_others_make_a_tail_that_begins_beyond_the_quantile() -> None:
    rarity = tail_rarity(np.concatenate([np.full(LEAST_SCORES - 10, 1.0), np.linspace(2.0, 3.0, 10)]))
    at_quantile, far = rarity[step_of(np.array([1.0, 1e4]))]
    assert at_quantile == 0.0, "all that equals the quantile is counted"
    assert far > np.log10(LEAST_SCORES + 1) + 1.0, "counting would have ended there"


def test_fused_rarity_of_healthy_scores_is_calibrated_again() -> None:
    """Dependent detectors: their mean rarity is no p-value, the fused table makes it one."""
    noise = np.random.default_rng(1)

    def scores(count: int) -> FloatArray:
        shared = noise.standard_t(5, count)
        rows: FloatArray = np.abs(np.stack([shared + 0.3 * noise.standard_t(5, count) for _ in FUSED]))
        return rows

    table = calibrate({"probe": scores(100_000).T})
    held_out = scores(400_000)
    runs = np.ones(held_out.shape, np.bool_)
    rarity = rarity_of(held_out, runs, np.ones(held_out.shape[1], np.intp), table)
    for bound in (2.0, 3.0, 4.0):
        assert 0.4 < np.mean(rarity >= bound) * 10**bound < 2.0, bound


def test_a_detector_that_does_not_run_has_no_say_and_one_not_ready_says_nothing_is_odd() -> None:
    table, one = prior_table(), np.zeros(1, np.intp)
    scores, of_three = np.full((len(FUSED), 1), np.nan), np.zeros((len(FUSED), 1), np.bool_)
    scores[0], of_three[:3] = 20.0, True
    alone = rarity_of(scores, of_three & (np.arange(len(FUSED)) == 0)[:, None], one, table)
    waiting = rarity_of(scores, of_three, one, table)
    assert alone[0] == pytest.approx(3 * waiting[0], rel=0.1) and waiting[0] > 1.0
    assert rarity_of(np.full((len(FUSED), 1), np.nan), of_three, one, table)[0] == 0.0


def test_the_knob_is_false_alerts_per_sensor_day() -> None:
    """0.004 a day, read each minute: one row in 360,000."""
    assert alarm_rarity(0.004, np.array([60_000.0]))[0] == pytest.approx(np.log10(360_000))


def test_pareto_moments_find_shape_and_scale() -> None:
    noise = np.random.default_rng(2).random(50_000)
    shape, scale = pareto_moments(2.0 * (noise**-0.3 - 1.0) / 0.3)
    assert shape == pytest.approx(0.3, abs=0.03) and scale == pytest.approx(2.0, rel=0.05)


def test_rows_below_the_least_scores_cannot_reach_the_bound() -> None:
    """What the kernel does not look at closely would have turned nothing; a little above, some would."""
    noise = np.random.default_rng(3)
    table = calibrate({"probe": np.abs(noise.standard_t(4, (50_000, len(FUSED)))) * np.linspace(0.5, 2.0, len(FUSED))})
    for bound in (3.0, 4.5, 6.0):
        least = least_scores(table, bound)
        assert np.isfinite(least).all()
        runs, of_class = np.ones((len(FUSED), 20_000), np.bool_), noise.integers(0, 2, 20_000)
        below = least[:, None] * noise.random((len(FUSED), 20_000)) * 0.999
        below[noise.random(below.shape) < 0.1] = np.nan
        assert (rarity_of(below, runs, of_class, table) < bound).all()
        above = np.repeat(least[:, None] * 1.04, 20_000, axis=1)
        assert (rarity_of(above, runs, of_class, table) >= bound).any()
