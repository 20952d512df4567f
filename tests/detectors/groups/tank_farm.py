"""A made-up farm: at each tank temperature, pressure, level and flow follow two hidden processes and go together."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import numpy as np
import pytest

from detectors.backtest import Step
from detectors.base import Columns, FloatArray, SeriesSpec
from detectors.benchmarks.group_alarms import CHANNELS, GroupProcess
from detectors.fitting import fit
from detectors.groups.declared import DeclaredGroups
from detectors.groups.fitting import fit_groups
from detectors.groups.gathered import Gathered
from detectors.kernel import Kernel
from detectors.samples import Samples
from tests.detectors.small_pack import MINUTE, START, domain, quantity
from topics.channel_group import ChannelGroup
from topics.domain import Domain, Quantity
from topics.finding import Text
from topics.reading import Control

DAY = 1440
NAMES = tuple(CHANNELS)
UNITS = {"temperature": "°C", "pressure": "MPa", "level": "%", "flow": "m3/h"}
Spoil = Callable[[int, FloatArray], FloatArray]


def pack(detector: str = "var_residual", **more: Any) -> Domain:
    """The four quantities and one group ``tank``: those of a tank, or for neighbours the pressures of a site."""
    quantities = {name: _quantity(name) for name in NAMES}
    alike: dict[str, Any] = {"quantities": ("pressure",), "per": "site"}
    given = {"quantities": NAMES, "per": "device"} | (alike if detector == "neighbours" else {}) | more
    group = ChannelGroup(Text("储罐工况", "Tank state"), detector=detector, **given)
    return msgspec.structs.replace(domain(quantities), groups={"tank": group})


def _quantity(name: str) -> Quantity:
    made = quantity(sensor_class=f"tank-{name}", resolution=0.0001)
    return msgspec.structs.replace(made, unit=UNITS[name], title=Text(name, name.capitalize()))


class Farm:
    """``tanks`` tanks, two to a site, read each minute at a second of its own; ``spoil`` may change the values
    (tanks, channels) of a step, NaN is no reading. ``together``: all at one site, and moved by the same processes."""

    def __init__(self, tanks: int, seed: int, domain: Domain | None = None, *, together: bool = False) -> None:
        self.process = GroupProcess(tanks, seed, together=together)
        self.domain = domain if domain is not None else pack()
        self.step = 0
        self.offset = 0
        self.names = [f"s{0 if together else tank // 2}/t{tank}/{name}/Rtd" for tank in range(tanks) for name in NAMES]

    @property
    def now(self) -> int:
        return START + self.step * MINUTE

    def specs(self) -> list[SeriesSpec]:
        found = []
        for series in self.names:
            site, _, name, statistic = series.split("/")
            zh, en = f"{site}厂", f"Works {site}"
            kind, titles = f"tank-{name}", (f"{zh} {name}", f"{en} {name}", zh, en)
            found.append(SeriesSpec(series, site, name, statistic, UNITS[name], kind, *titles))
        return found

    def kernel(self, samples: Samples | None = None) -> Kernel:
        kernel = Kernel(self.domain, "readings.trial", 0, samples=samples)
        for spec in self.specs():
            kernel.bind(spec)
        return kernel

    def values(self) -> FloatArray:
        """The next minute's, (tanks, channels)."""
        return self.process.values()

    def gathered(self, count: int) -> dict[str, Gathered]:
        """So many minutes as vectors of the pack's group, without a kernel."""
        values = np.stack([self.values().ravel() for _ in range(count)])
        places: dict[str, list[int]] = {}
        declared = DeclaredGroups(self.domain)
        for at, spec in enumerate(self.specs()):
            for _, subject in declared.of(spec):
                places.setdefault(subject, []).append(at)
        found = {}
        for subject, seats in places.items():
            seats.sort(key=lambda seat: self.names[seat])
            found[subject] = Gathered("tank", tuple(self.names[seat] for seat in seats), values[:, seats])
        return found

    def taught(self, count: int) -> bytes:
        """The bundle that so many minutes teach, with half the held-out scores that a city asks for."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("detectors.calibration.LEAST_SCORES", 1_000)
            groups = fit_groups(self.domain, self.gathered(count), START)
            return fit(self.domain.name, {}, START, groups=groups)

    def steps(self, count: int, spoil: Spoil = lambda step, values: values) -> Iterator[Columns | Step]:
        """``count`` minutes: the minute's tick, then its readings."""
        for place in range(count):
            values = spoil(place, self.values()).ravel()
            yield Step(Control("~tick", self.now), self.offset)
            there = np.flatnonzero(~np.isnan(values))
            m, good = len(there), np.ones(len(there), np.bool_)
            time = self.now + 1000 * (there // len(NAMES) * 7 % 60)
            offsets = self.offset + 1 + np.arange(m)
            yield Columns(there, time, values[there], good, ~good, offsets, time)
            self.offset += m + 1
            self.step += 1
