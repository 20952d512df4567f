"""False alerts while the noise of a class grows over a fortnight: with models as they were, and refitted each day."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from detectors.backtest import backtest, model_ref, prime
from detectors.base import FloatArray
from detectors.benchmarks.alarm_budget import STATISTICAL, WARM_TICK_MIN
from detectors.benchmarks.healthy_points import MINUTES, SIMULATION, HealthyPoints, points_pack
from detectors.calibration import DEFAULT_RATE
from detectors.fitting import fit
from detectors.kernel import Kernel
from detectors.models import unpacked
from detectors.samples import Samples
from detectors.series import BLOCKS
from topics.reading import Control

WARM_DAYS = 7
#: Each fit sees this many days, as the fitter's window moves on.
WINDOW_DAYS = 7
TICK_MIN = 5


@dataclass(frozen=True, slots=True)
class Drifted:
    """``alerts`` by day."""

    sensors: int
    alerts: tuple[int, ...]

    @property
    def ratio(self) -> float:
        """Realised / nominal over all the days."""
        return sum(self.alerts) / (self.sensors * len(self.alerts) * DEFAULT_RATE)


class GrowingNoise(HealthyPoints):
    """Healthy points whose spread grows evenly by ``growth`` over ``days`` from minute ``start`` on."""

    start = 0
    growth = 0.0
    days = 14

    def _values(self) -> FloatArray:
        share = np.clip((self.minute - self.start) / (self.days * MINUTES), 0.0, 1.0)
        usual, self.sd = self.sd, self.sd * (1.0 + self.growth * float(share))
        try:
            return super()._values()
        finally:
            self.sd = usual


def drift(
    sensors: int,
    days: int,
    seed: int,
    growth: float,
    refit: bool,
    told: Callable[[str], None] = lambda line: None,
    warm_days: int = WARM_DAYS,
) -> Drifted:
    """Warm up, let the noise grow, count. ``refit``: at each day's end models are fitted anew as the fitter does it, by
    a kernel of its own with no model in force."""
    source, samples, pack = GrowingNoise(sensors, seed, SIMULATION), Samples(), points_pack(SIMULATION)
    kernel, beside = Kernel(pack, pack.topic, 0, samples=samples), Kernel(pack, pack.topic, 0, samples=samples)
    for each in (kernel, beside):
        for spec in source.specs():
            each.bind(spec)
    warm = source.take(warm_days * MINUTES, WARM_TICK_MIN)
    models = unpacked(prime(kernel, warm, samples, source.time_ms, source.offset, seed).artefact)
    kernel.forest_watch.samples = None
    source.offset += 1
    for block in range(BLOCKS if refit else 0):
        beside.load(kernel.export(block), source.offset)
    source.start, source.growth, source.days = source.minute, growth, days
    alerts = []
    for day in range(days):
        count = 0
        for step in source.take(MINUTES, TICK_MIN):
            found = backtest(kernel, [step])
            count += sum(each.phase == "open" and each.detector in STATISTICAL for each in found)
            if refit:
                list(backtest(beside, [step]))
        alerts.append(count)
        if refit:
            samples.forget(1.0 / (WINDOW_DAYS + 1))
            body = fit(pack.name, samples.rows(), source.time_ms, seed, before=models)
            models = unpacked(body)
            control = Control("~model", source.time_ms, ref=model_ref(pack.name, body))
            kernel.control(control, source.offset, 0, body)
            source.offset += 1
        told(f"day {day + 1} of {days}: {count} alerts")
    return Drifted(sensors, tuple(alerts))
