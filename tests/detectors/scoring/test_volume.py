"""VUS-PR against a slow reading of its definition, and cases by hand."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from detectors.scoring.ranking import average_precision
from detectors.scoring.volume import buffer_of, softened, volume, vus_pr

Array = NDArray[np.float64]


def by_definition(labels: list[int], score: list[float], buffer: int) -> float:
    """Threshold by threshold and row by row, as the definition reads."""
    n, hard = len(labels), sum(labels)
    thresholds = [sorted(score, reverse=True)[int(rank)] for rank in np.linspace(0, n - 1, 250)]
    areas = []
    for length in range(buffer + 1):
        half = length // 2
        soft = [0.0] * n
        for row in range(n):
            if labels[row]:
                soft[row] = 1.0
                continue
            weight = 0.0
            for distance in range(1, half + 1):
                after = row - distance
                before = row + distance
                if after >= 0 and labels[after] and not any(labels[after + 1 : row + 1]):
                    weight += math.sqrt(1 - distance / length)
                if before < n and labels[before] and not any(labels[row:before]):
                    weight += math.sqrt(1 - distance / length)
            soft[row] = min(weight, 1.0)
        reach = [any(labels[max(row - half, 0) : row + half + 1]) for row in range(n)]
        area, recall_before = 0.0, 0.0
        for least in thresholds:
            flags = [value >= least for value in score]
            hit = sum(s for s, on in zip(soft, flags, strict=True) if on)
            positives = (hard + sum(1.0 if lab else s * on for s, lab, on in zip(soft, labels, flags, strict=True))) / 2
            groups, found = 0, 0
            row = 0
            while row < n:
                if reach[row]:
                    groups += 1
                    any_hit = False
                    while row < n and reach[row]:
                        any_hit = any_hit or flags[row]
                        row += 1
                    found += any_hit
                row += 1
            recall = min(hit / positives, 1.0) * found / groups
            area += (recall - recall_before) * hit / sum(flags)
            recall_before = recall
        areas.append(area)
    return sum(areas) / len(areas)


@pytest.mark.parametrize("seed", range(3))
def test_it_is_what_the_definition_says(seed: int) -> None:
    noise = np.random.default_rng(seed)
    labels = np.zeros(60, int)
    labels[10:15] = labels[40:43] = 1
    score = np.round(noise.standard_normal(60) + 1.5 * labels, 1)  # rounded: ties
    assert vus_pr(labels, score, 12) == pytest.approx(by_definition(labels.tolist(), score.tolist(), 12))


def test_without_a_buffer_one_event_is_plain_average_precision() -> None:
    noise = np.random.default_rng(5)
    labels = np.zeros(200, int)
    labels[50:60] = 1
    score = noise.standard_normal(200) + 2 * labels
    score[50] = 99.0  # the first row flagged is in the event, so the share of events found is 1 throughout
    assert vus_pr(labels, score, 0) == pytest.approx(average_precision(labels, score))


def test_flanks_fall_off_as_the_root() -> None:
    soft = softened(np.array([0, 0, 0, 1, 0, 0, 0], bool), np.array([[3, 3]]), 4)
    assert soft == pytest.approx([0, math.sqrt(0.5), math.sqrt(0.75), 1, math.sqrt(0.75), math.sqrt(0.5), 0])


def test_a_score_that_peaks_a_little_late_is_forgiven_by_the_buffer_alone() -> None:
    labels, late = np.zeros(100, int), np.zeros(100)
    labels[50:55] = 1
    late[55:60] = 1.0
    assert vus_pr(labels, late, 20) > 3 * vus_pr(labels, late, 0)


def test_the_perfect_score_is_near_one_and_random_is_near_the_share() -> None:
    noise = np.random.default_rng(1)
    labels = np.zeros(3000, int)
    labels[1000:1200] = 1
    perfect = volume(labels, labels + 0.0, 0)
    assert perfect.pr == pytest.approx(1.0)
    assert perfect.roc == pytest.approx(1.0)
    chance = volume(labels, noise.standard_normal(3000), 40)
    assert 0.05 < chance.pr < 0.12
    assert 0.4 < chance.roc < 0.6


def test_nothing_labelled_has_no_volume() -> None:
    assert math.isnan(vus_pr([0, 0, 0], [1.0, 2.0, 3.0]))


def test_the_buffer_is_the_period_of_the_series() -> None:
    t = np.arange(3000)
    assert buffer_of(np.sin(2 * np.pi * t / 48)) == 48
    assert buffer_of(np.arange(3000.0)) == 125
