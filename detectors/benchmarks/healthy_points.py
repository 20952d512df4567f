"""Made-up measuring points of a city, read once a minute: healthy ones, and faults put into some of them.

Simulated, and said so wherever figures of it are shown. Four kinds of point with a daily wave, remembered noise with
heavy tails, the instrument's step, and one reading in 200 that brings no value.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from detectors.backtest import Step
from detectors.base import Columns, FloatArray, SeriesSpec, SlotArray
from topics.domain import Domain, Guidance, Quantity
from topics.finding import Text
from topics.reading import Control

#: 2026-01-01 00:00 in the city.
START_MS = 1_767_196_800_000
MINUTE_MS = 60_000
MINUTES = 1440
POINTS_AT_A_SITE = 10
NO_VALUE = 1 / 200

FaultKind = Literal["spike", "shift", "drift", "frozen", "silent"]
#: Minutes that a fault lasts, and standard deviations of the healthy point by which it moves the value.
FAULTS: dict[FaultKind, tuple[int, float]] = {
    "spike": (1, 15.0),
    "shift": (60, 10.0),
    "drift": (240, 12.0),
    "frozen": (240, 0.0),
    "silent": (30, 0.0),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of point: ``phi`` memory from minute to minute; ``tail`` degrees of freedom of Student's t that its noise
    has; ``daily`` size of the daily wave in standard deviations."""

    name: str
    phi: float
    tail: float
    daily: float


KINDS = (
    Kind("gas", 0.9, 4.0, 0.5),
    Kind("temperature", 0.98, 8.0, 2.0),
    Kind("level", 0.99, 6.0, 0.0),
    Kind("flow", 0.7, 5.0, 1.0),
)
#: What the knob is held against: AR(1) with coefficient 0.9 and innovations of Student's t with 4 degrees of freedom.
SIMULATION = (Kind("ar1", 0.9, 4.0, 0.0),)


@dataclass(frozen=True, slots=True)
class Fault:
    """``minute`` counts from the first one after the warm-up."""

    kind: FaultKind
    point: int
    minute: int

    @property
    def last(self) -> int:
        """The last minute it lasts."""
        return self.minute + FAULTS[self.kind][0] - 1


def faults(count: int, points: int, days: int, noise: np.random.Generator) -> list[Fault]:
    """As many of each kind as of the others, each at a point of its own, none in the first or last six hours."""
    kinds = list(FAULTS)
    chosen = noise.permutation(points)[:count].tolist()
    minutes = noise.integers(360, days * MINUTES - 720, count).tolist()
    return [Fault(kinds[i % len(kinds)], point, minutes[i]) for i, point in enumerate(chosen)]


class HealthyPoints:
    """``series`` are bound in this order; the noise follows from ``seed`` alone."""

    def __init__(self, points: int, seed: int, kinds: tuple[Kind, ...] = KINDS) -> None:
        self.noise = np.random.default_rng(seed)
        self.points = points
        kind = np.arange(points) % len(kinds)
        self._kinds = [kinds[place] for place in kind.tolist()]
        self.sd = self.noise.uniform(0.5, 3.0, points)
        self._phi = np.array([each.phi for each in self._kinds])
        self._of_kind = [(each, np.flatnonzero(kind == place)) for place, each in enumerate(kinds)]
        self._step = 0.02
        self._daily = np.array([each.daily for each in self._kinds]) * self.sd * self.noise.uniform(0.5, 1.5, points)
        self._phase = self.noise.uniform(0.0, 2 * np.pi, points)
        self._level = self.noise.uniform(20.0, 80.0, points)
        self._now = np.zeros(points)
        self._held: dict[int, float] = {}
        self.minute = 0
        self.offset = 0

    @property
    def time_ms(self) -> int:
        """Event time of the present minute, ms UTC."""
        return START_MS + self.minute * MINUTE_MS

    def specs(self) -> list[SeriesSpec]:
        """Ten points to a site, each of a device of its own."""
        specs = []
        for point, kind in enumerate(self._kinds):
            site = f"site-{point // POINTS_AT_A_SITE}"
            series = f"{site}/p{point}/{kind.name}/Rtd"
            specs.append(SeriesSpec(series, site, kind.name, "Rtd", "1", kind.name, kind.name, kind.name, site, site))
        return specs

    def take(
        self, minutes: int, tick_every: int, spoilt: list[Fault] | None = None, size: float = 1.0
    ) -> Iterator[Columns | Step]:
        """A reading of every point for each minute, after a tick of city time where it is due. ``spoilt`` counts its
        minutes from here; its faults are ``size`` times as large as usual."""
        first = self.minute
        for _ in range(minutes):
            values = self._values()
            there = self._spoil(values, self.minute - first, spoilt or [], size)
            if self.minute % tick_every == 0:
                yield Step(Control("~tick", self.time_ms), self.offset)
            m = len(there)
            time = np.full(m, self.time_ms, np.int64)
            offset = np.arange(self.offset + 1, self.offset + 1 + m)
            good = np.ones(m, np.bool_)
            yield Columns(there, time, values[there], good, ~good, offset, time)
            self.offset += self.points + 1
            self.minute += 1

    def _values(self) -> FloatArray:
        shock = np.empty(self.points)
        for kind, where in self._of_kind:
            shock[where] = self.noise.standard_t(kind.tail, len(where)) / np.sqrt(kind.tail / (kind.tail - 2.0))
        self._now = self._phi * self._now + np.sqrt(1.0 - self._phi**2) * shock
        wave = self._daily * np.sin(2 * np.pi * self.minute / MINUTES + self._phase)
        values: FloatArray = self._level + wave + self.sd * self._now
        values = np.round(values / self._step) * self._step
        values[self.noise.random(self.points) < NO_VALUE] = np.nan
        return values

    def _spoil(self, values: FloatArray, minute: int, spoilt: list[Fault], size: float) -> SlotArray:
        """Puts the faults of this minute into ``values``; the points that speak at all."""
        silent = []
        for fault in spoilt:
            if not fault.minute <= minute <= fault.last:
                continue
            lasts, spreads = FAULTS[fault.kind]
            if fault.kind == "silent":
                silent.append(fault.point)
            elif fault.kind == "frozen":
                values[fault.point] = self._held.setdefault(fault.point, values[fault.point])
            else:
                share = (minute - fault.minute + 1) / lasts if fault.kind == "drift" else 1.0
                values[fault.point] += share * size * spreads * self.sd[fault.point]
        there: SlotArray = np.delete(np.arange(self.points), silent) if silent else np.arange(self.points)
        return there


def points_pack(kinds: tuple[Kind, ...] = KINDS) -> Domain:
    """The quantities of the points, without limits, under every detector there is with its default settings."""
    nothing = Text("无", "none")
    quantities = {
        kind.name: Quantity(nothing, "1", kind.name, MINUTE_MS / 1000, (-1000.0, 1000.0), 0.02) for kind in kinds
    }
    return Domain(
        "points", nothing, 99, "Other", quantities, {}, (), {"default": Guidance(nothing, nothing, 600, nothing)}
    )
