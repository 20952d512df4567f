"""The judge of papers: declarations and waybills held against gate, scale and inspection. Pure.

It goes beside the yard's judge and looks at the same yard, so it has no second idea of which box is where.
"""

import heapq
from collections.abc import Callable

from detectors.base import Outcome
from detectors.rules.goods_name import NameMatcher
from detectors.rules.reconciliation import goods_difference, mass_difference
from records.stays import Box
from records.yard import Yard
from streams.judges import paper_conditions as conditions
from streams.judges.episodes import Cause, Condition, Episodes
from streams.judges.paper_facts import PaperFacts, paper_facts
from topics.domain import Domain
from topics.events import DeclarationWithdrawn, Declared, Event, GateIn, GateOut, Inspected, Manifested, Stacked
from topics.finding import Finding

#: A reading of a scale or a look into a box: event time, id, gross mass, goods found, whether it was opened.
Look = GateIn | Inspected


class _Papers:
    """What is remembered of one site: papers by number and by box, what was seen of boxes, which numbers came."""

    def __init__(self) -> None:
        self.declared: dict[str, Declared] = {}
        self.withdrawn: dict[str, int] = {}
        self.waybills: dict[str, Manifested] = {}
        self.looks: dict[str, dict[str, Look]] = {}
        self.came: set[str] = set()
        self.due: list[tuple[int, str]] = []


class PaperJudge:
    """Judges one partition (see ``streams.judges.base.EventJudge``); ``yard`` gives the yard of a site as it is after
    the event that is judged.
    """

    def __init__(self, domain: Domain, partition: int, yard: Callable[[str], Yard]) -> None:
        self.facts: PaperFacts = paper_facts(domain)
        self.names = NameMatcher(self.facts.names, self.facts.reading)
        self.episodes = Episodes(domain.name, domain.events_topic, partition)
        self._yard = yard
        self._sites: dict[str, _Papers] = {}

    def apply(self, event: Event, offset: int, stamp: int) -> Outcome:
        cause = Cause(event.time, offset, stamp)
        papers = self._sites.setdefault(event.site, _Papers())
        match event:
            case Declared():
                return Outcome(self._declared(papers, event, cause))
            case DeclarationWithdrawn():
                papers.withdrawn[event.declaration] = event.time
                return Outcome(self._not_overdue(event.site, event.declaration, cause))
            case Manifested():
                known = papers.waybills.get(event.container)
                if known is None or (known.time, known.id) < (event.time, event.id):
                    papers.waybills[event.container] = event
            case GateIn() | Inspected():
                papers.looks.setdefault(event.container, {})[event.id] = event
            case Stacked() | GateOut():
                pass
            case _:
                return Outcome()
        return Outcome(self._box(papers, event.site, event.container, cause))

    def tick(self, time_ms: int, offset: int, stamp: int) -> Outcome:
        outcome = Outcome()
        cause = Cause(time_ms, offset, stamp)
        for site in sorted(self._sites):
            papers = self._sites[site]
            while papers.due and papers.due[0][0] <= time_ms:
                due, number = heapq.heappop(papers.due)
                event = papers.declared[number]
                if number in papers.came or number in papers.withdrawn or due != self._due(event):
                    continue  # it came, was taken back, or a later version gives it more time
                outcome.findings += self.episodes.holds(conditions.overdue(event), cause)
        return outcome

    def _declared(self, papers: _Papers, event: Declared, cause: Cause) -> list[Finding]:
        known = papers.declared.get(event.declaration)
        if known is not None and (known.time, known.id) >= (event.time, event.id):
            return []
        papers.declared[event.declaration] = event
        due = self._due(event)
        if due is not None:
            heapq.heappush(papers.due, (due, event.declaration))
        findings = []
        if known is not None and known.operation != event.operation:
            findings = self._not_overdue(event.site, event.declaration, cause)
        return findings + self._box(papers, event.site, event.container, cause)

    def _due(self, event: Declared) -> int | None:
        return None if event.operation is None else event.operation + self.facts.overdue_ms

    def _not_overdue(self, site: str, number: str, cause: Cause) -> list[Finding]:
        return self.episodes.ends(conditions.OVERDUE, f"{site}/{number}", cause)

    def _box(self, papers: _Papers, site: str, container: str, cause: Cause) -> list[Finding]:
        """Hold all that is known of a box against its papers, as of now."""
        box = self._yard(site).box(container)
        subject = f"{site}/{container}"
        if box is None:
            if cause.time and container in papers.looks:
                self._forget(papers, container, cause.time)
            return [
                finding for rule in conditions.OF_BOX for finding in self.episodes.ends(rule, subject, cause)
            ]  # fmt: skip
        findings: list[Finding] = []
        if box.declaration and box.declaration not in papers.came:
            papers.came.add(box.declaration)
            findings += self._not_overdue(site, box.declaration, cause)
        held = {each.rule: each for each in self._conditions(papers, site, box)}
        for rule in conditions.OF_BOX:
            if rule in held:
                findings += self.episodes.holds(held[rule], cause)
            else:
                findings += self.episodes.ends(rule, subject, cause)
        return findings

    def _conditions(self, papers: _Papers, site: str, box: Box) -> list[Condition]:
        looks = sorted(
            (each for each in papers.looks.get(box.container, {}).values() if each.time >= box.since),
            key=lambda each: (each.time, each.id),
        )
        scales = [each.gross_t for each in looks if each.gross_t is not None]
        seen = next((each.goods for each in reversed(looks) if each.goods), ())
        declared = papers.declared.get(box.declaration)
        waybill = papers.waybills.get(box.container)
        tolerance = self.facts.tolerance
        found = []
        if declared is not None:
            net = sum(line.mass_t for line in declared.goods)
            mass = mass_difference(declared.gross_t, net, scales, tolerance)
            goods = goods_difference(declared.goods, seen, tolerance)
            found += [conditions.mass(site, box, declared.declaration, mass)] if mass is not None else []
            found += [conditions.goods(site, box, declared.declaration, goods, self.facts.goods)] if goods else []
        elif waybill is not None:
            mass = mass_difference(waybill.gross_t, 0.0, scales, tolerance)
            found += [conditions.mass(site, box, "", mass)] if mass is not None else []
            opened = any(isinstance(each, Inspected) and each.opened and not each.goods for each in looks)
            match = None if opened else next(filter(None, map(self.names.match, waybill.goods)), None)
            if match is not None:
                words = next(each for each in waybill.goods if self.names.match(each) == match)
                found.append(conditions.name(site, box, words, match, self.facts.goods))
        return found

    def _forget(self, papers: _Papers, container: str, time_ms: int) -> None:
        """The box has left: what was seen of it up to then was seen of that stay."""
        kept = {name: each for name, each in papers.looks[container].items() if each.time > time_ms}
        papers.looks[container] = kept
        if not kept:
            del papers.looks[container]
        waybill = papers.waybills.get(container)
        if waybill is not None and waybill.time <= time_ms:
            del papers.waybills[container]
