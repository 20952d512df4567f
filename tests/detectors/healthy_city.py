"""Made-up sensors: AR(1) with heavy tails and a daily course, and what can go wrong with them."""

from collections import defaultdict
from collections.abc import Callable, Iterator

import numpy as np

from detectors.backtest import Step, backtest
from detectors.base import Columns, FloatArray
from detectors.calibration import step_of
from detectors.forest import stretch
from detectors.isolation_forest import _features
from detectors.kernel import Kernel
from detectors.samples import Samples
from tests.detectors.small_pack import START, domain, quantity, spec
from topics.domain import Domain
from topics.finding import Finding
from topics.reading import Control

STEP_MS = 600_000
DAY = 144
Spoil = Callable[[int, FloatArray], FloatArray]


class City:
    """Sensors read each ten minutes. ``spread`` is each one's standard deviation; steps count from the first day."""

    def __init__(self, sensors: int, seed: int) -> None:
        self.noise = np.random.default_rng(seed)
        self.sensors = sensors
        self.spread = self.noise.uniform(0.5, 3.0, sensors)
        self.level = self.noise.uniform(10.0, 60.0, sensors)
        self.daily = self.noise.uniform(0.0, 3.0, sensors)
        self.phase = self.noise.uniform(0.0, 2 * np.pi, sensors)
        self.state = np.zeros(sensors)
        self.step = 0
        self.offset = 0

    @property
    def now(self) -> int:
        return START + self.step * STEP_MS

    def pack(self) -> Domain:
        return domain({"temp": quantity(interval_s=STEP_MS / 1000)})

    def kernel(self, samples: Samples | None = None) -> Kernel:
        """A kernel that knows the sensors, ten to a site."""
        kernel = Kernel(self.pack(), "readings.trial", 0, samples=samples)
        for sensor in range(self.sensors):
            kernel.bind(spec(f"s{sensor // 10}/p{sensor}/temp/Rtd"))
        return kernel

    def steps(self, count: int, spoil: Spoil = lambda step, values: values) -> Iterator[Columns | Step]:
        """``count`` ticks and the readings after them; ``spoil`` may change the values, NaN is no reading at all."""
        for place in range(count):
            shock = self.noise.standard_t(4, self.sensors) / np.sqrt(2.0)
            self.state = 0.9 * self.state + np.sqrt(1.0 - 0.81) * shock
            course = self.daily * np.sin(2 * np.pi * self.step / DAY + self.phase)
            values = spoil(place, np.round(self.level + self.spread * self.state + course, 3))
            there = np.flatnonzero(~np.isnan(values))
            m, good = len(there), np.ones(len(there), np.bool_)
            yield Step(Control("~tick", self.now), self.offset)
            offsets = self.offset + 1 + np.arange(m)
            time = np.full(m, self.now, np.int64)
            yield Columns(there, time, values[there], good, ~good, offsets, time)
            self.offset += m + 1
            self.step += 1


def episodes(found: list[Finding]) -> dict[tuple[str, int], set[str]]:
    """Ids of findings by family and sensor."""
    ids: dict[tuple[str, int], set[str]] = defaultdict(set)
    for finding in found:
        if finding.detector != "mass_loss":
            ids[finding.family, int(finding.subject.split("/")[1][1:])].add(finding.id)
    return ids


def played(kernel: Kernel, city: City, count: int, spoil: Spoil = lambda step, values: values) -> list[Finding]:
    return list(backtest(kernel, city.steps(count, spoil)))


def oddness(kernel: Kernel) -> FloatArray:
    """Rarity of the features that the series have now, by the forest in force."""
    watch, forest = kernel.forest_watch, kernel.force.forest.forests[0]
    assert forest is not None
    slots = slice(0, kernel.series.count)
    watch._measure(slots)
    rows = _features([watch.features[name][slots] for name in watch.features])
    return forest.rarity[step_of(stretch(forest.score(np.nan_to_num(rows))))]
