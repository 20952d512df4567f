"""Honest outlets over a month and the days before it, with the difficulties that real ones have.

Drift between calibrations, noise, batch analysers, calibration and maintenance marks, lost minutes, broken lines, power
cuts, steady days, true low loads and stops, outlets that are clean to the detection limit, and outlets that are well
controlled close under their limit and honestly pass it now and then.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from detectors.base import BoolArray, FloatArray
from detectors.benchmarks.integrity.processes import DAY, Random, daily, held, marked, ramped, spans, wander
from detectors.integrity.outlet import FlagArray, Known, Role
from topics.finding import Text

#: Days before the judged month, which say what is usual.
BEFORE_DAYS = 8

#: Reference oxygen of the stacks, %.
REFERENCE_O2 = 6.0


def _known(role: Role, name: str, unit: str, high: float, resolution: float, **more: float | str) -> Known:
    return Known(role, unit, Text(zh=name, en=name), (0.0, high), resolution, **more)  # type: ignore[arg-type]


#: The limits are those of GB 18918-2002 class 1A and of GB 13223-2011 for key regions.
WATER = {
    "w01018": _known("pollutant", "COD", "mg/L", 500.0, 0.1, detection_limit=4.0, limit=50.0),
    "w21003": _known("pollutant", "NH3-N", "mg/L", 50.0, 0.01, detection_limit=0.1, limit=5.0),
    "w21011": _known("pollutant", "TP", "mg/L", 10.0, 0.001, detection_limit=0.01, limit=0.5),
}
STACK = {
    "a21026": _known("pollutant", "SO2", "mg/m3", 500.0, 0.1, detection_limit=1.0, limit=50.0, judged="ZsRtd"),
    "a21002": _known("pollutant", "NOx", "mg/m3", 500.0, 0.1, detection_limit=1.0, limit=100.0, judged="ZsRtd"),
    "a34013": _known("pollutant", "PM", "mg/m3", 100.0, 0.01, detection_limit=0.2, limit=20.0, judged="ZsRtd"),
}
GAUGES = {
    "w00000": _known("flow", "flow", "L/s", 1000.0, 0.1),
    "a00000": _known("flow", "gas flow", "m3/s", 500.0, 0.01),
    "a19001": _known("oxygen", "O2", "%", 25.0, 0.01),
    "a01012": _known("stack-temperature", "temperature", "°C", 400.0, 0.1),
    "d20001": _known("production-power", "production", "kW", 2000.0, 0.1),
    "d30001": _known("treatment-power", "treatment", "kW", 500.0, 0.1),
}


@dataclass(frozen=True)
class Month:
    """What one outlet's instruments see, by the minute: ``values`` and ``flags`` by quantity, before anything is lost
    on the way. ``lost`` are minutes of which nothing arrives. ``below`` is its neighbour downstream.
    """

    name: str
    known: dict[str, Known]
    values: dict[str, FloatArray]
    flags: dict[str, FlagArray]
    lost: BoolArray
    clean: bool = False
    below: "Month | None" = None
    cut: dict[str, BoolArray] = field(default_factory=dict)

    @property
    def minutes(self) -> int:
        """How many minutes it has."""
        return len(self.lost)

    @property
    def pollutants(self) -> list[str]:
        """Codes of the quantities that limits are about."""
        return [quantity for quantity, known in self.known.items() if known.role == "pollutant"]

    def part(self, first: int, last: int) -> "Month":
        """The days [first, last), its arrays copied."""
        rows = slice(first * DAY, last * DAY)
        return replace(
            self,
            values={name: each[rows].copy() for name, each in self.values.items()},
            flags={name: each[rows].copy() for name, each in self.flags.items()},
            lost=self.lost[rows].copy(),
            below=self.below.part(first, last) if self.below else None,
        )


def months(seed: int, count: int, days: int) -> list[Month]:
    """``count`` outlets: over half waste water, half of those with a neighbour downstream; the others stacks."""
    minutes = (BEFORE_DAYS + days) * DAY
    made: list[Month] = []
    pairs = round(count * 0.28)
    for number in range(pairs):
        random = np.random.default_rng([seed, number])
        below, above = _trunk(random, f"trunk-{number}", _water(random, f"outlet-{number}", minutes))
        made += [above, below]
    for number in range(count - 2 * pairs):
        made.append(_stack(np.random.default_rng([seed, 10_000 + number]), f"stack-{number}", minutes))
    return made


def _level(random: Random, minutes: int, known: Known, kind: str) -> FloatArray:
    """A pollutant's concentration: what flows past the instrument."""
    assert known.limit is not None and known.detection_limit is not None
    steady = marked(minutes, spans(random, minutes, 3 / 30, 360, 1200))
    if kind == "clean":
        return known.detection_limit * np.exp(wander(random, minutes, 4.0, 0.15)) * 0.9
    if kind == "tight":
        level = known.limit * random.uniform(0.8, 0.88) * (1 + wander(random, minutes, 2.0, 0.03))
    else:
        base = known.limit * random.uniform(0.3, 0.6)
        spread = np.where(steady, 0.05, random.uniform(0.1, 0.18))
        swing = daily(minutes, random.uniform(0.02, 0.12), random.uniform(0, DAY))
        level = base * swing * np.exp(wander(random, minutes, random.uniform(2, 6), spread))
    rows = np.arange(minutes)
    for each in spans(random, minutes, 1 / 15, 30, 120):
        width = (each.stop - each.start) / 2
        height = known.limit * random.uniform(0.3, 0.8)
        level = level + height * np.exp(-0.5 * ((rows - each.start) / width) ** 2)
    return level


def _instrument(random: Random, level: FloatArray, known: Known, batch: bool, clean: bool) -> FloatArray:
    """What the instrument shows of it: drift between weekly calibrations, noise, batches, its detection limit."""
    minutes = len(level)
    weekly = (np.arange(minutes) + int(random.integers(0, 7 * DAY))) % (7 * DAY) / (7 * DAY)
    shown = level * (1 + random.uniform(-0.03, 0.03) * weekly)
    shown = shown * (1 + random.normal(size=minutes) * random.uniform(0.008, 0.02))
    if batch:
        shown = held(shown, 120, int(random.integers(0, 120)))
    if clean:
        shown = np.maximum(shown, known.detection_limit or 0.0)
    return shown


def _marks(random: Random, minutes: int, daily_minutes: float) -> FlagArray:
    """Calibration at its hour of each day, maintenance in working hours now and then, a fault seldom."""
    flags: FlagArray = np.full(minutes, "N", "U1")
    at, last = int(random.integers(0, 6 * 60)), int(random.uniform(0.5, 1.0) * daily_minutes)
    for day in range(0, minutes, DAY):
        flags[day + at : day + at + last] = "C"
        if random.random() < 1 / 7:
            begin = day + int(random.uniform(9, 15) * 60)
            flags[begin : begin + int(random.uniform(30, 150))] = "M"
    for each in spans(random, minutes, 1 / 20, 20, 240):
        flags[each] = "D"
    return flags


def _lost(random: Random, minutes: int) -> BoolArray:
    """Single minutes, broken lines and power cuts."""
    gone = random.random(minutes) < random.uniform(0.002, 0.01)
    gone |= marked(minutes, spans(random, minutes, 1 / 7, 15, 240))
    return gone | marked(minutes, spans(random, minutes, 1 / 20, 60, 300))


def _powers(random: Random, running: FloatArray) -> dict[str, FloatArray]:
    """Electricity of production and of the treatment, which starts later and trips now and then."""
    minutes = len(running)
    lag = int(random.uniform(10, 40))
    treated = np.concatenate((np.full(lag, running[0]), running[:-lag])) * (running > 0.05)
    treated[marked(minutes, spans(random, minutes, 1 / 10, 5, 45))] = 0.0
    made, cleaned = random.uniform(200, 1500), random.uniform(30, 300)
    noise = 1 + wander(random, minutes, 1.0, 0.08) + 0.01 * random.normal(size=minutes)
    return {
        "d20001": made * np.maximum(running * noise, 0.01),
        "d30001": cleaned * np.maximum(treated**0.3 * (1 + 0.02 * random.normal(size=minutes)), 0.01),
    }


def _load(random: Random, minutes: int) -> FloatArray:
    """Load of the plant, 1 = usual: weekends, true low loads, stops."""
    rows = np.arange(minutes)
    load = np.where(rows // DAY % 7 >= 5, random.uniform(0.6, 1.0), 1.0) * np.exp(wander(random, minutes, 3.0, 0.08))
    for each in spans(random, minutes, 2 / 30, 360, 900):
        load[each] *= random.uniform(0.45, 0.6)
    stops = marked(minutes, spans(random, minutes, random.choice([0.0, 1 / 15]), 480, 2400))
    worked: FloatArray = load * ramped(~stops, 0.3)
    return worked


def _water(random: Random, name: str, minutes: int) -> Month:
    load = _load(random, minutes)
    kind = str(random.choice(["usual", "clean", "tight"], p=[0.72, 0.13, 0.15]))
    batch = bool(random.random() < 0.5)
    marks, values, flags = _marks(random, minutes, 60), {}, {}
    for quantity, known in WATER.items():
        level = _level(random, minutes, known, kind) * np.clip(load, 0.5, 1) ** 0.3
        values[quantity] = _instrument(random, level, known, batch, kind == "clean")
        flags[quantity] = marks
    flow = random.uniform(20, 200) * load * daily(minutes, 0.25, random.uniform(0, DAY))
    values["w00000"] = flow * (1 + 0.01 * random.normal(size=minutes))
    values |= _powers(random, load)
    return _finished(name, WATER, values, flags, _lost(random, minutes), kind == "clean")


def _trunk(random: Random, name: str, above: Month) -> tuple[Month, Month]:
    """The sewer downstream of an outlet: its load arrives there half an hour later, with that of others; rain thins."""
    minutes, rain = above.minutes, np.ones(above.minutes)
    for each in spans(random, minutes, 3 / 30, 240, 1440):
        rain[each] = random.uniform(1.2, 2.0)
    flow = above.values["w00000"]
    others = float(np.mean(flow)) * random.uniform(0.3, 0.8) * np.exp(wander(random, minutes, 6.0, 0.08))
    values, flags, marks = {}, {}, _marks(random, minutes, 60)
    for quantity, known in WATER.items():
        own = float(np.median(above.values[quantity])) * np.exp(wander(random, minutes, 6.0, 0.08))
        mass = np.roll(flow * above.values[quantity], 30) + others * own
        level = mass / ((flow + others) * rain)
        values[quantity] = _instrument(random, level, known, False, above.clean)
        flags[quantity] = marks
    values["w00000"] = (flow + others) * rain * (1 + 0.01 * random.normal(size=minutes))
    values |= _powers(random, np.clip(above.values["d20001"] / np.quantile(above.values["d20001"], 0.9), 0, 1.2))
    below = _finished(name, WATER, values, flags, _lost(random, minutes), above.clean)
    return below, replace(above, below=below)


def _stack(random: Random, name: str, minutes: int) -> Month:
    load = _load(random, minutes)
    burning = ramped(load > 0.3, 1.0)
    oxygen = 20.6 - (20.6 - random.uniform(5, 9)) * burning * np.clip(load, 0.2, 1.1) ** 0.4
    oxygen = np.clip(oxygen + wander(random, minutes, 0.5, 0.3), 2.0, 20.8)
    kind = str(random.choice(["usual", "clean", "tight"], p=[0.77, 0.08, 0.15]))
    share = (21 - oxygen) / (21 - REFERENCE_O2)
    marks, values, flags = _marks(random, minutes, 30), {}, {}
    marks[load < 0.2] = "F"
    for quantity, known in STACK.items():
        level = _level(random, minutes, known, kind) * share
        values[quantity] = _instrument(random, level, known, False, kind == "clean")
        flags[quantity] = marks
    values["a19001"] = oxygen + 0.05 * random.normal(size=minutes)
    values["a01012"] = 30 + random.uniform(80, 120) * burning + 0.5 * random.normal(size=minutes)
    values["a00000"] = random.uniform(20, 200) * load * (1 + 0.015 * random.normal(size=minutes))
    values |= _powers(random, load)
    return _finished(name, STACK, values, flags, _lost(random, minutes), kind == "clean")


def _finished(
    name: str,
    pollutants: dict[str, Known],
    values: dict[str, FloatArray],
    flags: dict[str, FlagArray],
    lost: BoolArray,
    clean: bool,
) -> Month:
    known = {quantity: pollutants.get(quantity) or GAUGES[quantity] for quantity in values}
    usual: FlagArray = np.full(len(lost), "N", "U1")
    rounded = {
        quantity: np.round(np.maximum(each, 0.0) / known[quantity].resolution) * known[quantity].resolution
        for quantity, each in values.items()
    }
    return Month(name, known, rounded, {each: flags.get(each, usual) for each in values}, lost, clean)
