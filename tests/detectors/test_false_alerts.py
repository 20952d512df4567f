"""The promise of the knob: few false alerts in a healthy month, and the disturbances found, each told once."""

from collections import Counter

import numpy as np
import pytest

from detectors.backtest import Primed, prime
from detectors.base import FloatArray
from detectors.calibration import DEFAULT_RATE
from detectors.samples import Samples
from tests.detectors.healthy_city import DAY, City, episodes, played

SENSORS = 400
MONTH = 30


@pytest.fixture(scope="module")
def primed() -> tuple[City, Primed]:
    """A city of sensors, with models from eight healthy days."""
    city, samples = City(SENSORS, seed=1), Samples()
    kernel = city.kernel(samples)
    made = prime(kernel, city.steps(8 * DAY), samples, city.now, city.offset)
    city.offset += 1
    return city, made


@pytest.fixture(scope="module")
def month(primed: tuple[City, Primed]) -> Counter[str]:
    city, made = primed
    found = played(made.kernel, city, MONTH * DAY)
    return Counter(finding.detector for finding in found if finding.phase == "open")


def test_a_healthy_month_stays_near_the_nominal_rate(month: Counter[str]) -> None:
    """Half to twice is the aim; a third to three times is what the statistics of one month can hold."""
    realised = month.total() / (SENSORS * MONTH)
    assert DEFAULT_RATE / 3 <= realised <= 3 * DEFAULT_RATE
    assert set(month) <= {"anomaly", "isolation_forest", "stuck"}


def test_disturbances_are_found_and_each_is_one_finding(month: Counter[str], primed: tuple[City, Primed]) -> None:
    """After the healthy month: spikes, level shifts of four hours, frozen values, and dropouts."""
    city, made = primed
    spiked, shifted, frozen, silent = np.split(np.random.default_rng(4).permutation(SENSORS)[:200], 4)
    held: dict[str, FloatArray] = {}

    def spoil(step: int, values: FloatArray) -> FloatArray:
        if step == 0:
            held["frozen"] = values[frozen].copy()
        if step == 30:
            values[spiked] += 30 * city.spread[spiked]
        if 30 <= step < 54:
            values[shifted] += 15 * city.spread[shifted]
            values[silent] = np.nan
        if step < 100:
            values[frozen] = held["frozen"]
        return values

    before = len(made.kernel.episodes.by_place)
    ids = episodes([each for each in played(made.kernel, city, 150, spoil) if each.phase == "open"])
    found = {
        "spike": [len(ids["anomaly", sensor]) for sensor in spiked.tolist()],
        "shift": [len(ids["anomaly", sensor]) for sensor in shifted.tolist()],
        "frozen": [len(ids["quality", sensor]) for sensor in frozen.tolist()],
        "silent": [len(ids["quality", sensor]) for sensor in silent.tolist()],
    }
    shares = {name: np.mean([count > 0 for count in counts]) for name, counts in found.items()}
    assert shares["spike"] >= 0.9 and shares["shift"] >= 0.9 and shares["frozen"] == shares["silent"] == 1.0, shares
    assert sum(count > 1 for counts in found.values() for count in counts) <= 2  # one disturbance, one finding
    assert len(made.kernel.episodes.by_place) <= before + 5  # and all of them are over


def test_before_any_calibration_nothing_pages_above_the_mildest() -> None:
    city = City(50, seed=2)
    kernel = city.kernel()

    def spoil(step: int, values: FloatArray) -> FloatArray:
        return values + 400.0 if step == 3 * DAY else values

    found = [each for each in played(kernel, city, 4 * DAY, spoil) if each.family == "anomaly"]
    assert len({finding.subject for finding in found}) == 50
    assert {finding.severity for finding in found} == {"blue"}
    assert "not yet calibrated" in found[0].text.en
