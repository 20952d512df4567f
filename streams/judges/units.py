"""The judge of units of major hazard sources: readings and ticks of a readings partition in, findings out. Pure.

One condition is one finding that opens, is amended and closes. Which of them a unit's state makes meaningless is said
beside, as the state of the unit: the alert server shows these as suppressed by design.
"""

from collections import deque
from dataclasses import dataclass, field, replace

from detectors.rules.hazard.inventory import unit_grades
from detectors.rules.hazard.rate_of_rise import rate_per_hour
from detectors.rules.hazard.suppression import STATES, State, suppressed
from detectors.rules.hazard.voting import vote
from streams.judges import unit_conditions as conditions
from streams.judges.episodes import Cause, Condition, Episodes
from streams.judges.unit_facts import Group, HazardFacts, Unit
from topics.domain import Domain
from topics.finding import Finding
from topics.reading import Reading, parse_series
from topics.unit_state import UnitState

#: A finding, or what a unit is and suppresses from now on.
Word = Finding | UnitState

LEVEL, UNIT_STATE, BYPASS = "level_percent", "unit_state", "interlock_bypass"


@dataclass(slots=True)
class _Seen:
    """The last good reading of each (device, quantity) of a unit, and what its own state is."""

    last: dict[tuple[str, str], tuple[int, float]] = field(default_factory=dict)
    past: dict[str, deque[tuple[int, float]]] = field(default_factory=dict)
    apart_since: dict[str, int] = field(default_factory=dict)
    state: State | None = None
    since: int = 0
    first: int = 0
    told: tuple[State, frozenset[str]] | None = None


class UnitsJudge:
    """Judges the units whose sites lie in one partition; readings of other devices pass it by."""

    def __init__(self, domain: Domain, facts: HazardFacts, partition: int) -> None:
        self.domain = domain
        self.facts = facts
        self.episodes = Episodes(domain.name, domain.topic, partition)
        self.clock = 0
        self._units: dict[tuple[str, str], list[Unit]] = {}
        self._seen = {unit.name: _Seen() for unit in facts.units}
        self._heard: set[str] = set()
        for unit in facts.units:
            for device in unit.devices:
                self._units.setdefault((unit.about.site, device), []).append(unit)

    def apply(self, reading: Reading, offset: int, stamp: int) -> list[Word]:
        """Judge one reading in log order; late and marked ones change nothing."""
        parts = parse_series(reading.series)
        found: list[Word] = []
        for unit in self._concerned(parts.site, parts.device, parts.quantity):
            if reading.backfill or reading.flag != "N" or reading.value is None or parts.statistic != "Rtd":
                continue
            seen, key = self._seen[unit.name], (parts.device, parts.quantity)
            if key in seen.last and reading.time <= seen.last[key][0]:
                continue
            seen.last[key] = reading.time, reading.value
            seen.first = seen.first or reading.time
            self._heard.add(unit.name)
            if parts.quantity == UNIT_STATE and (state := STATES.get(int(reading.value), "running")) != seen.state:
                seen.state, seen.since = state, reading.time
            found += self._unit(unit, Cause(reading.time, offset, stamp))
        return found

    def tick(self, time_ms: int, offset: int, stamp: int) -> list[Word]:
        """City time goes on: instruments fall silent, start-ups end."""
        if time_ms <= self.clock:
            return []
        self.clock = time_ms
        return [
            finding
            for unit in self.facts.units
            if unit.name in self._heard
            for finding in self._unit(unit, Cause(time_ms, offset, stamp))
        ]

    def _concerned(self, site: str, device: str, quantity: str) -> list[Unit]:
        if quantity in (UNIT_STATE, BYPASS):
            mine = [unit for unit in self.facts.units if unit.about.site == site]
            # What bears a unit's name, or is one of its devices, speaks of that unit alone, else of the whole site.
            return [unit for unit in mine if device == unit.name or device in unit.devices] or mine
        return self._units.get((site, device), [])

    def _unit(self, unit: Unit, cause: Cause) -> list[Word]:
        found: list[Word] = [*self._state(unit, cause), *self._inventory(unit, cause)]
        for group in unit.groups:
            found += self._group(unit, group, cause)
        seen = self._seen[unit.name]
        for (device, quantity), (_, value) in sorted(seen.last.items()):
            if quantity == BYPASS:
                bypassed = conditions.bypassed(unit, device) if value >= 0.5 else None
                found += self._say(unit, "bypass", conditions.BYPASS, f"{unit.name}/{device}", bypassed, cause)
        return found

    def _state(self, unit: Unit, cause: Cause) -> list[UnitState]:
        """What it is and suppresses, where that is new; nothing as long as it has said nothing of itself."""
        seen, about = self._seen[unit.name], unit.about
        if seen.state is None:
            return []
        rules = suppressed(
            seen.state, seen.since, cause.time, int(about.longest_start_up_s * 1000), dict(about.suppresses)
        )
        if seen.told == (seen.state, rules):
            return []
        seen.told = seen.state, rules
        points = unit.points(self.domain)
        return [
            UnitState(
                self.domain.name,
                about.site,
                unit.name,
                seen.state,
                seen.since,
                cause.time,
                tuple(sorted(rules)),
                points,
            )
        ]

    def _inventory(self, unit: Unit, cause: Cause) -> list[Finding]:
        if not unit.tanks:
            return []
        known = {tank.device: self._fresh(unit, tank.device, LEVEL, cause) for tank in unit.tanks}
        levels = {device: value for device, value in known.items() if value is not None}
        seen = self._seen[unit.name]
        unheard = any((tank.device, LEVEL) not in seen.last for tank in unit.tanks)
        if unheard and cause.time - seen.first < unit.about.silent_s * 1000:
            return []  # the log has only begun
        grades = unit_grades(unit.tanks, levels, self.facts.critical, unit.about.people)
        found = self._say(unit, "grade", conditions.GRADE, unit.name, conditions.grade(unit, grades), cause)
        stored = conditions.storage(unit, grades)
        return found + self._say(unit, "storage", conditions.STORAGE, unit.name, stored, cause)

    def _group(self, unit: Unit, group: Group, cause: Cause) -> list[Finding]:
        seen, measure = self._seen[unit.name], self.domain.quantities[group.quantity].unit
        values = [self._fresh(unit, device, group.quantity, cause) for device in group.devices]
        voted = vote(values, group.bound, high=group.side == "high")
        subject = f"{unit.name}/{group.name}"
        rule = "high-trip" if group.side == "high" else "low-trip"
        tripped = conditions.trip(unit, group, voted, measure) if voted.tripped else None
        found = self._say(unit, rule, conditions.TRIP, subject, tripped, cause)
        if group.apart > 0:
            wide = voted.voters > 1 and voted.spread > group.apart
            if not wide:
                seen.apart_since.pop(group.name, None)
            since = seen.apart_since.setdefault(group.name, cause.time) if wide else cause.time
            held = wide and cause.time - since >= group.hold_s * 1000
            apart = conditions.apart(unit, group, voted, measure) if held else None
            found += self._say(unit, "discrepancy", conditions.APART, subject, apart, cause)
        if group.rise_per_h > 0:
            found += self._rise(unit, group, voted.values, cause, measure)
        return found

    def _rise(self, unit: Unit, group: Group, values: tuple[float, ...], cause: Cause, measure: str) -> list[Finding]:
        """Of the middle one of those that vote, so that one wild instrument does not tell it."""
        past = self._seen[unit.name].past.setdefault(group.name, deque())
        window = int(group.window_s * 1000)
        if values:
            if past and past[-1][0] == cause.time:
                past.pop()  # the group's readings of one moment come one by one
            past.append((cause.time, sorted(values)[(len(values) - 1) // 2]))
        while past and past[0][0] < cause.time - window:
            past.popleft()
        rate = rate_per_hour(list(past), window)
        fast = conditions.rising(unit, group, rate, measure) if rate is not None and rate > group.rise_per_h else None
        return self._say(unit, "rate-of-rise", conditions.RISE, f"{unit.name}/{group.name}", fast, cause)

    def _fresh(self, unit: Unit, device: str, quantity: str, cause: Cause) -> float | None:
        """The instrument's value unless it has been silent for too long."""
        last = self._seen[unit.name].last.get((device, quantity))
        if last is None or cause.time - last[0] > unit.about.silent_s * 1000:
            return None
        return last[1]

    def _say(
        self, unit: Unit, rule: str, name: str, subject: str, condition: Condition | None, cause: Cause
    ) -> list[Finding]:
        if condition is None:
            return self.episodes.ends(name, subject, cause)
        named = replace(condition, facts=condition.facts | {"rule": rule, "unit": unit.name})
        return self.episodes.holds(named, cause)
