"""The alarm budget: alarms that healthy points raise in a week with default settings, and faults that are found."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from detectors.backtest import prime
from detectors.base import Columns
from detectors.benchmarks.healthy_points import (
    FAULTS,
    KINDS,
    MINUTES,
    Fault,
    FaultKind,
    HealthyPoints,
    Kind,
    faults,
    points_pack,
)
from detectors.kernel import Kernel
from detectors.samples import Samples
from topics.finding import Finding

#: The promise: national practice and ISA-18.2 leave an operator about one alarm for a hundred points and day.
MOST_ALARMS = 0.010
LEAST_SHARE_FOUND = 0.9
STATISTICAL = ("anomaly", "isolation_forest")
#: Minutes after a fault's end within which its finding still counts: a median of readings must have passed.
GRACE_MIN = 10
#: City time ticks each minute; while models are gathered each five minutes, as the fitter does it.
WARM_TICK_MIN = 5


@dataclass(frozen=True, slots=True)
class Plan:
    """``points`` healthy points plus one more for each of the ``faults``; days of warm-up and days that count;
    ``size``: times the usual size of the faults; ``kinds`` of point, in turn."""

    points: int = 8266
    faults: int = 50
    warm_days: int = 14
    days: int = 7
    seed: int = 1
    size: float = 1.0
    kinds: tuple[Kind, ...] = KINDS


@dataclass(frozen=True, slots=True)
class Budget:
    """``alarms`` that healthy points raised, by detector; ``found`` of ``injected`` faults by kind; ``missed`` ones."""

    plan: Plan
    alarms: dict[str, int]
    found: dict[str, int]
    injected: dict[str, int]
    missed: tuple[Fault, ...]

    @property
    def point_days(self) -> int:
        """Points times days, over which false alarms are counted."""
        return self.plan.points * self.plan.days

    @property
    def per_point_day(self) -> float:
        """Alarms of a healthy point in a day."""
        return sum(self.alarms.values()) / self.point_days

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true rate lies, 95 %."""
        low, high = poisson_interval(sum(self.alarms.values()))
        return low / self.point_days, high / self.point_days

    @property
    def statistical(self) -> int:
        """Alarms of the detectors that the knob is for."""
        return sum(count for name, count in self.alarms.items() if name in STATISTICAL)

    @property
    def kept(self) -> bool:
        """Whether the promise holds."""
        found, injected = sum(self.found.values()), sum(self.injected.values())
        return self.per_point_day <= MOST_ALARMS and found >= LEAST_SHARE_FOUND * injected


def poisson_interval(count: int) -> tuple[float, float]:
    """Where the mean of a Poisson count lies, 95 %, exact (Garwood 1936)."""
    low = stats.chi2.ppf(0.025, 2 * count) / 2 if count else 0.0
    return float(low), float(stats.chi2.ppf(0.975, 2 * count + 2) / 2)


def alarm_budget(plan: Plan, told: Callable[[str], None] = lambda line: None) -> Budget:
    """Warm a kernel, fit its models from the warm-up, and count what it raises in the days after."""
    source, samples = HealthyPoints(plan.points + plan.faults, plan.seed, plan.kinds), Samples()
    pack = points_pack(plan.kinds)
    kernel = Kernel(pack, pack.topic, 0, samples=samples)
    specs = source.specs()
    for spec in specs:
        kernel.bind(spec)
    warm = source.take(plan.warm_days * MINUTES, WARM_TICK_MIN)
    prime(kernel, _counted(warm, "warm-up", plan.warm_days, told), samples, source.time_ms, source.offset, plan.seed)
    source.offset += 1
    kernel.forest_watch.samples = None
    start = source.time_ms
    spoilt = faults(plan.faults, source.points, plan.days, np.random.default_rng(plan.seed + 1))
    opened: list[Finding] = []
    for step in _counted(source.take(plan.days * MINUTES, 1, spoilt, plan.size), "day", plan.days, told):
        if isinstance(step, Columns):
            outcome = kernel.apply(step)
        else:
            outcome = kernel.control(step.control, step.offset, step.stamp, None)
        opened += [finding for finding in outcome.findings if finding.phase == "open"]
    subjects = {spec.series: point for point, spec in enumerate(specs)}
    return _judged(plan, spoilt, [(subjects.get(each.subject, -1), each) for each in opened], start)


def _judged(plan: Plan, spoilt: list[Fault], opened: list[tuple[int, Finding]], start: int) -> Budget:
    of_point = {fault.point: fault for fault in spoilt}
    alarms = Counter(finding.detector for point, finding in opened if point not in of_point)
    seen = set()
    for point, finding in opened:
        fault = of_point.get(point)
        if fault is not None and fault.minute <= (finding.time - start) / 60_000 <= fault.last + GRACE_MIN:
            seen.add(point)
    injected = Counter(fault.kind for fault in spoilt)
    found = Counter(fault.kind for fault in spoilt if fault.point in seen)
    missed = tuple(fault for fault in spoilt if fault.point not in seen)
    return Budget(plan, dict(sorted(alarms.items())), _by_kind(found), _by_kind(injected), missed)


def _by_kind(counts: Counter[FaultKind]) -> dict[str, int]:
    return {kind: counts[kind] for kind in FAULTS}


def _counted(steps: Iterable[object], name: str, days: int, told: Callable[[str], None]) -> Iterable[Any]:
    """The steps, with a word at each day's end."""
    minutes = 0
    for step in steps:
        yield step
        if isinstance(step, Columns):
            minutes += 1
            if minutes % MINUTES == 0:
                told(f"{name} {minutes // MINUTES} of {days}")
