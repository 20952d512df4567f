"""Suppression by design (ISA-18.2): a finding that the state of its unit makes meaningless is on record, and silent.

What is suppressed stands beside the other findings, so that it neither sounds nor worsens the alarm. An alarm of which
nothing else is left is suppressed, and is heard as soon as the state ends while its condition lasts.
"""

from collections.abc import Mapping

from alerts.lifecycle.actions import Changed, DesignOver, Raised, ReturnedToService, SuppressedByDesign
from alerts.lifecycle.allowed import NotAllowed
from alerts.lifecycle.sounding import back, quieten, replace, rest, settle, sound
from alerts.lifecycle.states import Alarm, Rank, Silent, worst
from topics.finding import Text

#: States in which somebody may still be called: they give way where nothing is left that is not suppressed.
_LOUD = ("normal", "delayed", "unacknowledged", "acknowledged")


def raise_silent(alarm: Alarm, action: Raised, rank: Rank) -> Alarm:
    """A finding that is suppressed from its first moment."""
    if alarm.opened is None:
        handling = action.handling if action.handling is not None else alarm.handling
        alarm = replace(alarm, opened=action.opened or action.time, handling=handling)
    return _silence(alarm, action.finding, Silent(action.severity, action.unit, action.state), rank)


def change_silent(alarm: Alarm, action: Changed, rank: Rank) -> Alarm:
    """A suppressed finding says another severity."""
    known = alarm.by_design[action.finding]
    changed = Silent(action.severity, known.unit, known.state)
    return _with(alarm, {**alarm.by_design, action.finding: changed}, rank)


def suppress(alarm: Alarm, action: SuppressedByDesign, rank: Rank) -> Alarm:
    """The unit has come into a state that makes an open finding meaningless; or had come into it before what was heard
    began, and that is over: nobody is waited for then.
    """
    if alarm.state == "returned-unacknowledged" and not alarm.findings:
        return rest(replace(alarm, realarm_at=None, deadline=None), action.time)
    if action.finding not in alarm.findings:
        raise _unknown(alarm.findings, action.finding)
    silent = Silent(alarm.findings[action.finding], action.unit, action.state)
    return _silence(alarm, action.finding, silent, rank)


def let_go(alarm: Alarm, action: DesignOver) -> tuple[Alarm, str]:
    """The alarm without this suppressed finding, and the severity that the finding has as one like any other."""
    if action.finding not in alarm.by_design:
        raise _unknown(alarm.by_design, action.finding)
    return _without(alarm, action.finding), alarm.by_design[action.finding].severity


def leave_silent(alarm: Alarm, finding: str, time: int, rank: Rank) -> Alarm:
    """The condition of a suppressed finding is over; the alarm with it, if it was all there was."""
    alarm = _without(alarm, finding)
    if alarm.by_design:
        return _with(alarm, alarm.by_design, rank)
    if not alarm.all_by_design:
        return alarm
    alarm = replace(alarm, all_by_design=False, returned=time)
    return rest(alarm, time) if alarm.annunciated is None else settle(alarm, time)  # what was heard may be latched


def return_to_service(alarm: Alarm, action: ReturnedToService, rank: Rank) -> Alarm:
    """A named person ends a quiet state; where that was by design, for these findings for good."""
    if not alarm.all_by_design:
        return back(alarm, action.time)
    findings = {name: silent.severity for name, silent in alarm.by_design.items()}
    alarm = replace(
        alarm,
        findings=findings,
        by_design={},
        all_by_design=False,
        insisted=(*alarm.insisted, *sorted(findings)),
        severity=worst(findings.values(), rank),
    )
    return sound(alarm, action.time)


def _silence(alarm: Alarm, finding: str, silent: Silent, rank: Rank) -> Alarm:
    """The finding among those that are suppressed, and not among the others."""
    alarm = replace(
        alarm,
        findings={name: severity for name, severity in alarm.findings.items() if name != finding},
        leaving={name: at for name, at in alarm.leaving.items() if name != finding},
        limits={name: limit for name, limit in alarm.limits.items() if name != finding},
    )
    alarm = _with(alarm, {**alarm.by_design, finding: silent}, rank)
    if alarm.findings or alarm.state not in _LOUD:
        return alarm
    return replace(quieten(alarm, "suppressed"), all_by_design=True, returned=None)


def _with(alarm: Alarm, by_design: Mapping[str, Silent], rank: Rank) -> Alarm:
    """These suppressed; the severity is theirs where there is no other finding."""
    others = alarm.findings.values() or [each.severity for each in by_design.values()]
    severity = worst(others, rank)
    latched = worst([severity, alarm.latched], rank) if alarm.latched else severity
    return replace(alarm, by_design=dict(by_design), severity=severity, latched=latched)


def _without(alarm: Alarm, finding: str) -> Alarm:
    return replace(alarm, by_design={name: each for name, each in alarm.by_design.items() if name != finding})


def _unknown(known: Mapping[str, object], finding: str) -> NotAllowed:
    names = sorted(known)
    return NotAllowed(Text(f"抑制：应为 {names} 之一，收到 {finding}", f"expected one of {names}, got {finding}"))
