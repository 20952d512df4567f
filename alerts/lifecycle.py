"""The life of an alarm after ISA-18.2 / IEC 62682: pure, with no store, clock or topic in it.

``step`` takes an alarm and what happened and gives the alarm after it; an alarm is the fold of
its log. Time is event time (city time), passed in with each action. Severities are codes of the
domain's scheme; how bad a code is (higher = worse) comes in as ``rank``.

========================  ==========  =========================  ==============  =======
state                     raised or   cleared (the last one)     acknowledged    revised
                          changed
========================  ==========  =========================  ==============  =======
normal, never opened      unack.      refused                    refused         refused
unacknowledged            unack.      returned-unacknowledged    acknowledged    same
acknowledged              ack. or     normal (closed)            refused         same
                          unack. [1]_
returned-unacknowledged   unack.      refused                    normal (closed) same
normal, closed            refused     refused                    refused         same
========================  ==========  =========================  ==============  =======

.. [1] An acknowledgement covers the severity it was given at; a rise above that withdraws it.
"""

from collections.abc import Callable, Iterable
from functools import reduce
from typing import Literal

import msgspec

from topics.finding import Text

State = Literal["normal", "unacknowledged", "acknowledged", "returned-unacknowledged"]
Rank = Callable[[str], int]


class Raised(msgspec.Struct, frozen=True, tag="raised", tag_field="action"):
    """A finding opened on this alarm; ``opened`` is the first row of its episode (0 = ``time``)."""

    time: int
    finding: str
    severity: str
    opened: int = 0


class Changed(msgspec.Struct, frozen=True, tag="changed", tag_field="action"):
    """An open finding says its severity anew, the same or another."""

    time: int
    finding: str
    severity: str


class Cleared(msgspec.Struct, frozen=True, tag="cleared", tag_field="action"):
    """A finding closed; the alarm returns when it was the last one open."""

    time: int
    finding: str


class Acknowledged(msgspec.Struct, frozen=True, tag="acknowledged", tag_field="action"):
    """A named person took the alarm on."""

    time: int
    who: str
    note: str = ""


class Revised(msgspec.Struct, frozen=True, tag="revised", tag_field="action"):
    """Late or back-filled data changed what is known; nothing sounds."""

    time: int
    finding: str


class Recorded(msgspec.Struct, frozen=True, tag="recorded", tag_field="action"):
    """Late data showed an episode nobody could have answered: on record, closed from the start."""

    time: int
    finding: str
    severity: str
    opened: int


Action = Raised | Changed | Cleared | Acknowledged | Revised | Recorded


class NotAllowed(ValueError):
    """This state does not take this action; ``text`` says why, in one sentence of each language."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class Alarm(msgspec.Struct, frozen=True):
    """Where an alarm stands. ``severity`` is the worst of its open findings (after the last one
    closed: what it was), ``latched`` the worst since it opened, ``covered`` what the
    acknowledgement was given at. ``findings`` maps each open finding to its severity.
    """

    state: State = "normal"
    opened: int | None = None
    updated: int = 0
    returned: int | None = None
    closed: int | None = None
    severity: str = ""
    latched: str = ""
    covered: str = ""
    findings: dict[str, str] = msgspec.field(default_factory=dict)
    acknowledged_by: str | None = None
    acknowledged_at: int | None = None
    note: str = ""
    revision: int = 0


#: A blank alarm and a closed one are both ``normal``; they differ in what they take.
ALLOWED: dict[str, tuple[type[Action], ...]] = {
    "blank": (Raised, Recorded),
    "unacknowledged": (Raised, Changed, Cleared, Acknowledged, Revised),
    "acknowledged": (Raised, Changed, Cleared, Revised),
    "returned-unacknowledged": (Raised, Acknowledged, Revised),
    "closed": (Revised,),
}


#: The words of the desk for phases and actions, in Chinese; in English they are their own names.
ZH = {
    "blank": "尚未触发",
    "unacknowledged": "未确认",
    "acknowledged": "已确认",
    "returned-unacknowledged": "已恢复未确认",
    "closed": "已关闭",
    Raised: "触发",
    Changed: "变化",
    Cleared: "恢复",
    Acknowledged: "确认",
    Revised: "修订",
    Recorded: "补录",
}


def phase_of(alarm: Alarm) -> str:
    """The row of ``ALLOWED`` an alarm stands in."""
    if alarm.state != "normal":
        return alarm.state
    return "blank" if alarm.opened is None else "closed"


def step(alarm: Alarm, action: Action, rank: Rank) -> Alarm:
    """The alarm after the action. Raises ``NotAllowed``; the alarm given is never changed."""
    phase = phase_of(alarm)
    if not isinstance(action, ALLOWED[phase]):
        raise NotAllowed(_refusal(phase, action))
    alarm = msgspec.structs.replace(alarm, updated=max(alarm.updated, action.time))
    match action:
        case Raised() | Changed():
            return _raise(alarm, action, rank)
        case Cleared():
            return _clear(alarm, action, rank)
        case Acknowledged():
            return _acknowledge(alarm, action)
        case Revised():
            return msgspec.structs.replace(alarm, revision=alarm.revision + 1)
        case Recorded():
            return msgspec.structs.replace(
                alarm,
                opened=action.opened,
                returned=action.time,
                closed=action.time,
                severity=action.severity,
                latched=action.severity,
                revision=1,
            )


def fold(actions: Iterable[Action], rank: Rank) -> Alarm:
    """The alarm that a log of actions makes."""
    return reduce(lambda alarm, action: step(alarm, action, rank), actions, Alarm())


def worst(severities: Iterable[str], rank: Rank) -> str:
    """The worst code; of equals the first in the order of codes, so that the answer never wavers."""
    return max(sorted(severities), key=rank)


def _refusal(phase: str, action: Action) -> Text:
    taken = ", ".join(each.__name__.lower() for each in ALLOWED[phase])
    en = f"an alarm that is {phase} takes {taken}; got {type(action).__name__.lower()}"
    return Text(f"{ZH[phase]}的报警不能再{ZH[type(action)]}", en)


def _raise(alarm: Alarm, action: Raised | Changed, rank: Rank) -> Alarm:
    findings = {**alarm.findings, action.finding: action.severity}
    severity = worst(findings.values(), rank)
    latched = worst([severity, alarm.latched], rank) if alarm.latched else severity
    since = (action.opened if isinstance(action, Raised) else 0) or action.time
    alarm = msgspec.structs.replace(
        alarm,
        opened=since if alarm.opened is None else alarm.opened,
        returned=None,
        severity=severity,
        latched=latched,
        findings=findings,
    )
    if alarm.state == "acknowledged" and rank(severity) <= rank(alarm.covered):
        return alarm
    return msgspec.structs.replace(
        alarm, state="unacknowledged", covered="", acknowledged_by=None, acknowledged_at=None, note=""
    )


def _clear(alarm: Alarm, action: Cleared, rank: Rank) -> Alarm:
    if action.finding not in alarm.findings:
        known = sorted(alarm.findings)
        zh = f"恢复：应为 {known} 之一，收到 {action.finding}"
        raise NotAllowed(Text(zh, f"cleared: expected one of {known}, got {action.finding}"))
    left = {name: severity for name, severity in alarm.findings.items() if name != action.finding}
    if left:
        return msgspec.structs.replace(alarm, findings=left, severity=worst(left.values(), rank))
    if alarm.state == "acknowledged":
        return msgspec.structs.replace(alarm, state="normal", findings={}, returned=action.time, closed=action.time)
    return msgspec.structs.replace(alarm, state="returned-unacknowledged", findings={}, returned=action.time)


def _acknowledge(alarm: Alarm, action: Acknowledged) -> Alarm:
    over = alarm.state == "returned-unacknowledged"
    return msgspec.structs.replace(
        alarm,
        state="normal" if over else "acknowledged",
        closed=action.time if over else None,
        covered=alarm.severity,
        acknowledged_by=action.who,
        acknowledged_at=action.time,
        note=action.note,
    )
