"""The random processes that an honest outlet's curves are made of, by the minute; equal seeds give equal months."""

from collections.abc import Iterator

import numpy as np
from scipy.signal import lfilter

from detectors.base import BoolArray, FloatArray

DAY = 1440
Random = np.random.Generator


def wander(random: Random, minutes: int, hours: float, spread: FloatArray | float) -> FloatArray:
    """A stationary first-order process with this correlation time and standard deviation."""
    keep = np.exp(-1.0 / (60.0 * hours))
    start = random.normal()
    pushes = random.normal(size=minutes) * np.sqrt(1 - keep * keep)
    path: FloatArray = np.asarray(lfilter([1.0], [1.0, -keep], pushes, zi=[keep * start])[0])
    walked: FloatArray = path * spread
    return walked


def spans(random: Random, minutes: int, per_day: float, shortest: float, longest: float) -> Iterator[slice]:
    """Stretches at random moments, ``per_day`` of them, lasting ``shortest`` to ``longest`` minutes."""
    for _ in range(random.poisson(per_day * minutes / DAY)):
        first = int(random.integers(0, minutes))
        yield slice(first, first + int(random.uniform(shortest, longest)))


def marked(minutes: int, chosen: Iterator[slice]) -> BoolArray:
    """Minutes (bool, shape (minutes,)) that lie in any of these stretches."""
    mask = np.zeros(minutes, np.bool_)
    for each in chosen:
        mask[each] = True
    return mask


def daily(minutes: int, swing: float, peak_minute: float) -> FloatArray:
    """A factor around 1 with the course of a day."""
    factor: FloatArray = 1.0 + swing * np.cos(2 * np.pi * (np.arange(minutes) - peak_minute) / DAY)
    return factor


def ramped(mask: BoolArray, hours: float) -> FloatArray:
    """0 and 1 of a mask with a first-order lag: how a plant heats up and cools down."""
    keep = np.exp(-1.0 / (60.0 * hours))
    first = float(mask[0])
    path: FloatArray = np.asarray(lfilter([1 - keep], [1.0, -keep], mask.astype(np.float64), zi=[keep * first])[0])
    return path


def held(value: FloatArray, minutes: int, first: int) -> FloatArray:
    """What an analyser that measures in batches shows: its last result, until the next."""
    rows = np.arange(len(value))
    shown: FloatArray = value[np.maximum((rows - first) // minutes * minutes + first, 0)]
    return shown
