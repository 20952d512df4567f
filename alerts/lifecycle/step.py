"""One step of an alarm's life, and the fold of all of them."""

from collections.abc import Iterable
from functools import reduce

from alerts.lifecycle import condition, design, desk
from alerts.lifecycle.actions import (
    Acknowledged,
    Action,
    Annunciated,
    Changed,
    Cleared,
    Closed,
    Commented,
    Confirmed,
    DesignOver,
    Escalated,
    HandedOver,
    Hidden,
    Judged,
    OutOfService,
    Raised,
    ReAlarmed,
    Recorded,
    Reset,
    Returned,
    ReturnedToService,
    Revised,
    Shelved,
    Shown,
    Suppressed,
    SuppressedByDesign,
    Unshelved,
)
from alerts.lifecycle.allowed import ALLOWED, refusal
from alerts.lifecycle.sounding import back, quieten, replace, sound, timed
from alerts.lifecycle.states import Alarm, Rank, phase_of


def step(alarm: Alarm, action: Action, rank: Rank) -> Alarm:
    """The alarm after the action. Raises ``NotAllowed``; the alarm given is never changed."""
    phase = phase_of(alarm)
    if not isinstance(action, ALLOWED[phase]):
        raise refusal(phase, action)
    alarm = replace(alarm, updated=max(alarm.updated, action.time))
    match action:
        case Raised() | Changed():
            return condition.raise_or_change(alarm, action, rank)
        case Cleared():
            return condition.clear(alarm, action, rank)
        case Revised():
            return replace(alarm, revision=alarm.revision + 1)
        case Recorded():
            return _record(alarm, action)
        case Annunciated() | Returned() | ReAlarmed() | Hidden() | Shown():
            return _by_rule(alarm, action, rank)
        case SuppressedByDesign():
            return design.suppress(alarm, action, rank)
        case DesignOver():
            return condition.end_design(alarm, action, rank)
        case ReturnedToService():
            return design.return_to_service(alarm, action, rank)
        case _:
            return _by_desk(alarm, action)


def _by_rule(alarm: Alarm, action: Annunciated | Returned | ReAlarmed | Hidden | Shown, rank: Rank) -> Alarm:
    match action:
        case Annunciated():
            return sound(alarm, action.time)
        case Returned():
            return condition.leave(alarm, action.finding, action.time, rank)
        case ReAlarmed():
            alarm = replace(alarm, realarms=alarm.realarms + 1)
            return timed(alarm, action.time) if alarm.state == "unacknowledged" else sound(alarm, action.time)
        case Hidden():
            return replace(alarm, hidden_by=action.by, realarm_at=None, deadline=None)
        case Shown():
            return timed(replace(alarm, hidden_by=None), action.time)


def _by_desk(alarm: Alarm, action: Action) -> Alarm:
    match action:
        case Acknowledged():
            return desk.acknowledge(alarm, action)
        case Reset():
            return desk.reset(alarm, action)
        case Confirmed():
            return desk.confirm(alarm, action)
        case Shelved():
            return desk.shelve(alarm, action)
        case Suppressed():
            return quieten(alarm, "suppressed")
        case OutOfService():
            return quieten(alarm, "out-of-service")
        case Unshelved():
            return back(alarm, action.time)
        case Escalated():
            return desk.escalate(alarm, action)
        case HandedOver():
            return replace(alarm, handed_to=action.to)
        case Judged():
            return replace(alarm, verdict=action.verdict, verdict_by=action.who, verdict_at=action.time)
        case Closed():
            return desk.close(alarm, action)
        case Commented():
            return alarm
        case _:
            raise AssertionError(f"no step for {type(action).__name__}")


def _record(alarm: Alarm, action: Recorded) -> Alarm:
    return replace(
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


def rule_of(before: Alarm, action: Action, after: Alarm) -> str:
    """The rule by which something happened that nobody asked for; empty where nothing did."""
    if after.state != before.state:
        match action:
            case Raised() | Changed() if before.state in ("acknowledged", "shelved"):
                return "severity-rise"
            case Raised() if before.state in ("returned-unacknowledged", "latched", "returned-unconfirmed"):
                return "condition-returned"
            case Cleared() | Returned() if before.state == "delayed":
                return "on-delay-not-reached"
            case Cleared() | Returned() if before.state == "shelved":
                return "one-shot-over"
    if isinstance(action, Cleared) and action.finding in after.leaving:
        wait = after.leaving[action.finding] - action.time
        return "off-delay" if wait <= after.handling.off_delay_s * 1000 else "deadband"
    if isinstance(action, Raised | Changed) and action.finding in after.by_design:
        return "unit-state"
    if isinstance(action, Raised | Changed) and after.findings.get(action.finding) != action.severity:
        return "deadband"
    return getattr(action, "rule", "")
