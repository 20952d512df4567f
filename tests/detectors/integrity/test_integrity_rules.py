"""The contract of an integrity rule, over every line of the table: it finds its own fraud, is pure, and can be read."""

import copy
from functools import cache

import numpy as np
import pytest

from detectors.base import FloatArray
from detectors.benchmarks.integrity.frauds import FRAUDS, Fraud
from detectors.benchmarks.integrity.months import BEFORE_DAYS, Month, months
from detectors.benchmarks.integrity.processes import DAY
from detectors.benchmarks.integrity.sending import send
from detectors.integrity.base import Evidence, Rule
from detectors.integrity.judge import evidence_of
from detectors.integrity.outlet import Outlet
from detectors.integrity.rarity import HealthyScores
from detectors.integrity.table import RULES, rules_of
from topics.errors import ConfigurationError

SEED, DAYS = 7, 4
BY_RULE = {fraud.rule: fraud for fraud in FRAUDS.values()}


@cache
def city() -> list[Month]:
    return months(SEED, 7, DAYS)


def honest(fraud: Fraud) -> Month:
    return next(month for month in city() if fraud.fits(month) and not month.clean)


def looks(rule: Rule, fraud: Fraud | None) -> list[Outlet]:
    """The last days of an outlet, with a fraud from the first of them on or without."""
    month = honest(fraud or BY_RULE[rule.name]).part(0, BEFORE_DAYS + DAYS)
    if fraud is None:
        sent = send(month)
    else:
        first = BEFORE_DAYS * DAY
        tampered = fraud.put(np.random.default_rng(SEED), month, first, first + 3 * DAY)
        sent = send(tampered.month, tampered.hours)
    return [sent.look(BEFORE_DAYS + day) for day in range(DAYS)]


def told(rule: Rule, fraud: Fraud | None) -> list[Evidence]:
    return [each for outlet in looks(rule, fraud) for each in evidence_of(outlet, (rule,), {})]


def forget(hours: dict[str, dict[str, FloatArray]]) -> None:
    for values in hours.values():
        for each in values.values():
            each[:] = np.nan


@pytest.mark.parametrize("rule", rules_of(), ids=lambda rule: rule.name)
class TestEveryRule:
    def test_it_finds_its_own_fraud_and_says_so_in_both_languages(self, rule: Rule) -> None:
        found = told(rule, BY_RULE[rule.name])
        assert found
        for each in found:
            measure = each.measure
            assert each.text.zh and each.text.en and each.text.zh != each.text.en
            assert measure.score >= rule.threshold > 0
            assert measure.start_ms < measure.end_ms
            assert measure.series and all(len(series.split("/")) == 4 for series in measure.series)
            assert all(np.isfinite(value) for value in measure.statistics.values())

    def test_it_says_nothing_of_the_same_outlet_without(self, rule: Rule) -> None:
        assert told(rule, None) == []

    def test_it_leaves_what_it_sees_as_it_was_and_says_the_same_again(self, rule: Rule) -> None:
        outlet = looks(rule, BY_RULE[rule.name])[1]
        before = copy.deepcopy({key: (track.value, track.flag) for key, track in outlet.tracks.items()})
        assert repr(list(rule.measure(outlet))) == repr(list(rule.measure(outlet)))
        for key, (value, flag) in before.items():
            np.testing.assert_array_equal(outlet.tracks[key].value, value)
            np.testing.assert_array_equal(outlet.tracks[key].flag, flag)

    def test_an_outlet_of_which_nothing_came_is_not_accused(self, rule: Rule) -> None:
        month = honest(BY_RULE[rule.name]).part(0, BEFORE_DAYS + 1)
        month.lost[:] = True
        silent = send(month, forget)
        assert evidence_of(silent.look(BEFORE_DAYS), (rule,), {}) == []


def test_each_rule_has_a_fraud_in_the_benchmark() -> None:
    assert {rule.name for rule in RULES} == set(BY_RULE)
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_settings_are_taken_by_name_and_nothing_else_is() -> None:
    settings = {"constant_value": {"threshold": 9.0, "source": "x", "confirmed": False}}
    (rule,) = (each for each in rules_of(settings) if each.name == "constant_value")
    assert rule.threshold == 9.0
    with pytest.raises(ConfigurationError, match="no_such"):
        rules_of({"no_such": {}})
    with pytest.raises(ConfigurationError, match="treshold"):
        rules_of({"constant_value": {"treshold": 9.0}})


def test_rarity_is_counted_and_never_nothing() -> None:
    scores = HealthyScores(99, (5.0, 4.0))
    assert (scores.rarity(9.0), scores.rarity(5.0), scores.rarity(4.5)) == (0.01, 0.02, 0.02)
