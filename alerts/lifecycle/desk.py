"""What people do to an alarm."""

from alerts.lifecycle.actions import Acknowledged, Closed, Confirmed, Escalated, Reset, Shelved
from alerts.lifecycle.allowed import NotAllowed
from alerts.lifecycle.sounding import acknowledge_by, quieten, replace, settle
from alerts.lifecycle.states import Alarm, milliseconds
from topics.finding import Text


def acknowledge(alarm: Alarm, action: Acknowledged) -> Alarm:
    """Taken on at the severity it has now."""
    wait = alarm.handling.realarm_acknowledged_s
    returned = alarm.state == "returned-unacknowledged"
    alarm = replace(
        alarm,
        state="acknowledged",
        covered=alarm.severity,
        acknowledged_by=action.who,
        acknowledged_at=action.time,
        note=action.note,
        deadline=None,
        realarm_at=action.time + milliseconds(wait) if wait and alarm.hidden_by is None else None,
    )
    return settle(alarm, action.time) if returned else alarm


def reset(alarm: Alarm, action: Reset) -> Alarm:
    """Unlatched."""
    return settle(replace(alarm, reset_by=action.who), action.time)


def confirm(alarm: Alarm, action: Confirmed) -> Alarm:
    """The second stage; where the handling asks for it, by another than the first."""
    if alarm.handling.confirm == "another" and action.who == alarm.acknowledged_by:
        raise NotAllowed(
            Text(
                f"复核人须不是确认人：应为他人，收到 {action.who}",
                f"confirm: expected another person than who acknowledged, got {action.who}",
            )
        )
    return settle(replace(alarm, confirmed_by=action.who, confirmed_at=action.time), action.time)


def shelve(alarm: Alarm, action: Shelved) -> Alarm:
    """Quiet for a while, at the longest what the handling allows."""
    longest_s = alarm.handling.shelve_max_s
    if not 0 < action.until - action.time <= milliseconds(longest_s):
        got_s = (action.until - action.time) / 1000
        raise NotAllowed(
            Text(
                f"搁置时长：应为 0 至 {longest_s:g} 秒，收到 {got_s:g} 秒",
                f"shelve: expected more than 0 and at most {longest_s:g} s, got {got_s:g} s",
            )
        )
    if action.one_shot and not alarm.findings:
        raise NotAllowed(
            Text(
                "异常已消失，一次性搁置无意义", "shelve: expected a condition that is still there for one-shot shelving"
            )
        )
    return replace(
        quieten(alarm, "shelved"), shelved_by=action.who, shelved_until=action.until, one_shot=action.one_shot
    )


def escalate(alarm: Alarm, action: Escalated) -> Alarm:
    """One step up; the next deadline begins."""
    if alarm.next_step is None:
        en = f"escalate: expected a step above {alarm.escalation}, got none configured"
        raise NotAllowed(Text(f"已升级 {alarm.escalation} 次，没有配置更高一级", en))
    alarm = replace(alarm, escalation=alarm.escalation + 1)
    waiting = alarm.state in ("unacknowledged", "returned-unacknowledged") and alarm.hidden_by is None
    return replace(alarm, deadline=acknowledge_by(alarm, action.time) if waiting else None)


def close(alarm: Alarm, action: Closed) -> Alarm:
    """Over for the desk, even where the condition lasts; what is then still worse makes a new alarm (intake.py)."""
    return settle(
        replace(
            alarm,
            findings={},
            leaving={},
            limits={},
            by_design={},
            all_by_design=False,
            covered=alarm.severity,
            returned=action.time if alarm.returned is None else alarm.returned,
            acknowledged_by=alarm.acknowledged_by or action.who,
            acknowledged_at=action.time if alarm.acknowledged_at is None else alarm.acknowledged_at,
            verdict=action.verdict,
            verdict_by=action.who,
            verdict_at=action.time,
        ),
        action.time,
    )
