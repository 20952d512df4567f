"""A tenth of the alarm budget: 827 points read once a minute, of which 50 have a fault; the whole is a command."""

import dataclasses

import pytest

from detectors.benchmarks.alarm_budget import MOST_ALARMS, Budget, Plan, alarm_budget, poisson_interval
from streams.commands.bench_alarms import as_calibrated, as_told


@pytest.fixture(scope="module")
def budget() -> Budget:
    return alarm_budget(Plan(points=777, faults=50, warm_days=3, days=1))


def test_healthy_points_raise_few_alarms(budget: Budget) -> None:
    """One day of a tenth of the points cannot tell 0.010 from 0.012: the promise must lie within what it can tell."""
    low, high = budget.interval
    assert low <= MOST_ALARMS and budget.per_point_day <= 2 * MOST_ALARMS
    assert low <= budget.per_point_day <= high


def test_nearly_all_faults_are_found(budget: Budget) -> None:
    """45 of 50 over the whole; after three days instead of fourteen, a few less."""
    assert sum(budget.injected.values()) == 50
    assert sum(budget.found.values()) >= 42, budget.missed
    assert budget.found["frozen"] == budget.found["silent"] == 10


def test_a_chain_that_sees_nothing_or_cries_at_everything_breaks_the_promise(budget: Budget) -> None:
    blind = dataclasses.replace(budget, found=dict.fromkeys(budget.found, 0))
    loud = dataclasses.replace(budget, alarms={"anomaly": 12})
    assert not blind.kept and not loud.kept
    assert as_told(loud)["alarms_per_point_day"] == pytest.approx(12 / 777)
    assert as_calibrated(loud)["ratio"] == pytest.approx(12 / 777 / 0.004)


def test_the_interval_of_a_count_is_garwoods() -> None:
    assert poisson_interval(0) == pytest.approx((0.0, 3.689), abs=1e-3)
    assert poisson_interval(10) == pytest.approx((4.795, 18.390), abs=1e-3)
