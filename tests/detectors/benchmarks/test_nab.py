"""The benchmark on a small corpus of its own: what it tells, that it is causal, and that it is honest."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from detectors.benchmarks.nab import Recording, at_fixed_threshold, bench, news, rarities
from detectors.benchmarks.windowed_gaussian import windowed_gaussian
from detectors.scoring.nab import PROFILES, LabelledFile

Array = NDArray[np.float64]
ROWS, STEP_MS = 600, 1_800_000


def recording(name: str, seed: int, window: tuple[int, int] | None) -> Recording:
    """Twelve days of half hours with a daily cycle; in the window's middle the series jumps for a while."""
    noise = np.random.default_rng(seed)
    tick = np.arange(ROWS)
    x = np.sin(2 * np.pi * tick / 48) + noise.normal(0, 0.1, ROWS)
    windows = np.zeros((0, 2), np.intp)
    if window is not None:
        middle = sum(window) // 2
        x[middle : middle + 10] += 5.0
        windows = np.array([window], np.intp)
    t = 1_400_000_000_000 + tick * STEP_MS
    return Recording(LabelledFile(name, ROWS, windows), t, x)


@pytest.fixture(scope="module")
def corpus() -> list[Recording]:
    return [
        recording("pumps/a.csv", 1, (300, 359)),
        recording("pumps/b.csv", 2, None),
        recording("rivers/c.csv", 3, (240, 299)),
        recording("tanks/d.csv", 4, (480, 539)),
    ]


def test_an_evident_jump_is_found_and_nothing_else(corpus: list[Recording]) -> None:
    told = bench(corpus)
    for name, profile in PROFILES.items():
        # Found in the middle of its window each time: about 0.85 of a window found in its first row.
        middle = (0.86 + profile.missed) / (1 + profile.missed) * 100
        assert told[name]["oracle"] == pytest.approx(middle, abs=2)
        assert told[name]["cross_directory"] <= told[name]["oracle"]
        assert told[name]["chosen_elsewhere"] <= 100
    assert told["measured"]["null"]["standard"] == {"oracle": 0.0, "cross_directory": 0.0}
    assert told["measured"]["constant"]["low_fn"] == {"oracle": 0.0, "cross_directory": 0.0}
    assert told["measured"]["random, with cool-down"]["standard"]["oracle"] < 60
    assert told["published"]["ARTime"] == {"standard": 74.9, "low_fp": 65.1, "low_fn": 80.4}
    assert told["scorer"]["agrees"] is False  # these are not NAB's files, and it sees that
    assert told["ranking"]["auroc"] > 0.5
    fixed = told["fixed_threshold"]
    # The river's jump comes after 270 rows: too short a past to call anything so rare.
    assert (fixed["windows"], fixed["found"]) == (3, 2)
    assert fixed["always_alarm_f1"] == pytest.approx(2 * 180 / (180 + 4 * 510), abs=1e-3)


def test_the_labels_are_not_looked_at_by_the_detector(corpus: list[Recording]) -> None:
    unlabelled = [
        Recording(LabelledFile(each.file.name, ROWS, np.zeros((0, 2), np.intp)), each.t, each.x) for each in corpus
    ]
    for mine, other in zip(rarities(corpus).values(), rarities(unlabelled).values(), strict=True):
        np.testing.assert_array_equal(mine, other)


def test_a_file_is_judged_alone_and_from_its_past(corpus: list[Recording]) -> None:
    whole = rarities(corpus)["ewma_level"]
    np.testing.assert_array_equal(rarities(corpus[2:3])["ewma_level"][0], whole[2])
    changed = corpus[2].x.copy()
    changed[300:] = 77.0
    later = rarities([Recording(corpus[2].file, corpus[2].t, changed)])["ewma_level"][0]
    np.testing.assert_array_equal(later[:300], whole[2][:300])


def test_alerts_at_the_fixed_threshold_are_counted_as_an_operator_meets_them(corpus: list[Recording]) -> None:
    quiet = [np.zeros(ROWS) for _ in corpus]
    quiet[1][400] = 9.0  # an alert in the file where nothing happens
    quiet[0][330] = 9.0  # one in its window
    quiet[3][10] = 9.0  # one in the probation, which is not counted
    told = at_fixed_threshold(corpus, quiet, news(quiet))
    assert (told["windows"], told["found"], told["false"]) == (3, 1, 1)
    days = 4 * (ROWS - 1 - 90) * STEP_MS / 86_400_000
    assert told["false_per_series_day"] == pytest.approx(1 / days, abs=1e-4)
    assert told["standard"] == pytest.approx(100 * ((0.86 - 2 - 0.11) + 3) / 6, abs=0.5)


def test_the_yardstick_is_what_nab_says_it_is() -> None:
    values = np.random.default_rng(5).normal(3, 2, 300)
    scores = windowed_gaussian(values)
    assert scores[0] == 0.0
    for row in (1, 2, 17, 299):
        mean, spread = values[:row].mean(), values[:row].std() or 1e-6
        tail = 0.5 * math.erfc(abs(values[row] - mean) / spread / math.sqrt(2))
        assert scores[row] == pytest.approx(1 - tail, abs=1e-12)


def test_the_yardstick_moves_its_window_in_steps() -> None:
    """Full after 6,400 values, it stays for a hundred: a level that is new at once is no less odd 99 rows later."""
    values = np.concatenate([np.tile([0.0, 1.0], 3200), np.full(201, 1.5)])
    scores = windowed_gaussian(values)
    assert len(np.unique(scores[6400:6500])) == 1
    assert scores[6500] < scores[6499]
    assert len(np.unique(scores[6500:6600])) == 1
    mean, spread = values[100:6500].mean(), values[100:6500].std()
    assert scores[6500] == pytest.approx(1 - 0.5 * math.erfc((1.5 - mean) / spread / math.sqrt(2)), abs=1e-12)
