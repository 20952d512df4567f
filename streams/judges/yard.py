"""The yard's judge: declarations, gate moves, stacking and what people saw, in; findings, out. Pure.

Four rules, each with a file of its own in detectors/rules or below: the grade of the major hazard source,
over-storage, segregation, undeclared boxes; and what was observed. One condition is one finding.
"""

from detectors.base import Outcome, Reject
from detectors.rules.hazard_source import hazard_source
from detectors.rules.over_storage import over_storage
from detectors.rules.segregation import Conflict
from records.yard import Change, Yard
from streams.judges import yard_conditions as conditions
from streams.judges import yard_texts
from streams.judges.dwelling import Dwelling
from streams.judges.episodes import Cause, Episodes
from streams.judges.free_slot import free_slot
from streams.judges.ground import Ground
from streams.judges.segregation_editions import SegregationEdition
from streams.judges.yard_facts import UNKNOWN_SEVERITY, Sight, yard_facts
from streams.judges.yard_site import YardSite
from topics.domain import Domain
from topics.events import Cargo, Event, Held, Manifested, Observed, OpeningOrdered, SensorFitted
from topics.finding import Finding, Text

#: An event further ahead of city time than this (ms) has a wrong clock.
AHEAD_MS = 600_000


class YardJudge:
    """Judges one partition of a cargo domain's events topic (see ``streams.judges.base.EventJudge``)."""

    def __init__(self, domain: Domain, partition: int) -> None:
        self.domain = domain
        self.facts = yard_facts(domain)
        self.goods = self.facts.segregations[-1].goods
        self.episodes = Episodes(domain.name, domain.events_topic, partition)
        self.last_tick = 0
        self._sites: dict[str, YardSite] = {}

    def yard(self, site: str) -> Yard:
        """The yard of a site as the log says; an empty one where nothing has been heard of it."""
        known = self._sites.get(site)
        return known.yard if known else Yard(site)

    def conflicts(self, site: str, container: str) -> list[Conflict]:
        """What stands too close to a container now, in the order of the pairs' names."""
        known = self._sites.get(site)
        found = known.conflicts.get(container, {}) if known else {}
        return [found[subject] for subject in sorted(found)]

    def apply(self, event: Event, offset: int, stamp: int) -> Outcome:
        if self.last_tick and event.time > self.last_tick + AHEAD_MS:
            detail = f"event {event.id}: expected a time up to {self.last_tick + AHEAD_MS}, got {event.time}"
            return Outcome(rejects=[Reject(offset, "time_ahead", detail)])
        if not isinstance(event, Cargo) or isinstance(event, SensorFitted | OpeningOrdered):
            return Outcome()  # sensors are another judge's: streams/judges/box_conditions.py
        site = self._site(event.site)
        site.clock = max(site.clock, event.time)
        cause = Cause(event.time, offset, stamp)
        if isinstance(event, Observed):
            return Outcome(self._observed(site, event, cause))
        if isinstance(event, Manifested):
            return Outcome(self._manifested(site, event, cause))
        if isinstance(event, Held):
            if site.dwelling is not None:
                site.dwelling.hold(event)
            return Outcome(self._dwell(site, event.container, cause))
        change = site.yard.apply(event)
        if change is None:
            return Outcome()
        findings = self._segregation(site, change, cause)
        if change.before != change.after:
            findings += self._over_storage(site, change, cause)
            findings += self._hazard_grade(site, cause)
        findings += self._undeclared(site, change, cause)
        if site.dwelling is not None:
            site.dwelling.put(change.container, change.after)
        findings += self._dwell(site, change.container, cause)
        return Outcome(findings)

    def tick(self, time_ms: int, offset: int, stamp: int) -> Outcome:
        if time_ms <= self.last_tick:
            return Outcome()
        self.last_tick = time_ms
        outcome = Outcome()
        for name in sorted(self._sites):
            site = self._sites[name]
            site.clock = max(site.clock, time_ms)
            outcome.findings += self._overdue(site, Cause(time_ms, offset, stamp))
            outcome.findings += self._dwell(site, "", Cause(time_ms, offset, stamp))
        return outcome

    def _site(self, name: str) -> YardSite:
        if name not in self._sites:
            facts = self.facts
            blocks = facts.blocks.get(name, {})
            ground = Ground(facts.segregations[-1].rule, self.goods, blocks, facts.bay_m, facts.row_m)
            dwelling = Dwelling(facts.dwell) if facts.dwell is not None else None
            self._sites[name] = YardSite(name, ground, dwelling)
        return self._sites[name]

    def _hazard_grade(self, site: YardSite, cause: Cause) -> list[Finding]:
        edition = self.facts.critical_at(cause.time)
        if not edition.rows:
            return []
        name = site.yard.site
        found = hazard_source(site.yard.masses_t(), edition.rows, self.facts.alpha(name))
        if found.grade is None:
            return self.episodes.ends(conditions.HAZARD, name, cause, yard_texts.NO_HAZARD_SOURCE)
        condition = conditions.hazard_grade(name, found, found.grade, self.goods, edition.standard)
        return self.episodes.holds(condition, cause)

    def _over_storage(self, site: YardSite, change: Change, cause: Cause) -> list[Finding]:
        permits = self.facts.permits.get(site.yard.site)
        if permits is None:
            return []
        touched = sorted({each.un for box in (change.before, change.after) if box for each in box.goods})
        findings: list[Finding] = []
        for un in touched:
            found = over_storage(site.yard.mass_t(un), permits.get(un))
            if found is None:
                findings += self.episodes.ends(conditions.OVER, conditions.stored(site.yard.site, un), cause)
            else:
                condition = conditions.over_storage(site.yard.site, un, found, permits.get(un), self.goods)
                findings += self.episodes.holds(condition, cause)
        return findings

    def _segregation(self, site: YardSite, change: Change, cause: Cause) -> list[Finding]:
        name, before, after = change.container, change.before, change.after
        if before and after and (before.place, before.goods) == (after.place, after.goods):
            return []
        site.ground.take(name)
        edition = self._edition(site, cause.time)
        rule = site.ground.rule
        standing = site.ground.put(after) if after else None
        found = rule.conflicts(standing, site.ground.near(standing)) if standing else []
        now = {conditions.pair(site.yard.site, each): each for each in found}
        findings: list[Finding] = []
        for subject, conflict in sorted(site.conflicts.get(name, {}).items()):
            if subject not in now:
                findings += self.episodes.ends(conditions.SEGREGATION, subject, cause)
                site.forget(subject, conflict)
        better = free_slot(site.ground, after, self.facts.slots.get(site.yard.site, {})) if now and after else None
        for subject, conflict in sorted(now.items()):
            site.remember(subject, conflict)
            first, second = site.yard.box(conflict.first), site.yard.box(conflict.second)
            if first is not None and second is not None:  # both stand: the ground holds boxes of the yard alone
                condition = conditions.segregation(site.yard.site, conflict, first, second, self.facts, edition)
                if better is not None:
                    condition = conditions.proposing(condition, name, better)
                findings += self.episodes.holds(condition, cause)
        return findings

    def _edition(self, site: YardSite, time_ms: int) -> SegregationEdition:
        """What holds at a time, and the ground under it: boxes that stand are looked at anew by another goods list."""
        edition = self.facts.segregation_at(time_ms)
        site.ground.rule = edition.rule
        if site.ground.goods is not edition.goods:
            site.ground.goods = edition.goods
            for box in site.yard.now().boxes:
                if site.ground.standing(box.container) is not None:
                    site.ground.put(box)
        return edition

    def _undeclared(self, site: YardSite, change: Change, cause: Cause) -> list[Finding]:
        name, before, box = change.container, change.before, change.after
        findings: list[Finding] = []
        if (
            before is not None
            and not before.declaration
            and (box is None or box.declaration or box.since != before.since)
        ):
            site.waiting.pop(name, None)
            findings = self.episodes.ends(conditions.UNDECLARED, f"{site.yard.site}/{name}", cause)
        if (
            box is not None
            and not box.declaration
            and (box.goods or name not in site.ordinary)
            and (before is None or before.declaration or before.since != box.since)
        ):
            site.waiting[name] = box.since
        if box is None and before is not None:
            site.ordinary.discard(name)
        return findings + self._overdue(site, cause)

    def _manifested(self, site: YardSite, event: Manifested, cause: Cause) -> list[Finding]:
        site.ordinary.add(event.container)
        box = site.yard.box(event.container)
        if box is None or box.declaration or box.goods:
            return []
        site.waiting.pop(event.container, None)
        return self.episodes.ends(conditions.UNDECLARED, f"{site.yard.site}/{event.container}", cause)

    def _overdue(self, site: YardSite, cause: Cause) -> list[Finding]:
        """Boxes whose papers have not come within the grace, by the latest time heard of."""
        due = [
            container
            for container, since in site.waiting.items()
            if site.clock >= since + self.facts.undeclared_grace_ms
        ]
        findings: list[Finding] = []
        for container in due:
            since = site.waiting.pop(container)
            box = site.yard.box(container)
            if box is not None:
                after = Cause(max(cause.time, since), cause.offset, cause.stamp)
                findings += self.episodes.holds(conditions.undeclared(site.yard.site, box), after)
        return findings

    def _dwell(self, site: YardSite, touched: str, cause: Cause) -> list[Finding]:
        """Boxes that have stood too long: told at the minute their time ran out, ended for one that left or is held."""
        if site.dwelling is None:
            return []
        findings: list[Finding] = []
        if touched and not site.dwelling.overdue(touched, site.clock):
            still = site.yard.box(touched) is not None
            text = yard_texts.HELD_AGAIN if still else None
            findings += self.episodes.ends(conditions.DWELL, f"{site.yard.site}/{touched}", cause, text)
        for each in site.dwelling.newly(site.clock):
            condition = conditions.dwell(site.yard.site, each, site.dwelling.terms)
            findings += self.episodes.holds(condition, Cause(each.due, cause.offset, cause.stamp))
        return findings

    def _observed(self, site: YardSite, event: Observed, cause: Cause) -> list[Finding]:
        if event.id in site.observed:
            return []
        site.observed.add(event.id)
        sight = self.facts.sights.get(event.what, Sight(UNKNOWN_SEVERITY, Text(event.what, event.what)))
        if not sight.clears:
            return self.episodes.holds(conditions.observed(event, sight), cause)
        seen = [each for each in self.episodes.that_hold(conditions.OBSERVED) if each.site == event.site]
        place = conditions.place_seen(event)
        ended = [each for each in seen if not event.subject or each.subject.startswith(f"{place}#")]
        return [
            finding
            for each in ended
            for finding in self.episodes.ends(conditions.OBSERVED, each.subject, cause, sight.title)
        ]
