"""An accident case: made known, reported within the hour, followed up, graded anew as its figures change, concluded.

A case is the fold of its events; nothing in it is ever overwritten. What is owed of it, by when, stands in
``records/accident_duties.py``. All numbers are data (``records/accident_terms.py``). Times are city time, ms UTC. Pure.
"""

from collections.abc import Iterable
from typing import Literal

import msgspec

from records.accident_events import (
    Escalated,
    Event,
    Extended,
    Linked,
    Opened,
    PassedUp,
    Reported,
    Stage,
    Withdrawn,
)
from records.accident_terms import Figures, Grade, Terms
from records.case_fold import first_event, fold_case
from records.refused import Refused
from topics.finding import Text

State = Literal["report-awaited", "reported", "concluded", "withdrawn"]

DAY_MS = 86_400_000


class Version(msgspec.Struct, frozen=True):
    """The figures as one report gave them, and what counts of them: casualties that changed after the days allowed
    are kept and shown but change neither count nor grade. ``late`` says that this is so here.
    """

    number: int
    time: int
    as_of: int
    stage: Stage
    who: str
    figures: Figures
    counted: Figures
    grade: str
    late: bool


class Case(msgspec.Struct, frozen=True):
    """Where a case stands. ``climbed`` holds, by duty, the turn (its due moment) and the steps taken in it."""

    opened: Opened
    state: State
    alarms: tuple[str, ...]
    versions: tuple[Version, ...] = ()
    passed: dict[str, int] = {}
    extension_days: int = 0
    rescue_over: bool = False
    climbed: dict[str, tuple[int, int]] = {}
    closed: int | None = None

    @property
    def figures(self) -> Figures:
        """What counts now; nothing before the first report."""
        return self.versions[-1].counted if self.versions else Figures()

    def grade(self, terms: Terms) -> Grade:
        """The grade of what counts now."""
        return terms.grade_of(self.figures)

    def feared(self, terms: Terms) -> Grade:
        """The grade if everybody who is missing is dead."""
        figures = self.figures
        return terms.grade_of(msgspec.structs.replace(figures, deaths=figures.deaths + figures.missing))

    def changes_until(self, terms: Terms) -> int:
        """The last moment at which a change of casualties counts."""
        return self.opened.occurred + terms.change_days(self.opened.kind) * DAY_MS


def fold(events: Iterable[Event], terms: Terms) -> Case:
    """The case that these events make. Raises ``ValueError`` where they do not begin with one that opens it."""
    return fold_case(events, lambda case, event: step(case, event, terms), "accident", "opens")


def step(case: Case | None, event: Event, terms: Terms) -> Case:
    """The case after one more event. Raises ``Refused`` for one that its state does not allow."""
    if case is None:
        return _opened(event, terms)
    if case.state == "withdrawn":
        raise Refused(Text("事故已撤销", "the case is withdrawn"))
    match event:
        case Opened():
            raise Refused(Text("事故已立案", "the case is open already"))
        case Reported():
            return _reported(case, event, terms)
        case PassedUp():
            return _passed_up(case, event, terms)
        case Linked():
            return msgspec.structs.replace(case, alarms=tuple(dict.fromkeys(case.alarms + event.alarms)))
        case Extended():
            return _extended(case, event, terms)
        case Withdrawn():
            return msgspec.structs.replace(case, state="withdrawn", closed=event.time)
        case Escalated():
            climbed = case.climbed | {event.duty: (event.due, event.step)}
            return msgspec.structs.replace(case, climbed=climbed)


def _opened(event: Event, terms: Terms) -> Case:
    opened = first_event(event, Opened, "accident", "opens")
    if not opened.occurred <= opened.known <= opened.time:
        raise Refused(
            Text("时间应为：发生 ≤ 获知 ≤ 现在", "expected: happened, then became known, and neither in the future")
        )
    terms.change_days(opened.kind)  # a kind that is not in the table is said at once
    return Case(opened, "report-awaited", tuple(dict.fromkeys(opened.alarms)))


def _reported(case: Case, event: Reported, terms: Terms) -> Case:
    if (event.stage == "initial") != (not case.versions):
        wrong = (
            Text("首报已报出，请续报", "the initial report was made: follow up")
            if case.versions
            else Text("应先首报", "the initial report comes first")
        )
        raise Refused(wrong)
    if event.stage == "final" and case.state == "concluded":
        raise Refused(
            Text("已终报；有变化先续报", "the final report was made: follow up first where something changed")
        )
    if not case.opened.occurred <= event.as_of <= event.time:
        raise Refused(Text("数据时间应在事故发生与现在之间", "figures stand for a time between the accident and now"))
    version = _version(case, event, terms)
    changed = not case.versions or version.counted != case.versions[-1].counted
    concluded = event.stage == "final" or (case.state == "concluded" and not changed)
    return msgspec.structs.replace(
        case,
        state="concluded" if concluded else "reported",
        versions=(*case.versions, version),
        rescue_over=case.rescue_over or event.rescue_over or event.stage == "final",
        closed=event.time if concluded and case.closed is None else (case.closed if concluded else None),
    )


def _version(case: Case, event: Reported, terms: Terms) -> Version:
    late = bool(case.versions) and event.as_of > case.changes_until(terms)
    counted = event.figures
    if late:
        counted = msgspec.structs.replace(case.versions[-1].counted, loss_cny=event.figures.loss_cny)
    return Version(
        len(case.versions) + 1, event.time, event.as_of, event.stage, event.who, event.figures, counted,
        terms.grade_of(counted).code, late and counted != event.figures,
    )  # fmt: skip


def _passed_up(case: Case, event: PassedUp, terms: Terms) -> Case:
    if not case.versions:
        raise Refused(Text("应先首报", "the initial report comes first"))
    levels = terms.up_to(case.grade(terms).code)
    if event.to not in levels:
        raise Refused(
            Text(
                f"该等级应上报至：{'、'.join(levels) or '无'}",
                f"this grade goes up to: {', '.join(levels) or 'nobody'}",
            )
        )
    if event.to in case.passed:
        raise Refused(Text("已向该机关上报", "it has gone up to this authority"))
    return msgspec.structs.replace(case, passed=case.passed | {event.to: event.time})


def _extended(case: Case, event: Extended, terms: Terms) -> Case:
    if case.state == "concluded":
        raise Refused(Text("已终报", "the final report was made"))
    days = case.extension_days + event.days
    if days > terms.most_extension_days:
        most = terms.most_extension_days
        raise Refused(Text(f"最多延长 {most} 天", f"{most} days more at most"))
    return msgspec.structs.replace(case, extension_days=days)
