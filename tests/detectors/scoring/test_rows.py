"""Shares of rows, with the alarm that never ends beside them."""

import doctest
import math

import pytest

from detectors.scoring import episodes, lead_time, ranking, rows, segments
from detectors.scoring.rows import row_scores


@pytest.mark.parametrize("module", [episodes, lead_time, ranking, rows, segments], ids=lambda module: module.__name__)
def test_the_examples_in_the_text_are_true(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]  # a module is what it wants


def test_a_day_with_one_event_of_four_rows() -> None:
    labels = [0, 0, 0, 1, 1, 1, 1, 0, 0, 0]
    flags = [0, 1, 0, 0, 1, 1, 1, 1, 0, 0]
    got = row_scores(labels, flags)
    assert (got.precision, got.recall) == (3 / 5, 3 / 4)
    assert got.f1 == pytest.approx(2 / 3)
    assert (got.far, got.mar) == (2 / 6, 1 / 4)
    assert got.always_alarm_f1 == pytest.approx(2 * 4 / (4 + 10))


def test_one_row_hit_does_not_count_for_its_whole_event() -> None:
    labels = [0] * 50 + [1] * 50
    flags = [0] * 75 + [1] + [0] * 24
    assert row_scores(labels, flags).f1 == pytest.approx(2 / 51)


def test_the_alarm_that_never_ends_has_its_own_score() -> None:
    labels = [0, 1, 1, 0]
    got = row_scores(labels, [1, 1, 1, 1])
    assert got.f1 == got.always_alarm_f1 == pytest.approx(2 / 3)
    assert (got.far, got.mar) == (1.0, 0.0)


def test_where_nothing_is_labelled_there_is_no_f1() -> None:
    got = row_scores([0, 0, 0, 0], [0, 0, 0, 1])
    assert math.isnan(got.f1)
    assert math.isnan(got.mar)
    assert got.far == 0.25


def test_labels_of_another_length_or_with_other_values_are_refused() -> None:
    with pytest.raises(ValueError, match=r"row_scores: expected a label for each of 2 rows, got shape \(3,\)"):
        row_scores([0, 1, 1], [0, 1])
    with pytest.raises(ValueError, match=r"row_scores: expected labels 0 and 1, got \[2\]"):
        row_scores([0, 2], [0, 1])
