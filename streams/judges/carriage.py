"""The judge of carriers on their way: positions, waybills and city time of one partition in, findings out. Pure.

Positions wait ``settle_s`` of city time for those before them, so a carrier's way is judged in the order of event
time whatever order it came in. What comes later still is judged by itself, and says ``late`` findings.
"""

from collections.abc import Iterable

import msgspec

from records.carriage.fold import finish, step
from records.carriage.ground import Ground
from records.carriage.permits import PermitBook, faults
from records.carriage.surroundings import Surroundings, arrived
from records.carriage.terms import CarriageFacts
from records.carriage.trips import Trips
from records.carriage.way import Fact, Turn, Way
from streams.judges import carriage_conditions as conditions
from streams.judges.carriage_memory import Followed, Remembered, Waiting
from streams.judges.episodes import Cause, Episodes
from topics.finding import Finding
from topics.positions import TOPIC, Handover, Position, Told, Waybill

DAY_MS = 86_400_000
#: A position further ahead of city time than this (ms) has a wrong clock.
AHEAD_MS = 600_000
#: What came late is judged once nothing more has come for so long (ms of city time).
LATE_MS = 60_000
#: Permits run out by the day; they are looked at this often (ms of city time), and when something new is said.
PERMITS_MS = 60_000
#: How long a trip that is over is remembered, and a carrier of which nothing is heard.
TRIP_KEPT_MS, CARRIER_KEPT_MS = 2 * DAY_MS, 7 * DAY_MS

LATE_RULES = ("forbidden-area", "deviation", "stop")


class CarriageJudge:
    """One domain's carriers in one partition. ``permits`` is the register, changed from outside as it changes."""

    def __init__(self, domain: str, facts: CarriageFacts, partition: int, permits: PermitBook) -> None:
        self.domain = domain
        self.facts = facts
        self.partition = partition
        self.permits = permits
        self.known = Remembered()
        self.episodes = Episodes(domain, TOPIC, partition)
        self.late = 0
        ground = Ground(facts.areas, facts.terms.near_m)
        self._trips = Trips(facts.terms, ground, self.known.waybills)
        self._permits_due = 0

    def take(self, told: Told, offset: int) -> str:
        """Take one message; why it cannot be judged, empty where it can. What follows of it is said at a tick."""
        clock = self.known.clock
        if clock and told.time > clock + AHEAD_MS and isinstance(told, Position):
            return f"{told.carrier}: expected a time up to {clock + AHEAD_MS}, got {told.time}"
        if isinstance(told, Handover):
            return ""
        if isinstance(told, Waybill):
            if self._trips.put(told):
                self._permits_due = 0
            return ""
        self._position(told, offset)
        return ""

    def tick(self, time_ms: int, offset: int, stamp: int) -> list[Finding]:
        """City time has reached ``time_ms``; a tick that is not beyond the last one changes nothing."""
        known = self.known
        if time_ms <= known.clock:
            return []
        known.clock = time_ms
        horizon = time_ms - round(self.facts.terms.settle_s * 1000)
        found: list[Finding] = []
        for name in sorted(known.carriers):
            found += self._release(name, known.carriers[name], horizon, stamp)
            found += self._late(name, known.carriers[name], stamp)
        found += self._of_trips(horizon, Cause(time_ms, offset, stamp))
        if time_ms >= self._permits_due:
            self._permits_due = time_ms + PERMITS_MS
            self._forget(time_ms)
        return found

    def renewed(self) -> None:
        """The register of permits has changed: look at once."""
        self._permits_due = 0

    def memory(self) -> Remembered:
        """What must be kept to go on later; it is the judge's own and changes with it."""
        self.known.episodes = self.episodes.memory()
        return self.known

    def recall(self, known: Remembered) -> None:
        """Go on from what was kept."""
        self.known = known
        self._trips.waybills = known.waybills
        if known.episodes is not None:
            self.episodes.recall(known.episodes)

    @property
    def under_way(self) -> int:
        """Trips that are under way."""
        return sum(1 for _ in self._trips.under_way(self.known.clock))

    def _position(self, told: Position, offset: int) -> None:
        if not told.located:
            return
        carrier = self.known.carriers.setdefault(told.carrier, Followed(told.site, Way()))
        carrier.site = told.site or carrier.site
        carrier.heard = max(carrier.heard, told.time)
        kept = carrier.waiting
        if told.time <= carrier.judged:
            self.late += 1
            kept, carrier.late_due = carrier.late, self.known.clock + LATE_MS
        before = kept.get(told.time)
        # Two for one moment: the same one is taken whichever comes first.
        if before is None or _order(told) < _order(before.position):
            kept[told.time] = Waiting(told, offset)

    def _release(self, name: str, carrier: Followed, horizon: int, stamp: int) -> list[Finding]:
        found: list[Finding] = []
        if not carrier.waiting or min(carrier.waiting) > horizon:
            return found
        for time in sorted(time for time in carrier.waiting if time <= horizon):
            waiting = carrier.waiting.pop(time)
            turns = step(carrier.way, waiting.position, self._by(waiting.position))
            found += self._say(name, carrier, turns, waiting.offset, stamp)
            carrier.judged = time
        return found

    def _say(self, name: str, carrier: Followed, turns: Iterable[Turn], offset: int, stamp: int) -> list[Finding]:
        found: list[Finding] = []
        for turn in turns:
            fact = turn.fact
            waybill = self.known.waybills.get(fact.trip)
            condition = conditions.on_the_way(name, carrier.site, fact, self.facts, waybill)
            opens = not self.episodes.has(condition.rule, condition.subject)
            # Where it opens, it opens when it began to hold, however far apart positions are.
            at = fact.opened if opens and not turn.ended else turn.time
            if not (opens and turn.ended):
                found += self.episodes.holds(condition, Cause(at, offset, stamp))
            if turn.ended:
                found += self.episodes.ends(condition.rule, condition.subject, Cause(turn.time, offset, stamp))
                carrier.over.append((fact.rule, fact.about, fact.since, turn.time))
        return found

    def _late(self, name: str, carrier: Followed, stamp: int) -> list[Finding]:
        """What a terminal kept while it had no network, as a way of its own; nothing is said again."""
        if not carrier.late or self.known.clock < carrier.late_due:
            return []
        rows = [carrier.late[time] for time in sorted(carrier.late)]
        carrier.late = {}
        way, ended = Way(), []
        for row in rows:
            ended += step(way, row.position, self._by(row.position))
        last = rows[-1]
        ended += finish(way, last.position.time)
        aside = Episodes(self.domain, TOPIC, self.partition)
        found: list[Finding] = []
        for turn in ended:
            fact = turn.fact
            if not turn.ended or fact.rule not in LATE_RULES or self._was_said(carrier, fact, turn.time):
                continue
            waybill = self.known.waybills.get(fact.trip)
            condition = conditions.on_the_way(name, carrier.site, fact, self.facts, waybill)
            found += aside.holds(condition, Cause(fact.opened, rows[0].offset, stamp))
            found += aside.ends(condition.rule, condition.subject, Cause(turn.time, last.offset, stamp))
            carrier.over.append((fact.rule, fact.about, fact.since, turn.time))
        return [msgspec.structs.replace(each, late=True) for each in found]

    def _was_said(self, carrier: Followed, fact: Fact, end: int) -> bool:
        holding = [(each.rule, each.about, each.since, self.known.clock) for each in carrier.way.holding.values()]
        return any(
            (rule, about) == (fact.rule, fact.about) and since <= end and fact.since <= until
            for rule, about, since, until in (*carrier.over, *holding)
        )

    def _of_trips(self, horizon: int, cause: Cause) -> list[Finding]:
        """What is said of trips as such: that nothing is heard, permits, and that they are over."""
        found: list[Finding] = []
        look = cause.time >= self._permits_due
        for number in sorted(self.known.waybills):
            waybill = self.known.waybills[number]
            carrier = self.known.carriers.get(waybill.carrier)
            if waybill.cancelled or self._trips.end(waybill) <= horizon:
                found += self._over(waybill, carrier, cause)
            elif waybill.departs <= cause.time:
                found += self._silence(waybill, carrier, cause)
                if look:
                    found += self._permits(waybill, carrier, cause)
        return found

    def _over(self, waybill: Waybill, carrier: Followed | None, cause: Cause) -> list[Finding]:
        found: list[Finding] = []
        if carrier is not None and carrier.way.trip == waybill.id:
            at = min(self._trips.end(waybill), cause.time)
            found += self._say(waybill.carrier, carrier, finish(carrier.way, at), cause.offset, cause.stamp)
        subject = f"{waybill.carrier}/{waybill.id}"
        found += self.episodes.ends(conditions.SILENCE, subject, cause)
        for kind in sorted(self.facts.permits):
            found += self.episodes.ends(conditions.PERMIT, f"{subject}/{kind}", cause)
        return found

    def _silence(self, waybill: Waybill, carrier: Followed | None, cause: Cause) -> list[Finding]:
        heard = carrier.heard if carrier is not None and carrier.heard >= waybill.departs else 0
        due = max(heard, waybill.departs) + round(self.facts.terms.silence_s * 1000)
        last = carrier.way.last if carrier is not None else None
        subject = f"{waybill.carrier}/{waybill.id}"
        if cause.time < due or (heard and last is not None and arrived(last, self._trips.surroundings(waybill))):
            at = min(heard or cause.time, cause.time)
            return self.episodes.ends(conditions.SILENCE, subject, Cause(at, cause.offset, cause.stamp))
        condition = conditions.silence(waybill, heard, last, self.facts)
        return self.episodes.holds(condition, Cause(due, cause.offset, cause.stamp))

    def _permits(self, waybill: Waybill, carrier: Followed | None, cause: Cause) -> list[Finding]:
        wrong = {each.kind: each for each in faults(waybill, self.permits, self.facts.permits, cause.time)}
        last = carrier.way.last if carrier is not None else None
        found: list[Finding] = []
        for kind in sorted(self.facts.permits):
            fault = wrong.get(kind)
            if fault is None:
                subject = f"{waybill.carrier}/{waybill.id}/{kind}"
                found += self.episodes.ends(conditions.PERMIT, subject, cause)
                continue
            condition = conditions.permit(waybill, fault, self.facts, last)
            opens = not self.episodes.has(condition.rule, condition.subject)
            at = fault.since if opens else cause.time
            found += self.episodes.holds(condition, Cause(at, cause.offset, cause.stamp))
        return found

    def _by(self, position: Position) -> Surroundings:
        return self._trips.surroundings(self._trips.of(position))

    def _forget(self, time_ms: int) -> None:
        """Let go of trips long over and of carriers long unheard."""
        known = self.known
        self._trips.forget_before(time_ms - TRIP_KEPT_MS)
        for name, carrier in list(known.carriers.items()):
            carrier.over = [each for each in carrier.over if each[3] > time_ms - TRIP_KEPT_MS]
            if carrier.heard < time_ms - CARRIER_KEPT_MS and not carrier.late:
                del known.carriers[name]
        self.episodes.forget_before(time_ms - CARRIER_KEPT_MS)


def _order(position: Position) -> tuple[float, float, str]:
    return position.lat, position.lon, position.trip
