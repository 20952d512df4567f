"""What the plant does to an alarm: findings open, change and close."""

import math

from alerts.lifecycle.actions import Changed, Cleared, DesignOver, Raised
from alerts.lifecycle.allowed import NotAllowed
from alerts.lifecycle.design import change_silent, leave_silent, let_go, raise_silent
from alerts.lifecycle.sounding import acknowledge_by, replace, rest, settle, sooner, sound, timed
from alerts.lifecycle.states import Alarm, Limit, Rank, milliseconds, worst
from topics.finding import Text


def raise_or_change(alarm: Alarm, action: Raised | Changed, rank: Rank) -> Alarm:
    """The finding is there with this severity."""
    if isinstance(action, Raised) and action.unit:
        return raise_silent(alarm, action, rank)
    if isinstance(action, Changed) and action.finding in alarm.by_design:
        return change_silent(alarm, action, rank)
    if isinstance(action, Changed) and action.finding not in alarm.findings:
        raise _unknown(alarm, action.finding, "changed", "变化")
    first = alarm.opened is None
    if isinstance(action, Raised) and first and action.handling is not None:
        alarm = replace(alarm, handling=action.handling)
    findings = {**alarm.findings, action.finding: _believed(alarm, action, rank)}
    severity = worst(findings.values(), rank)
    latched = worst([severity, alarm.latched], rank) if alarm.latched else severity
    since = (action.opened if isinstance(action, Raised) else 0) or action.time
    alarm = replace(
        alarm,
        opened=since if first else alarm.opened,
        returned=None,
        severity=severity,
        latched=latched,
        findings=findings,
        by_design={name: each for name, each in alarm.by_design.items() if name != action.finding},
        limits=_limits(alarm, action, findings[action.finding]),
        leaving={name: at for name, at in alarm.leaving.items() if name != action.finding},
    )
    return _heard(alarm, action.time, first, rank)


def end_design(alarm: Alarm, action: DesignOver, rank: Rank) -> Alarm:
    """The unit's state suppresses the finding no longer: it is there like one that has just opened."""
    alarm, severity = let_go(alarm, action)
    return raise_or_change(alarm, Raised(action.time, action.finding, severity), rank)


def clear(alarm: Alarm, action: Cleared, rank: Rank) -> Alarm:
    """The finding closed: it goes now, or waits in ``leaving`` until it is believed."""
    if action.finding in alarm.by_design:
        return leave_silent(alarm, action.finding, action.time, rank)
    if action.finding not in alarm.findings:
        raise _unknown(alarm, action.finding, "cleared", "恢复")
    if wait := _hold_ms(alarm, action):
        at = alarm.leaving.get(action.finding, action.time + wait)
        return replace(alarm, leaving={**alarm.leaving, action.finding: at})
    return leave(alarm, action.finding, action.time, rank)


def leave(alarm: Alarm, finding: str, time: int, rank: Rank) -> Alarm:
    """The finding is over; the alarm returns if it was the last one."""
    if finding not in alarm.findings:
        raise _unknown(alarm, finding, "returned", "恢复")
    left = {name: severity for name, severity in alarm.findings.items() if name != finding}
    alarm = replace(
        alarm,
        findings=left,
        leaving={name: at for name, at in alarm.leaving.items() if name != finding},
        limits={name: limit for name, limit in alarm.limits.items() if name != finding},
        insisted=tuple(name for name in alarm.insisted if name != finding),
    )
    if left:
        return replace(alarm, severity=worst(left.values(), rank))
    alarm = replace(alarm, returned=time)
    match alarm.state:
        case "delayed":
            return rest(alarm, time)
        case "unacknowledged":
            return replace(alarm, state="returned-unacknowledged", realarm_at=None)
        case "shelved" if not alarm.one_shot:
            return alarm
        case "acknowledged" | "shelved":
            return settle(alarm, time)
        case _:
            return alarm


def _heard(alarm: Alarm, time: int, first: bool, rank: Rank) -> Alarm:
    """What the state makes of a condition that is there."""
    match alarm.state:
        case "normal" | "suppressed" if (first or alarm.all_by_design) and alarm.handling.on_delay_s:
            alarm = replace(alarm, all_by_design=False)
            return replace(alarm, state="delayed", delayed_until=time + milliseconds(alarm.handling.on_delay_s))
        case "acknowledged" | "shelved" if rank(alarm.severity) <= rank(alarm.covered):
            return alarm
        case "unacknowledged":
            return replace(alarm, deadline=sooner(alarm.deadline, _sharper(alarm, time)))
        case "returned-unacknowledged":
            return timed(replace(alarm, state="unacknowledged"), time)
        case "suppressed" if alarm.all_by_design:
            return sound(alarm, time)
        case "delayed" | "suppressed" | "out-of-service":
            return alarm
        case _:
            return sound(alarm, time)


def _sharper(alarm: Alarm, time: int) -> int | None:
    """A worse severity may leave less time than what is left; a hidden alarm has no deadline."""
    return None if alarm.hidden_by is not None or alarm.deadline is None else acknowledge_by(alarm, time)


def _believed(alarm: Alarm, action: Raised | Changed, rank: Rank) -> str:
    """The severity it says, or the worse one it had while its value is within the deadband of that one's limit."""
    before = alarm.findings.get(action.finding)
    if before is None or rank(action.severity) >= rank(before):
        return action.severity
    return before if _within_deadband(alarm, action.finding, action.value) else action.severity


def _limits(alarm: Alarm, action: Raised | Changed, severity: str) -> dict[str, Limit]:
    """Kept only where there is a deadband: the limit of the severity that is believed."""
    if not alarm.handling.deadband or action.value is None or action.limit is None:
        return alarm.limits
    if severity != action.severity and action.finding in alarm.limits:
        return alarm.limits
    return {**alarm.limits, action.finding: Limit(action.limit, action.value >= action.limit)}


def _within_deadband(alarm: Alarm, finding: str, value: float | None) -> bool:
    limit = alarm.limits.get(finding)
    if limit is None or value is None or not math.isfinite(value):
        return False
    back_by = limit.value - value if limit.high else value - limit.value
    return back_by < alarm.handling.deadband


def _hold_ms(alarm: Alarm, action: Cleared) -> int:
    """How long a return must last before it is believed."""
    handling = alarm.handling
    held_s = handling.deadband_hold_s if _within_deadband(alarm, action.finding, action.value) else 0.0
    return milliseconds(max(handling.off_delay_s, held_s))


def _unknown(alarm: Alarm, finding: str, en: str, zh: str) -> NotAllowed:
    known = sorted(alarm.findings)
    return NotAllowed(Text(f"{zh}：应为 {known} 之一，收到 {finding}", f"{en}: expected one of {known}, got {finding}"))
