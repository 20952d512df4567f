"""What is owed of an accident's case, by when, and to whom it climbs where it is not done. Pure.

The clocks (State Council Decree 493) run from when the accident *became known*: the initial report, the way up through
the authorities, follow-ups while the rescue goes on, the final report. Times are city time, ms UTC.
"""

import msgspec

from records.accident_events import Escalated
from records.accident_terms import Terms
from records.accidents import DAY_MS, Case
from records.climbing import step_at, steps_due


class Duty(msgspec.Struct, frozen=True):
    """One thing owed: ``initial``, ``up:<authority>``, ``follow-up`` or ``final``; ``done`` is when it was done."""

    name: str
    since: int
    due: int
    done: int | None = None

    def late(self, now: int) -> bool:
        """Whether it was or is beyond its time; the last moment still counts as in time."""
        return (now if self.done is None else self.done) > self.due


def duties(case: Case, terms: Terms) -> list[Duty]:
    """All that is or was owed, the initial report first. A withdrawn case owes nothing more."""
    first = case.versions[0].time if case.versions else None
    found = [Duty("initial", case.opened.known, case.opened.known + terms.initial.within_s * 1000, first)]
    if first is not None:
        found += _up(case, terms, first)
        if case.state == "reported" and not case.rescue_over:
            last = case.versions[-1].time
            found.append(Duty("follow-up", last, last + terms.follow_up_s(case.grade(terms).code) * 1000))
    found.append(_final(case, terms))
    return [each for each in found if each.done is not None] if case.state == "withdrawn" else found


def owed(case: Case, terms: Terms) -> list[Duty]:
    """What is owed and not done, the most urgent first."""
    return sorted((each for each in duties(case, terms) if each.done is None), key=lambda each: each.due)


def lapses(case: Case, terms: Terms, now: int) -> list[Escalated]:
    """The steps that are due by ``now`` and not taken yet, each at the moment it fell due: once each, however late
    and however often this is asked.
    """
    climb = terms.climb
    found = [
        Escalated(at, duty.name, duty.due, to, number)
        for duty in owed(case, terms)
        for at, to, number in steps_due(duty.due + 1, climb.every_s * 1000, climb.steps, steps_taken(case, duty), now)
    ]
    return sorted(found, key=lambda each: (each.time, each.duty, each.step))


def lapses_at(due: int, terms: Terms, number: int) -> int:
    """When a duty that is due by ``due`` takes this step (from 1), ms UTC: the first just after it, the others at the
    terms' pace."""
    return step_at(due + 1, terms.climb.every_s * 1000, number)


def next_lapse(case: Case, terms: Terms) -> int | None:
    """The moment after which ``lapses`` has something new, ``None`` where it never will by itself."""
    moments = [
        lapses_at(duty.due, terms, taken + 1) - 1
        for duty in owed(case, terms)
        if (taken := steps_taken(case, duty)) < len(terms.climb.steps)
    ]
    return min(moments, default=None)


def steps_taken(case: Case, duty: Duty) -> int:
    """How far a duty has climbed in its present turn."""
    due, taken = case.climbed.get(duty.name, (0, 0))
    return taken if due == duty.due else 0


def _up(case: Case, terms: Terms, first: int) -> list[Duty]:
    """The way up: each authority has its time from when the one below it had the report, or, where a graver grade
    asked for it only later, from then.
    """
    found, before, within = [], first, terms.pass_up.within_s * 1000
    for place, level in enumerate(terms.up_to(case.grade(terms).code)):
        asked = next((each.time for each in case.versions if place < len(terms.up_to(each.grade))), first)
        since, done = max(before, asked), case.passed.get(level)
        found.append(Duty(f"up:{level}", since, since + within, done))
        if done is None:
            break
        before = done
    return found


def _final(case: Case, terms: Terms) -> Duty:
    """Owed since the accident; where a change has undone a final report, from that change at the earliest."""
    days = terms.final.within_s * 1000 + case.extension_days * DAY_MS
    due = case.opened.occurred + days
    finals = [each for each in case.versions if each.stage == "final"]
    if case.state == "reported" and finals:
        due = max(due, case.versions[-1].time + terms.final_again_s * 1000)
    done = finals[-1].time if case.state == "concluded" and finals else None
    return Duty("final", case.opened.occurred, due, done)
