"""What was put to somebody by a date and is not done, once it climbs: a finding for each turn of a ticket and each duty
of an accident's case. Pure.

Whom it climbs to, and how far it has come, stands in its facts: the alarm that becomes of it climbs with it, so each
step is told once, over the channels of its terms, with tries and receipt like any other warning.
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from records.accident_duties import Duty, owed, steps_taken
from records.accident_duties import lapses_at as duty_lapses_at
from records.accident_terms import Terms as AccidentTerms
from records.accidents import Case
from records.safety.days import moment
from records.safety.standing import Standing
from records.safety.standing import climbed as in_stages
from records.tickets import Terms, Ticket, lapses_at
from topics.domain import Guidance
from topics.finding import Finding, Origin, Text
from topics.handling import Handling

FAMILY = "overdue"

#: Families of findings whose alarms climb with what they are about: tickets and accidents, and hidden dangers.
CLIMBING = (FAMILY, "inspection")

#: Rules, and what is said of one that stands no longer.
OVER: Mapping[str, Text] = {
    "ticket-overdue": Text("已答复、审核或办结", "it was answered, reviewed or closed"),
    "accident-overdue": Text("已完成，或不再要求", "it was done, or is no longer asked for"),
}

#: What the findings are made of lies in the store of the alert server, not on a topic.
ORIGIN = Origin("overdue", 0, 0, 0)

GUIDANCE = Guidance(
    consequence=Text("法定或规定的时限已过，事情仍未办。", "A term has passed, and what was owed is not done."),
    action=Text(
        "督促责任人立即办理，并记录原因；本级无法推动的，由上一级接办。",
        "Have it done now and the reason noted; whoever cannot move it hands it up.",
    ),
    respond_within_s=3600,
    owner=Text("被升级告知的单位", "whoever it has climbed to"),
)  # fmt: skip

_SIDES = {"firm": Text("企业应于", "the firm's answer"), "office": Text("审核单位应于", "the office's review")}
_DUTIES = {
    "initial": Text("首报", "initial report"),
    "follow-up": Text("续报", "follow-up report"),
    "final": Text("终报", "final report"),
}


def ticket_standing(name: str, ticket: Ticket, terms: Terms, site: Text, levels: Sequence[str]) -> Iterator[Standing]:
    """An open ticket that has climbed in its present turn; ``levels`` are the scheme's, the mildest first."""
    if ticket.closed is not None or ticket.step == 0 or ticket.due is None or ticket.waiting is None:
        return
    due = ticket.due
    steps = terms.firm_steps if ticket.waiting == "firm" else terms.office_steps
    side, until, issued = _SIDES[ticket.waiting], moment(due), ticket.issued

    def stage(taken: int) -> Standing:
        return _standing(
            "ticket-overdue",
            f"ticket/{name}/{ticket.waiting}/{due}",
            issued.site,
            Text(
                f"督办单 {name}（{site.zh}，{issued.text.zh}）：{side.zh} {until} 前完成，逾期，已升级 {taken} 级",
                f"ticket {name} ({site.en}, {issued.text.en}): {side.en} was due by {until}; "
                f"it has climbed {taken} steps",
            ),
            due,
            taken,
            steps,
            terms.channels,
            levels,
            at=lapses_at(due, terms, taken),
        )

    yield in_stages([stage(taken) for taken in range(1, ticket.step + 1)])


def case_standing(name: str, case: Case, terms: AccidentTerms, levels: Sequence[str]) -> Iterator[Standing]:
    """What is owed of a case and has climbed; ``levels`` as of ``ticket_standing``."""
    for duty in owed(case, terms):
        stages = [
            _climbed_duty(name, case, duty, terms, levels, step) for step in range(1, steps_taken(case, duty) + 1)
        ]
        if stages:
            yield in_stages(stages)


def _climbed_duty(
    name: str, case: Case, duty: Duty, terms: AccidentTerms, levels: Sequence[str], taken: int
) -> Standing:
    """A duty of a case as it was when it had taken this many steps."""
    until = moment(duty.due)
    what = _DUTIES.get(duty.name)
    if what is None:
        to = terms.title(duty.name.removeprefix("up:"))
        what = Text(f"上报{to.zh}", f"report to {to.en}")
    return _standing(
        "accident-overdue",
        f"accident/{name}/{duty.name}/{duty.due}",
        case.opened.site or case.opened.district,
        Text(
            f"事故 {name}（{case.opened.title}）：{what.zh}应于 {until} 前完成，逾期，已升级 {taken} 级",
            f"accident {name} ({case.opened.title}): {what.en} was due by {until}; it has climbed {taken} steps",
        ),
        duty.due,
        taken,
        terms.climb.steps,
        terms.climb.channels,
        levels,
        at=duty_lapses_at(duty.due, terms, taken),
    )


def handling_of(finding: Finding, usual: Handling) -> Handling:
    """How the alarm of such a finding is handled: it climbs by the clock of what is overdue, not by its own."""
    steps, over = (tuple(str(finding.facts.get(name, "")).split()) for name in ("steps", "channels"))
    return msgspec.structs.replace(usual, escalate_to=steps, escalate_over=over, acknowledge_within_s={})


def climbs(finding: Finding) -> bool:
    """Whether the alarm of such a finding climbs with what it is about."""
    return finding.family in CLIMBING and "climbed" in finding.facts


def climbed(finding: Finding) -> int:
    """How many steps it has taken."""
    return int(finding.facts.get("climbed") or 0)


def title_of(quantity: str) -> Text | None:
    """What an alarm about something overdue is about, ``None`` for any other."""
    kind, _, rest = quantity.partition("/")
    name = rest.partition("/")[0]
    if kind == "ticket" and name:
        return Text(f"督办单 {name} 逾期", f"ticket {name} overdue")
    if kind == "danger" and name:
        return Text(f"隐患 {name} 逾期", f"hidden danger {name} overdue")
    if kind == "accident" and name:
        return Text(f"事故 {name} 报告逾期", f"report of accident {name} overdue")
    return None


def _standing(
    rule: str,
    subject: str,
    site: str,
    text: Text,
    due: int,
    taken: int,
    steps: Sequence[str],
    channels: Sequence[str],
    levels: Sequence[str],
    at: int,
) -> Standing:
    return Standing(
        rule,
        FAMILY,
        subject,
        site,
        subject,
        levels[min(taken, len(levels) - 1)],
        text,
        since=due + 1,
        mark=str(taken),
        facts={"due": due, "climbed": taken, "steps": " ".join(steps), "channels": " ".join(channels)},
        at=at,
    )
