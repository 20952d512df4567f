"""The drift of the calibration bench: the noise really grows, and its alerts are counted against the knob."""

import numpy as np

from detectors.base import Columns
from detectors.benchmarks.drift import GrowingNoise, drift
from detectors.benchmarks.healthy_points import MINUTES, SIMULATION


def _spread(source: GrowingNoise) -> float:
    rows = np.array([each.value for each in source.take(300, 60) if isinstance(each, Columns)])
    return float(np.nanmean(np.nanstd(rows, axis=0)))


def test_the_noise_grows_by_what_is_said_and_no_further() -> None:
    spreads = []
    for growth, minute in ((0.0, 0), (1.0, 0), (1.0, 2 * MINUTES), (1.0, 9 * MINUTES)):
        source = GrowingNoise(60, 3, SIMULATION)
        source.growth, source.days, source.start = growth, 2, -minute
        spreads.append(_spread(source))
    still, begun, grown, later = spreads
    assert still < begun < 1.15 * still
    assert 1.9 * still < grown < 2.1 * still and abs(later - grown) < 1e-9


def test_a_day_is_counted_with_models_as_they_were() -> None:
    found = drift(6, 1, 3, 0.5, refit=False, warm_days=1)
    assert len(found.alerts) == 1
    assert found.ratio == found.alerts[0] / (6 * 0.004)
