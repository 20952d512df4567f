"""AUROC and average precision against counting by hand."""

import math

import numpy as np
import pytest

from detectors.scoring.ranking import auroc, average_precision


def test_four_rows_counted_by_hand() -> None:
    # Pairs (anomalous, normal): 0.9>0.5, 0.9>0.1, 0.3<0.5, 0.3>0.1: three of four.
    labels, score = [1, 0, 1, 0], [0.9, 0.5, 0.3, 0.1]
    assert auroc(labels, score) == 0.75
    # Recall 1/2 at precision 1, then 1/2 more at precision 2/3.
    assert average_precision(labels, score) == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)


def test_a_score_that_never_changes_is_chance() -> None:
    labels = [0, 0, 0, 1]
    assert auroc(labels, [7.0] * 4) == 0.5
    assert average_precision(labels, [7.0] * 4) == 0.25


def test_any_score_in_the_same_order_gives_the_same() -> None:
    noise = np.random.default_rng(3)
    labels, score = noise.random(200) < 0.2, noise.standard_normal(200)
    assert auroc(labels, score) == auroc(labels, np.exp(5 * score))


def test_a_row_nothing_was_said_of_is_the_mildest() -> None:
    assert auroc([1, 0], [math.nan, -1e30]) == 0.0
    assert auroc([0, 1], [math.nan, -1e30]) == 1.0


def test_an_endless_score_is_the_worst() -> None:
    assert auroc([1, 0], [math.inf, 1e300]) == 1.0


def test_one_kind_of_row_alone_has_no_ranking() -> None:
    assert math.isnan(auroc([0, 0], [1.0, 2.0]))
    assert math.isnan(auroc([1, 1], [1.0, 2.0]))
    assert math.isnan(average_precision([0, 0], [1.0, 2.0]))
