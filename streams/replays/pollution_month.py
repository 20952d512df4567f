"""A generated month of polluters: what was true minute by minute, and in which order it and the marks arrived.

Waste water outlets (COD and flow), stacks (SO2 and oxygen) and a furnace's 5-minute means, with all that makes a
judgement hard: gaps that are filled later and gaps that are not, resent and corrected values, flags, a plant that
stands still, marks that come days late, overlap or are taken back, a day far over its limit. One seed, one month.
"""

import heapq
import random
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field

from streams.replays.pollution_oracle import Minute
from topics.mark import Mark
from topics.reading import Reading

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
HOUR, DAY = 60, 1440

#: 1 May 2026, 00:00 in the city.
START_MS = 1_777_564_800_000

SOURCE_TYPES = {"water": "municipal-waste-water", "stack": "stack", "burner": "waste-incineration"}

Arrival = tuple[int, int, "Reading | Mark"]


def source_type(site: str) -> str:
    """The source type of one of the month's sites."""
    return SOURCE_TYPES[site.partition("-")[0]]


@dataclass(slots=True)
class Month:
    """``minutes`` is the final truth by subject (the oracle's input), ``furnace`` that of 5-minute means by subject;
    ``arrivals`` is what came, as (city time, number, reading or mark).
    """

    days: int
    minutes: dict[str, list[Minute]] = field(default_factory=dict)
    furnace: dict[str, list[float | None]] = field(default_factory=dict)
    arrivals: list[Arrival] = field(default_factory=list)

    def in_order(self) -> Iterator[Arrival]:
        """Everything as it arrived; the list is used up."""
        heapq.heapify(self.arrivals)
        while self.arrivals:
            yield heapq.heappop(self.arrivals)

    @property
    def end(self) -> int:
        """When all of it has come and every period can be judged, ms UTC."""
        return START_MS + (self.days + 1) * DAY_MS


def pollution_month(days: int = 31, outlets: int = 6, stacks: int = 3, seed: int = 6) -> Month:
    """The month of this seed."""
    chance = random.Random(seed)
    month = Month(days)
    for number in range(outlets):
        _Outlet(month, chance, f"water-{number + 1:02d}").play()
    for number in range(stacks):
        _Stack(month, chance, f"stack-{number + 1:02d}").play()
    _furnace(month, chance)
    return month


class _Source(ABC):
    """One outlet or stack: its truth first, then how it arrives."""

    quantity = helper = ""

    def __init__(self, month: Month, chance: random.Random, site: str) -> None:
        self.month, self.chance, self.site = month, chance, site
        self.device = f"{site}/MN{site[-2:]}"
        self.length = month.days * DAY
        self.minutes = [self.minute(place) for place in range(self.length)]
        self.late: dict[int, int] = {}
        month.minutes[f"{self.device}/{self.quantity}"] = self.minutes

    @abstractmethod
    def minute(self, place: int) -> Minute:
        """What was true in this minute of the month."""

    @abstractmethod
    def helps(self, minute: Minute) -> float | None:
        """What the helping instrument (flow, oxygen) read then."""

    def play(self) -> None:
        for day in range(self.month.days):
            self._trouble(day * DAY)
        for place, minute in enumerate(self.minutes):
            self._send(place, minute)

    def _trouble(self, begin: int) -> None:
        """What goes wrong in one day, each at its own odds."""
        chance, odds = self.chance, self.chance.random
        if odds() < 0.9:  # the daily calibration, flagged by the instrument
            self._each(begin + chance.randrange(DAY - 30), chance.choice((12, 15, 16, 30)), flag="C")
        if odds() < 0.3:  # the line is cut, and what was kept is sent hours later
            for place in self._span(begin, 3 * HOUR):
                self.late[place] = chance.randrange(30, 600)
        if odds() < 0.2:  # nobody kept these
            for place in self._span(begin, chance.choice((1, 5, 7)) * HOUR):
                self.minutes[place].value = self.minutes[place].flow = self.minutes[place].oxygen = None
        if odds() < 0.15:
            self._mark(begin, "plant", "stopped", "exempt", chance.choice((3, 20, 30)) * HOUR)
        if odds() < 0.15:
            self._mark(begin, "monitor", "fault", "invalid", chance.choice((1, 4, 8)) * HOUR)
        if odds() < 0.1:
            self._mark(begin, "treatment", "fault", "", 5 * HOUR)
        if odds() < 0.1:
            self._mark(begin, "plant", "start-up", "", 2 * HOUR, withdrawn=True)
        if odds() < 0.2:
            for place in range(begin, begin + DAY):
                if (value := self.minutes[place].value) is not None:
                    self.minutes[place].value = round(value * 1.9, 1)

    def _span(self, begin: int, length: int) -> range:
        first = begin + self.chance.randrange(DAY)
        return range(first, min(self.length, first + length))

    def _each(self, first: int, length: int, flag: str) -> None:
        for place in range(first, min(self.length, first + length)):
            self.minutes[place].flag = flag

    def _mark(self, begin: int, scope: str, state: str, effect: str, length: int, *, withdrawn: bool = False) -> None:
        """A mark, entered between an hour before and nine days after its end."""
        span = self._span(begin, length)
        start, end = START_MS + span.start * MINUTE_MS, START_MS + span.stop * MINUTE_MS
        latest = START_MS + self.length * MINUTE_MS + HOUR_MS
        made = min(latest, end + self.chance.choice((-HOUR_MS, 2 * HOUR_MS, DAY_MS, 9 * DAY_MS)))
        name = f"{self.site}-{scope}-{state}-{span.start}"
        mark = Mark(name, self.site, scope, state, start, end, made, who="the plant")  # type: ignore[arg-type]
        self._arrive(made, mark)
        if withdrawn:
            back = Mark(name, self.site, scope, state, start, end, made, withdrawn=made + HOUR_MS)  # type: ignore[arg-type]
            self._arrive(made + HOUR_MS, back)
        if effect:
            for place in span:
                self.minutes[place].marked.add(effect)

    def _send(self, place: int, minute: Minute) -> None:
        at = START_MS + place * MINUTE_MS
        arrives = at + self.late.get(place, 0) * MINUTE_MS + self.chance.randrange(2_000)
        backfill = place in self.late
        for quantity, value, flag in (
            (self.quantity, minute.value, minute.flag),
            (self.helper, self.helps(minute), "N"),
        ):
            if value is None:
                continue
            series = f"{self.device}/{quantity}/Rtd"
            sent = Reading(series, at, value, flag, received=arrives, backfill=backfill)
            self._arrive(arrives, sent)
            if self.chance.random() < 0.01:  # not acknowledged in time, so sent again
                self._arrive(arrives + 60_000, sent)
            if self.chance.random() < 0.002:  # wrong at first, corrected later
                wrong = Reading(series, at, value * 3, flag, received=arrives - 1)
                self._arrive(arrives + self.chance.choice((-1, 3)) * HOUR_MS // 2, wrong)

    def _arrive(self, at: int, item: Reading | Mark) -> None:
        arrivals = self.month.arrivals
        arrivals.append((max(at, START_MS), len(arrivals), item))


class _Outlet(_Source):
    """Waste water: COD in mg/L, flow in L/s; near its limit of 30."""

    quantity, helper = "w01018", "w00000"

    def minute(self, place: int) -> Minute:
        hour = place % DAY // HOUR
        flow = 40.0 + 2.5 * hour + self.chance.random()
        return Minute(round(19.0 + hour * 0.6 + self.chance.gauss(0.0, 2.0), 1), flow=round(flow, 1))

    def helps(self, minute: Minute) -> float | None:
        return minute.flow


class _Stack(_Source):
    """A coal boiler: SO2 in mg/m3, oxygen in %; near its limit of 50 at 6 % oxygen."""

    quantity, helper = "a21026", "a19001"

    def minute(self, place: int) -> Minute:
        shut = place % (5 * DAY) < 2 * HOUR
        oxygen = 20.4 if shut else round(self.chance.uniform(7.0, 11.0), 2)
        return Minute(round(self.chance.gauss(33.0, 3.0), 1), oxygen=oxygen)

    def helps(self, minute: Minute) -> float | None:
        return minute.oxygen


def _furnace(month: Month, chance: random.Random) -> None:
    """5-minute means of a furnace, below 850 °C none, five or six times a day."""
    subject = "burner-01/MN01/furnace-temperature"
    means: list[float | None] = [round(chance.uniform(860.0, 990.0), 1) for _ in range(month.days * 288)]
    for day in range(month.days):
        for place in chance.sample(range(288), chance.choice((0, 5, 6))):
            means[day * 288 + place] = round(chance.uniform(700.0, 849.9), 1)
    month.furnace[subject] = means
    for place, value in enumerate(means):
        start = START_MS + place * 5 * MINUTE_MS
        end = start + 5 * MINUTE_MS
        reading = Reading(f"{subject}/Avg", end, value, received=end, period_start=start, period_end=end)
        late = chance.choice((0, 0, 0, 6 * HOUR_MS))
        month.arrivals.append((end + late, len(month.arrivals), reading))
