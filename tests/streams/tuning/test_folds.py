"""Nested validation: what is chosen by luck shows as luck, what is really better shows as better."""

import random

import pytest

from streams.backtesting.labels import Labels
from streams.backtesting.score import episodes
from streams.tuning.folds import Counts, counts_by_fold, folds_of, nested
from tests.detectors.small_pack import MINUTE, START
from tests.streams.backtesting.parts import episode, label, series

SITES = {series(name): name for name in "abcd"}
SPAN = (START, START + 1_000 * MINUTE)


def test_the_luckiest_of_many_equal_settings_flatters_in_sample_and_not_out_of_fold() -> None:
    draw = random.Random(1)
    gaps = []
    for _ in range(30):
        trials = [[Counts(true := draw.randint(0, 5), 5 - true, true, 5) for _ in range(4)] for _ in range(40)]
        found = nested(trials, 1.0)
        gaps.append(found.in_sample.f() - found.out_of_fold.f())
    assert sum(gaps) / len(gaps) > 0.15  # the lie that an in-sample figure tells
    fair = [Counts(2, 3, 2, 5)] * 4
    assert nested([fair, [Counts(5, 0, 5, 5)] * 4], 1.0).out_of_fold.f() == 1.0


def test_what_is_in_force_stays_unless_something_is_better() -> None:
    same = [Counts(3, 1, 3, 4)] * 3
    found = nested([same, same, same], 1.0)
    assert found.best == 0 and found.chosen == (0, 0, 0)


def test_a_fold_is_judged_by_the_trial_that_won_on_the_others() -> None:
    good, bad = Counts(4, 0, 4, 4), Counts(0, 4, 0, 4)
    found = nested([[bad, good, good], [good, bad, bad]], 1.0)
    assert found.chosen == (0, 0, 0) and found.out_of_fold == bad + good + good and found.best == 0


def test_sites_with_events_are_spread_over_the_folds_and_each_episode_counts_in_its_own() -> None:
    labels = Labels(tuple(label(name, 100, 200) for name in "abc"), True)
    told = episodes([*episode("a", 110, 120), *episode("d", 300, 310)], SPAN[1])
    fold_of = folds_of(labels, SITES, "site", 3, SPAN)
    assert len({fold_of(name, 0) for name in "abc"}) == 3
    found = counts_by_fold(told, labels, SITES, fold_of, 3)
    assert sum(found, Counts()) == Counts(1, 1, 1, 3)
    assert found[fold_of("a", 0)].found == 1 and found[fold_of("b", 0)].events == 1
    by_time = folds_of(labels, SITES, "time", 2, SPAN)
    assert (by_time("a", SPAN[0]), by_time("a", SPAN[1])) == (0, 1)
    with pytest.raises(ValueError, match="two sites"):
        folds_of(Labels((label("a", 1, 2),), True), SITES, "site", 2, SPAN)
