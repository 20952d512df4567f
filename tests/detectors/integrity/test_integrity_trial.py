"""A tenth of the trial: frauds are found, the honest are left alone, and the figures are counted."""

import tomllib

from detectors.benchmarks.integrity.report import healthy_lines, told
from detectors.benchmarks.integrity.trial import Kind, Trial, share_interval, trial
from detectors.integrity.rarity import healthy_scores
from detectors.integrity.table import RULES, rules_of

SEED, OUTLETS, DAYS = 12, 5, 6


def test_frauds_are_found_and_the_honest_are_left_alone() -> None:
    found = trial(SEED, OUTLETS, DAYS, rules_of(), every=4, look_h=12)
    figures = told(found)
    assert found.outlet_days == OUTLETS * DAYS
    assert figures["injected"] >= 12
    assert figures["found"] >= 0.95 * figures["injected"] - 1, figures["kinds"]
    assert figures["false_accusations"] == 0, found.accusations
    assert all(len(scores) == OUTLETS * DAYS for scores in found.scores.values())
    table = tomllib.loads(healthy_lines([found], [SEED], look_h=12))
    assert (table["outlet_days"], table["look_h"]) == (OUTLETS * DAYS, 12)
    assert set(table["highest"]) == {rule.name for rule in RULES}


def test_a_promise_that_is_not_kept_is_said_to_be_broken() -> None:
    good = Trial(outlets=50, outlet_days=1500, kinds={"a": Kind(50, 48, 48)})
    assert told(good)["promise_kept"]
    good.kinds["b"] = Kind(50, 40, 40)
    assert not told(good)["promise_kept"]
    accused = Trial(outlets=50, outlet_days=1500, kinds={"a": Kind(50, 50, 50)})
    accused.accusations = [("o", day, "r") for day in range(5)]
    assert not told(accused)["promise_kept"], "five in 4.1 station-years are more than one a year"


def test_intervals_are_those_of_clopper_and_pearson() -> None:
    low, high = share_interval(19, 20)
    assert (round(low, 4), round(high, 4)) == (0.7513, 0.9987)
    assert share_interval(0, 0) == (0.0, 1.0)
    low, high = Trial(outlet_days=1461, accusations=[]).rate_interval()
    assert (low, round(high, 3)) == (0.0, 0.922)  # 3.689 / 4 years


def test_the_shipped_table_of_healthy_scores_covers_every_rule_and_stays_under_the_thresholds() -> None:
    scores = healthy_scores()
    for rule in rules_of():
        beyond = sum(score >= rule.threshold for score in scores[rule.name].highest)
        assert beyond <= scores[rule.name].days / 365.25, f"{rule.name} accuses the honest too often"
