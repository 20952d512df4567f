"""False alerts of groups on simulated healthy places, and breaks of their going together: the live watch at full speed,
without the detectors of single series beside it."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import numpy as np

from detectors.backtest import model_ref
from detectors.base import FloatArray, IntArray, Outcome, Rows, SeriesSpec, SlotArray
from detectors.benchmarks.alarm_budget import poisson_interval
from detectors.episodes import OpenEpisodes
from detectors.fitting import fit
from detectors.groups.fitting import fit_groups
from detectors.groups.in_force import GROUPS_SHARE
from detectors.groups.live import GroupWatch
from detectors.in_force import InForce
from detectors.samples import Samples
from detectors.series import SeriesTable
from detectors.teller import Teller
from topics.channel_group import ChannelGroup
from topics.domain import Domain, Guidance, Quantity
from topics.finding import Finding, Text

MINUTE_MS = 60_000
DAY = 1_440
START_MS = 1_439_308_800_000

#: By channel: its level, its weights of the two hidden processes of its place, and the spread of its own noise.
CHANNELS = {
    "temperature": (30.0, 2.0, 0.3, 0.15),
    "pressure": (0.8, 0.05, 0.02, 0.004),
    "level": (50.0, -1.0, 4.0, 0.3),
    "flow": (12.0, 0.2, 1.5, 0.12),
}
#: How long a break lasts, and within how much of it and of what follows it must be found.
BREAK = 60
FOUND_WITHIN = 70

Progress = Callable[[str], None]


class GroupProcess:
    """Places whose channels follow two hidden AR(1) processes with heavy tails (Student t of 5 degrees). ``together``:
    the same two move all places."""

    def __init__(self, places: int, seed: int, *, together: bool = False) -> None:
        self.noise = np.random.default_rng(seed)
        self.places = places
        self.together = together
        self._hidden = np.zeros((places, 2))

    def values(self) -> FloatArray:
        """The next minute's, (places, channels)."""
        shock = self.noise.standard_t(5, (1 if self.together else self.places, 2)) * np.sqrt(3.0 / 5.0)
        self._hidden = 0.9 * self._hidden + np.sqrt(1.0 - 0.81) * shock
        base, one, other, own = (np.array(column) for column in zip(*CHANNELS.values(), strict=True))
        made: FloatArray = base + self._hidden[:, :1] * one + self._hidden[:, 1:] * other
        made = made + own * self.noise.standard_normal(made.shape)
        return np.round(made, 4)


@dataclass(frozen=True, slots=True)
class Plan:
    """``places`` healthy for ``days`` after ``warm_days`` that teach; then each has a break of an hour, in which one
    channel goes its own way. ``rate``: false alerts a sensor may raise in a day, all statistical detectors together.
    """

    detector: str = "var_residual"
    places: int = 12
    warm_days: int = 7
    days: int = 30
    rate: float = 0.04
    seed: int = 1


@dataclass(frozen=True, slots=True)
class GroupBudget:
    """``alerts`` on healthy places; ``sensor_days``; ``found`` breaks of ``places``, ``blamed``: of these, with the
    broken channel as the weightiest."""

    plan: Plan
    alerts: int
    sensor_days: float
    found: int
    blamed: int

    @property
    def nominal(self) -> float:
        """Alerts that the knob leaves to groups, for each sensor and day."""
        return self.plan.rate * GROUPS_SHARE

    @property
    def ratio(self) -> float:
        """Realised over nominal."""
        return self.alerts / (self.nominal * self.sensor_days)

    @property
    def interval(self) -> tuple[float, float]:
        """Of the ratio, 95 %."""
        low, high = poisson_interval(self.alerts)
        return low / (self.nominal * self.sensor_days), high / (self.nominal * self.sensor_days)


def group_alarms(plan: Plan, say: Progress = lambda line: None) -> GroupBudget:
    """Teach, watch healthy days, then break each place's channels apart."""
    city = _Places(plan)
    say(f"{plan.warm_days} days of {plan.places} places …")
    for _ in range(plan.warm_days * DAY):
        city.minute(city.process.values())
    city.learn()
    alerts = 0
    for day in range(plan.days):
        for _ in range(DAY):
            alerts += sum(each.phase == "open" for each in city.minute(city.process.values()))
        say(f"day {day + 1} of {plan.days}: {alerts} false alerts")
    strange, opened = GroupProcess(plan.places, plan.seed + 1_000), dict[str, Finding]()
    broken = np.arange(plan.places), np.arange(plan.places) % len(CHANNELS)
    for minute in range(FOUND_WITHIN):
        values, other = city.process.values(), strange.values()
        if minute < BREAK:
            values[broken] = other[broken]
        opened |= {each.subject: each for each in city.minute(values) if each.phase == "open"}
    names = {f"p{place}/group": list(CHANNELS)[channel] for place, channel in zip(*broken, strict=True)}
    blamed = sum(names[each.subject] == each.channels[0].series.split("/")[2] for each in opened.values())
    return GroupBudget(plan, alerts, plan.days * plan.places * float(len(CHANNELS)), len(opened), blamed)


class _Places:
    """Simulated places in a live watch, read each minute."""

    def __init__(self, plan: Plan) -> None:
        self.process = GroupProcess(plan.places, plan.seed)
        self.domain = _pack(plan)
        self.force = InForce(self.domain, plan.rate)
        self.series, self.samples, self.now = SeriesTable(), Samples(), START_MS
        teller = Teller(self.domain.name, self.domain.topic, 0, lambda: self.force.versions)
        episodes = OpenEpisodes()
        self.watch = GroupWatch(self.series, episodes, teller, self.force, self.samples)
        for place in range(plan.places):
            for name in CHANNELS:
                series = f"p{place}/d{place}/{name}/Rtd"
                spec = SeriesSpec(series, f"p{place}", name, "Rtd", "1", name)
                self.series.add(spec, self.force.tables.code(spec), 0)
                self.watch.met(self.series.count - 1)
        episodes.grow(self.series.room)
        self.force.heed_kinds()

    def minute(self, values: FloatArray) -> list[Finding]:
        """A tick, then a reading of each channel."""
        outcome, m = Outcome(), values.size
        self.watch.at_tick(self.now, self.now // 1000, 0, outcome)
        t: IntArray = np.full(m, self.now, np.int64)
        good, plain = np.ones(m, np.bool_), np.ones(m)
        code: SlotArray = np.zeros(m, np.intp)
        rows = Rows(slice(0, m), values.ravel(), t, good, good, plain, code, plain, plain, self.now, self.now)
        self.watch.keep(rows, t // 1000)
        self.now += MINUTE_MS
        return outcome.findings

    def learn(self) -> None:
        """Put the models of what has been seen in force."""
        body = fit(
            self.domain.name, {}, self.now, groups=fit_groups(self.domain, self.samples.groups.gathered(), self.now)
        )
        self.force.obey("~model", model_ref(self.domain.name, body), body)
        self.watch.samples = None


def _pack(plan: Plan) -> Domain:
    nothing, words = Guidance(Text("无", "none"), Text("无", "none"), 60, Text("无", "none")), Text("模拟", "simulated")
    quantity = Quantity(words, "1", "simulated", 60, (-1e6, 1e6), 1e-4)
    group = ChannelGroup(words, tuple(CHANNELS), detector=plan.detector)
    quantities = {name: msgspec.structs.replace(quantity, sensor_class=name) for name in CHANNELS}
    return Domain("simulated", words, 1, "Other", quantities, {}, (), {"default": nothing}, groups={"group": group})
