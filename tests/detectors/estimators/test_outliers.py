"""Our estimators are scikit-learn's: all of its checks but the two that time cannot pass, and odd rows found."""

import doctest

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator, estimator_checks_generator

from detectors.estimators import series_outliers
from detectors.estimators.group_outliers import GroupOutliers, HotellingOutliers, VarResidualOutliers
from detectors.estimators.outliers import EXPECTED_FAILURES, TimeOrderedOutliers
from detectors.estimators.series_outliers import SeriesOutliers

#: What scikit-learn itself leaves out where nobody asked it for other array libraries.
LEFT_OUT = {"check_array_api_input"}


@pytest.mark.parametrize("estimator", [SeriesOutliers(), HotellingOutliers()], ids=lambda each: type(each).__name__)
def test_scikit_learns_own_checks(estimator: TimeOrderedOutliers) -> None:
    """The two expected failures do fail: were rows independent of each other, this would have to say so."""
    told = check_estimator(estimator, expected_failed_checks=EXPECTED_FAILURES, on_skip=None, on_fail="raise")
    states = {name: {each["check_name"] for each in told if each["status"] == name} for name in ("xfail", "skipped")}
    assert states == {"xfail": set(EXPECTED_FAILURES), "skipped": LEFT_OUT}
    assert len(told) > 40


def test_the_checks_of_outliers_hold_for_the_other_group_detector() -> None:
    """What else is checked is its base's, and checked above."""
    ran = 0
    for estimator, check in estimator_checks_generator(VarResidualOutliers()):
        if "outlier" in check.func.__name__ or "parameters" in check.func.__name__:
            check(estimator)
            ran += 1
    assert ran >= 3


def test_the_example_in_the_text_is_true() -> None:
    assert doctest.testmod(series_outliers).failed == 0


def group(count: int, seed: int = 3) -> NDArray[np.float64]:
    """Four channels that follow two hidden courses, with noise."""
    noise = np.random.default_rng(seed)
    hidden = noise.normal(0, 0.2, (count, 2))
    hidden[1:] += 0.5 * hidden[:-1]
    mixed = hidden @ np.array([[1.0, 0.8, 0.0, 0.3], [0.0, 0.4, 1.0, 0.7]])
    rows: NDArray[np.float64] = 50.0 + mixed + noise.normal(0, 0.05, (count, 4))
    return rows


@pytest.mark.parametrize("kind", [VarResidualOutliers, HotellingOutliers])
def test_a_channel_that_leaves_the_group_is_an_outlier_and_a_missing_value_is_not(kind: type[GroupOutliers]) -> None:
    rows = group(900)
    rows[700, 1] = np.nan
    rows[850:, 2] += 1.0
    labels = kind().fit(rows[:600]).predict(rows[600:])
    assert (labels[:240] == -1).mean() < 0.1
    assert labels[100] == 1
    assert (labels[255:] == -1).mean() > 0.8


def test_it_stands_in_a_pipeline_and_can_be_cloned() -> None:
    rows = group(400)
    made = make_pipeline(StandardScaler(), clone(HotellingOutliers(smooth=0.5))).fit(rows[:300])
    assert made[-1].smooth == 0.5
    assert made.predict(rows[300:] + np.array([0.0, 9.0, 0.0, 0.0]))[5:].max() == -1


def test_what_is_asked_teaches_nothing() -> None:
    rows = group(400)
    made = HotellingOutliers().fit(rows[:300])
    once = made.score_samples(rows[300:])
    made.score_samples(rows[300:] + 100.0)
    np.testing.assert_array_equal(made.score_samples(rows[300:]), once)


def test_settings_that_mean_nothing_are_refused() -> None:
    rows = group(40)
    with pytest.raises(ValueError, match="false_alarms: expected a share between 0 and 1, got 2"):
        HotellingOutliers(false_alarms=2).fit(rows)
    with pytest.raises(ValueError, match="interval_s: expected seconds above 0, got 0"):
        SeriesOutliers(interval_s=0).fit(rows)
