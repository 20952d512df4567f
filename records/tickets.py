"""A ticket: an exceedance or a hidden danger put to the firm, its answers, the review, and whose turn it is. Pure.

A ticket is the fold of its events. At any moment one side is waited for, the firm or the office, and only that side's
clock runs: what the office takes for its review is not the firm's delay. Times are city time, ms UTC.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from records.case_fold import first_event, fold_case
from records.climbing import step_at, steps_due
from records.refused import Refused
from topics.finding import Text

Side = Literal["firm", "office"]
State = Literal["answer-awaited", "review-awaited", "answered", "verified", "withdrawn"]
Outcome = Literal["violation", "explained", "instrument", "false", "rectified"]

Seconds = Annotated[int, msgspec.Meta(gt=0)]


class Terms(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The clocks of one kind of ticket, in seconds of city time, and who is told when one lapses, step by step and over
    which ``channels``.

    Without ``review_s`` nobody reviews: the firm's answer closes the ticket.
    """

    reply_s: Seconds
    supplement_s: Seconds
    escalate_every_s: Seconds
    firm_steps: tuple[str, ...]
    source: str
    confirmed: bool
    review_s: Seconds | None = None
    office_steps: tuple[str, ...] = ()
    most_supplements: int = 2
    channels: tuple[str, ...] = ("cap",)


class File(msgspec.Struct, frozen=True):
    """An attachment: its name, SHA-256 and size in bytes; the store keeps its content."""

    name: str
    sha256: str
    size: int


class Issued(msgspec.Struct, frozen=True, tag="issued", omit_defaults=True):
    """Put to the firm. ``about`` is the judgement's key; ``due`` a date of its own instead of the terms' clock."""

    time: int
    who: str
    site: str
    kind: str
    about: str
    text: Text
    due: int | None = None


class Replied(msgspec.Struct, frozen=True, tag="replied"):
    """The firm answers, with its evidence."""

    time: int
    who: str
    text: str
    files: tuple[File, ...] = ()


class Supplement(msgspec.Struct, frozen=True, tag="supplement", omit_defaults=True):
    """The office wants more evidence, or sees at its re-check that more is to be done; ``due`` as in ``Issued``."""

    time: int
    who: str
    text: str
    due: int | None = None


class Verified(msgspec.Struct, frozen=True, tag="verified"):
    """The office has made up its mind; the ticket is closed."""

    time: int
    who: str
    outcome: Outcome
    text: str


class Withdrawn(msgspec.Struct, frozen=True, tag="withdrawn"):
    """What it was about no longer stands."""

    time: int
    who: str
    text: str


class Escalated(msgspec.Struct, frozen=True, tag="escalated"):
    """The side that is waited for is overdue: ``to`` is told, as step ``step`` (from 1) of this turn."""

    time: int
    side: Side
    to: str
    step: int


Event: TypeAlias = Issued | Replied | Supplement | Verified | Withdrawn | Escalated


class Ticket(msgspec.Struct, frozen=True):
    """Where a ticket stands. ``waiting`` is the side whose clock runs since ``since``, until ``due``; ``used_ms`` is
    what each side took in the turns that are over.
    """

    issued: Issued
    state: State
    waiting: Side | None
    since: int
    due: int | None
    used_ms: dict[str, int]
    supplements: int = 0
    step: int = 0
    outcome: str = ""
    closed: int | None = None

    def used(self, side: Side, now: int) -> int:
        """Milliseconds this side has taken up to ``now``; the other side's time is not in it."""
        running = max(0, now - self.since) if self.waiting == side else 0
        return self.used_ms.get(side, 0) + running

    def overdue(self, now: int) -> bool:
        """Whether the side that is waited for has had its time; the last moment still counts as in time."""
        return self.due is not None and now > self.due


def fold(events: Iterable[Event], terms: Terms) -> Ticket:
    """The ticket that these events make. Raises ``ValueError`` where they do not begin with one that issues it."""
    return fold_case(events, lambda ticket, event: step(ticket, event, terms), "ticket", "issues")


def step(ticket: Ticket | None, event: Event, terms: Terms) -> Ticket:
    """The ticket after one more event. Raises ``Refused`` for one that its state does not allow."""
    if ticket is None:
        issued = first_event(event, Issued, "ticket", "issues")
        due = issued.due or issued.time + terms.reply_s * 1000
        return Ticket(issued, "answer-awaited", "firm", issued.time, due, {})
    if ticket.closed is not None:
        raise Refused(Text("督办单已办结", "the ticket is closed"))
    match event:
        case Issued():
            raise Refused(Text("督办单已发出", "the ticket has been issued"))
        case Escalated():
            return msgspec.structs.replace(ticket, step=event.step)
        case Replied():
            _require(ticket, "firm", Text("正在等待审核，企业不能再答复", "the office's turn: the firm has answered"))
            if terms.review_s is None:
                return _end(ticket, event.time, "answered")
            return _turn(ticket, event.time, "review-awaited", "office", terms.review_s)
        case Supplement():
            _require(ticket, "office", Text("企业尚未答复", "the firm has not answered yet"))
            if ticket.supplements >= terms.most_supplements:
                most = terms.most_supplements
                raise Refused(Text(f"最多要求补充 {most} 次", f"evidence may be asked for {most} times at most"))
            turned = _turn(ticket, event.time, "answer-awaited", "firm", terms.supplement_s)
            return msgspec.structs.replace(turned, supplements=ticket.supplements + 1, due=event.due or turned.due)
        case Verified():
            _require(ticket, "office", Text("企业尚未答复", "the firm has not answered yet"))
            return msgspec.structs.replace(_end(ticket, event.time, "verified"), outcome=event.outcome)
        case Withdrawn():
            return _end(ticket, event.time, "withdrawn")


def lapses(ticket: Ticket, terms: Terms, now: int) -> list[Escalated]:
    """The steps that are due by ``now`` and not taken yet, each at the moment it fell due: once each, however late
    and however often this is asked.
    """
    if ticket.due is None or ticket.waiting is None:
        return []
    steps = terms.firm_steps if ticket.waiting == "firm" else terms.office_steps
    due = steps_due(ticket.due + 1, terms.escalate_every_s * 1000, steps, ticket.step, now)
    return [Escalated(at, ticket.waiting, to, number) for at, to, number in due]


def lapses_at(due: int, terms: Terms, number: int) -> int:
    """When what is due by ``due`` takes this step (from 1), ms UTC: the first just after it, the others at the terms'
    pace."""
    return step_at(due + 1, terms.escalate_every_s * 1000, number)


def figures(tickets: Sequence[Ticket], now: int) -> dict[str, Any]:
    """How many were issued, verified, withdrawn, are open and overdue; ``verified_share`` in % to one decimal."""
    verified = sum(ticket.state == "verified" for ticket in tickets)
    return {
        "issued": len(tickets),
        "verified": verified,
        "withdrawn": sum(ticket.state == "withdrawn" for ticket in tickets),
        "open": sum(ticket.closed is None for ticket in tickets),
        "overdue": sum(ticket.overdue(now) for ticket in tickets),
        "verified_share": round(100.0 * verified / len(tickets), 1) if tickets else None,
    }


def _require(ticket: Ticket, side: Side, text: Text) -> None:
    if ticket.waiting != side:
        raise Refused(text)


def _turn(ticket: Ticket, time: int, state: State, waiting: Side, allowed_s: int) -> Ticket:
    due = time + allowed_s * 1000
    return msgspec.structs.replace(
        ticket, state=state, waiting=waiting, since=time, due=due, used_ms=_spent(ticket, time), step=0
    )


def _end(ticket: Ticket, time: int, state: State) -> Ticket:
    return msgspec.structs.replace(
        ticket, state=state, waiting=None, since=time, due=None, used_ms=_spent(ticket, time), closed=time
    )


def _spent(ticket: Ticket, time: int) -> dict[str, int]:
    side = ticket.waiting or "firm"
    return ticket.used_ms | {side: ticket.used(side, time)}
