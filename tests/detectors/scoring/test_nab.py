"""NAB's score against windows counted by hand and against a slow reading of its definition."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from detectors.scoring.nab import (
    PROFILES,
    LabelledFile,
    Profile,
    chosen_elsewhere,
    cross_group,
    final,
    oracle,
    sweep,
    total_at,
)

Array = NDArray[np.float64]
STANDARD = PROFILES["standard"]


def labelled(rows: int, *windows: tuple[int, int], name: str = "works/pump.csv") -> LabelledFile:
    return LabelledFile(name, rows, np.array(windows, np.intp).reshape(-1, 2))


def flags_at(rows: int, *flagged: int) -> Array:
    score = np.zeros(rows)
    score[list(flagged)] = 1.0
    return score


def sigma(y: float) -> float:
    return -1.0 if y > 3 else 2.0 / (1.0 + math.exp(5.0 * y)) - 1.0


def by_definition(files: list[LabelledFile], scores: list[Array], threshold: float, profile: Profile) -> float:
    """Row by row, as the definition reads."""
    total = 0.0
    for file, score in zip(files, scores, strict=True):
        best: dict[int, float] = {number: -profile.missed for number in range(len(file.windows))}
        for row in range(min(math.floor(0.15 * file.rows), 750), file.rows):
            if not score[row] >= threshold:
                continue
            inside = [n for n, (first, last) in enumerate(file.windows.tolist()) if first <= row <= last]
            before = [window for window in file.windows.tolist() if window[1] < row]
            if inside:
                first, last = file.windows[inside[0]].tolist()
                worth = profile.detected * sigma(-(last - row + 1) / (last - first + 1)) / sigma(-1.0)
                best[inside[0]] = max(best[inside[0]], worth)
            elif before:
                first, last = before[-1]
                total += profile.false * sigma((row - last) / (last - first))
            else:
                total -= profile.false
        total += sum(best.values())
    return total


def test_the_first_row_of_each_window_and_no_other_is_a_hundred() -> None:
    file = labelled(1000, (300, 339), (700, 799))
    for profile in PROFILES.values():
        assert oracle([file], [flags_at(1000, 300, 700)], profile) == pytest.approx(100.0)


def test_a_detector_that_says_nothing_and_one_that_always_says_the_same_get_nothing() -> None:
    files = [labelled(4000, (1500, 1700)), labelled(4000, name="city/river.csv")]
    for score in (math.nan, 0.0, 0.7):
        scores = [np.full(4000, score), np.full(4000, score)]
        for profile in PROFILES.values():
            assert oracle(files, scores, profile) == 0.0
            assert cross_group(files, scores, profile) == 0.0


def test_a_window_missed_costs_more_where_misses_weigh_double() -> None:
    """One of two windows is found in its first row: half of the way from nothing to perfect in each profile."""
    file = labelled(1000, (300, 339), (700, 799))
    raw = {name: total_at([file], [flags_at(1000, 300)], 0.5, each) for name, each in PROFILES.items()}
    assert raw == pytest.approx({"standard": 0.0, "low_fp": 0.0, "low_fn": -1.0})
    assert {name: final(raw[name], [file], each) for name, each in PROFILES.items()} == pytest.approx(
        {"standard": 50.0, "low_fp": 50.0, "low_fn": 50.0}
    )


def test_late_in_a_window_is_worth_less_and_only_the_best_row_counts() -> None:
    file = labelled(1000, (300, 399))
    middle = total_at([file], [flags_at(1000, 350)], 0.5, STANDARD)
    assert middle == pytest.approx((2 / (1 + math.exp(-2.5)) - 1) / 0.98661, abs=1e-5)  # position -0.5
    assert total_at([file], [flags_at(1000, 350, 360, 399)], 0.5, STANDARD) == pytest.approx(middle)
    last = total_at([file], [flags_at(1000, 399)], 0.5, STANDARD)
    assert last == pytest.approx((2 / (1 + math.exp(-0.05)) - 1) / 0.98661, abs=1e-5)  # position -1/100


def test_each_false_row_costs_and_less_just_after_a_window() -> None:
    file = labelled(1000, (300, 400))
    missed = -1.0
    before = total_at([file], [flags_at(1000, 200, 201)], 0.5, STANDARD)
    assert before == pytest.approx(missed - 2 * 0.11)
    just_after = total_at([file], [flags_at(1000, 410)], 0.5, STANDARD)
    assert just_after == pytest.approx(missed + 0.11 * (2 / (1 + math.exp(0.5)) - 1))  # position 10/100
    far_after = total_at([file], [flags_at(1000, 990)], 0.5, STANDARD)
    assert far_after == pytest.approx(missed - 0.11)


def test_probation_is_not_scored() -> None:
    assert total_at([labelled(1000)], [flags_at(1000, 0, 149)], 0.5, STANDARD) == 0.0
    assert total_at([labelled(1000)], [flags_at(1000, 150)], 0.5, STANDARD) == pytest.approx(-0.11)
    assert total_at([labelled(10_000)], [flags_at(10_000, 749)], 0.5, STANDARD) == 0.0
    assert total_at([labelled(10_000)], [flags_at(10_000, 750)], 0.5, STANDARD) == pytest.approx(-0.11)


@pytest.mark.parametrize("name", PROFILES)
def test_the_sweep_is_the_definition_at_every_threshold(name: str) -> None:
    noise = np.random.default_rng(7)
    files = [labelled(200, (60, 79), (120, 139)), labelled(150, (20, 49), name="city/a.csv"), labelled(90, name="b")]
    scores = [np.round(noise.random(file.rows), 2) for file in files]  # rounded: many ties
    scores[0][65] = math.nan
    swept = sweep(files, scores, PROFILES[name])
    for threshold, total in zip(swept.thresholds, swept.totals, strict=True):
        expected = by_definition(files, scores, threshold, PROFILES[name])
        assert total == pytest.approx(expected)
        assert total_at(files, scores, threshold, PROFILES[name]) == pytest.approx(expected)
    assert swept.best[1] == swept.totals.max()
    assert len(swept.thresholds) > 50


def test_a_threshold_from_elsewhere_is_not_the_best_one_here() -> None:
    """The pumps' anomalies score 5 over noise of 1, the rivers' score 50 over noise of 10: whichever threshold the
    others teach drowns in noise or finds nothing, and the oracle hides just that."""
    pump, river = labelled(1000, (500, 599)), labelled(1000, (500, 599), name="rivers/level.csv")
    quiet, loud = flags_at(1000, 500) * 5.0, flags_at(1000, 500) * 50.0
    quiet[200:400:20], loud[200:400:20] = 1.0, 10.0
    assert oracle([pump, river], [quiet, loud], STANDARD) > 70
    assert cross_group([pump, river], [quiet, loud], STANDARD) < 30


def test_a_detector_chosen_elsewhere_may_be_the_wrong_one_here() -> None:
    """One detector is perfect for the two pump directories, the other for the river: the river gets the pumps' one."""
    files = [labelled(1000, (500, 599), name=name) for name in ("pumps/a.csv", "tanks/b.csv", "rivers/c.csv")]
    right, wrong = flags_at(1000, 500), flags_at(1000, 200)
    candidates = [[right, right, wrong], [wrong, wrong, right]]
    got = chosen_elsewhere(files, candidates, STANDARD)
    for_pumps = cross_group(files, candidates[0], STANDARD)
    assert got <= for_pumps
    assert got < oracle(files, [right, right, right], STANDARD) == pytest.approx(100.0)
    assert chosen_elsewhere(files, [[right] * 3, [wrong] * 3], STANDARD) == pytest.approx(100.0)


def test_scores_for_other_rows_are_refused() -> None:
    with pytest.raises(ValueError, match=r"nab: works/pump.csv: expected a score for each of 10 rows, got 9"):
        oracle([labelled(10)], [np.zeros(9)], STANDARD)


def test_where_nothing_is_labelled_there_is_no_score() -> None:
    assert math.isnan(oracle([labelled(100)], [np.zeros(100)], STANDARD))
