"""What has lasted for hours is the new normal: the detectors follow it within a day; what was shorter teaches less."""

import dataclasses
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest

from detectors.backtest import Step, backtest
from detectors.base import Columns
from tests.detectors.healthy_city import DAY, City, played

SENSORS = 24
MOVED_BY = 100.0


def test_works_that_move_for_good_are_usual_again_after_a_day() -> None:
    city = City(SENSORS, seed=3)
    kernel = city.kernel()
    played(kernel, city, 4 * DAY)
    found = played(kernel, city, 2 * DAY, lambda step, values: values + MOVED_BY)
    opened = Counter(each.subject for each in found if each.phase == "open" and each.detector == "anomaly")
    assert len(opened) == SENSORS and max(opened.values()) <= 2
    assert not kernel.episodes.any_open.any()
    scores = kernel.forest_watch.features["hour_of_day"][:SENSORS]
    assert np.nanmedian(scores) < 3.0 and np.nanmax(scores) < 20.0  # learnt hour by hour it is above 20 after two days
    means = kernel.force.chain.state["hour_of_day"]["mean"][:, :SENSORS]
    assert (np.abs(means - (city.level + MOVED_BY)) < 0.25 * MOVED_BY).all(), (
        "every hour of the day has moved with the level"
    )


def test_a_disturbance_of_some_hours_does_not_move_the_day() -> None:
    city = City(SENSORS, seed=3)
    kernel = city.kernel()
    played(kernel, city, 4 * DAY)
    before = kernel.force.chain.state["hour_of_day"]["mean"][:, :SENSORS].copy()
    played(kernel, city, 30, lambda step, values: values + MOVED_BY)
    after = kernel.force.chain.state["hour_of_day"]["mean"][:, :SENSORS]
    assert np.abs(after - before).max() < 5.0


@pytest.mark.parametrize("width", [1, 7])
def test_following_does_not_depend_on_how_the_log_is_cut(width: int) -> None:
    findings, memories = [], []
    for cut in (SENSORS, width):
        city = City(SENSORS, seed=3)
        kernel = city.kernel()
        played(kernel, city, 3 * DAY)
        found = list(backtest(kernel, _cut(city.steps(90, lambda step, values: values + MOVED_BY), cut)))
        findings.append(sorted(found, key=lambda each: (each.id, each.seq)))
        memories.append(kernel.force.chain.state["hour_of_day"])
    assert findings[0] == findings[1]
    for name, array in memories[0].items():
        np.testing.assert_array_equal(array, memories[1][name])


def _cut(steps: Iterator[Columns | Step], width: int) -> Iterator[Columns | Step]:
    for each in steps:
        if isinstance(each, Step):
            yield each
            continue
        arrays = {field.name: getattr(each, field.name) for field in dataclasses.fields(each)}
        for first in range(0, len(each.slot), width):
            yield Columns(**{name: array[first : first + width] for name, array in arrays.items()})
