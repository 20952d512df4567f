"""How many readings a second the default chain judges on one core, episodes and findings included; and its peers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.ensemble import IsolationForest

from detectors.backtest import Step, prime
from detectors.base import Columns, FloatArray, SeriesSpec
from detectors.kernel import Kernel
from detectors.samples import Samples
from detectors.series import BLOCKS
from topics.domain import Domain, Guidance, Limit, Quantity
from topics.finding import Text
from topics.reading import Control

Clock = Callable[[], float]

#: 2026-01-01 00:00 in the city; a round is a minute, so that every round is also a look of the isolation forest.
START_MS = 1_767_196_800_000
ROUND_MS = 60_000
#: Long enough for the hour-of-day table to speak (two days) and its cells to fill.
WARM_ROUNDS = 2 * 1440 + 120
LEVEL, BREACH, LIMIT = 20.0, 90.0, 60.0


@dataclass(frozen=True, slots=True)
class Measured:
    """``series`` each read once in a round; ``findings`` is their share of the readings; ``memory_bytes`` what is
    remembered of a series (models not counted)."""

    series: int
    readings_per_s: float
    findings: float
    memory_bytes: float


class Rounds:
    """Rounds of one reading of every series, as columns in an order that does not follow the slots' when ``mixed``.

    One reading in 2,000 breaks the limit (one opening, one closing), one in 100 brings no value.
    """

    def __init__(self, series: int, seed: int, mixed: bool) -> None:
        self.noise = np.random.default_rng(seed)
        self.level = LEVEL * self.noise.uniform(0.8, 1.2, series)
        self.slots = self.noise.permutation(series) if mixed else np.arange(series)
        self.usable = np.ones(series, np.bool_)
        self.round = 0
        self.offset = 0

    @property
    def now(self) -> int:
        """Event time of the present round, ms UTC."""
        return START_MS + self.round * ROUND_MS

    def take(self, count: int) -> Iterator[Columns | Step]:
        """A tick of city time and a round, ``count`` times."""
        m = len(self.slots)
        for _ in range(count):
            values: FloatArray = self.level * (1.0 + 0.02 * self.noise.standard_normal(m))
            chance = self.noise.random(m)
            values[chance < 1 / 2000] = BREACH
            values[chance > 0.99] = np.nan
            yield Step(Control("~tick", self.now), self.offset)
            time = np.full(m, self.now, np.int64)
            offset = np.arange(self.offset + 1, self.offset + 1 + m)
            yield Columns(self.slots, time, values[self.slots], self.usable, ~self.usable, offset, time)
            self.offset += m + 1
            self.round += 1


def default_chain(series: int, rounds: int, clock: Clock, *, seed: int = 1, mixed: bool = False) -> Measured:
    """Readings a second of a kernel with everything on: warmed, with models in force, and findings told."""
    samples = Samples()
    kernel = Kernel(bench_pack(), "readings.bench", 0, samples=samples)
    for number in range(series):
        site = f"site-{number // 10}"
        kernel.bind(SeriesSpec(f"{site}/p{number}/so2/Rtd", site, "so2", "Rtd", "mg/m³", "bench"))
    source = Rounds(series, seed, mixed)
    prime(kernel, source.take(WARM_ROUNDS), samples, source.now, source.offset, seed)
    source.offset += 1
    kernel.forest_watch.samples = None
    found, seconds = 0, []
    for _ in range(rounds):
        steps = list(source.take(1))
        begun = clock()
        for step in steps:
            if isinstance(step, Columns):
                found += len(kernel.apply(step).findings)
            else:
                found += len(kernel.control(step.control, step.offset, step.stamp, None).findings)
        seconds.append(clock() - begun)
    # The middle round: on a shared machine some take several times as long as the others.
    return Measured(series, series / float(np.median(seconds)), found / (rounds * series), memory_bytes(kernel))


def memory_bytes(kernel: Kernel) -> float:
    """What a snapshot holds of a series on the average, in bytes: every array by slot; names and models not counted."""
    size = sum(_bytes(kernel.export(block)) for block in range(BLOCKS))
    return size / max(kernel.series.count, 1)


def _bytes(value: Any) -> int:
    if isinstance(value, np.ndarray):
        return int(value.nbytes)
    return sum(_bytes(each) for name, each in value.items() if name != "specs") if isinstance(value, dict) else 0


def isolation_forest_peer(rows: int, clock: Clock, *, seed: int = 1) -> float:
    """Rows a second of scikit-learn's ``IsolationForest.score_samples``, one batch, 8 features, its defaults."""
    noise = np.random.default_rng(seed)
    model = IsolationForest(random_state=seed, n_jobs=1).fit(noise.standard_normal((2_000, 8)))
    batch = noise.standard_normal((rows, 8))
    begun = clock()
    model.score_samples(batch)
    return rows / (clock() - begun)


def bench_pack() -> Domain:
    """One quantity with one limit, under every detector there is."""
    nothing = Text("无", "none")
    limit = Limit("H", LIMIT, "orange", "bench", "bench", np.datetime64("2000-01-01").item())
    so2 = Quantity(nothing, "mg/m³", "bench", ROUND_MS / 1000, (0.0, 1000.0), 0.001, limits=(limit,))
    guidance = {"default": Guidance(nothing, nothing, 600, nothing)}
    return Domain("bench", nothing, 99, "Other", {"so2": so2}, {}, (), guidance)
