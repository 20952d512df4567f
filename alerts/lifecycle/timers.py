"""What time alone does to an alarm, as actions stamped with the moment they were due.

Whoever keeps the alarm asks for ``due`` before anything else happens to it and at each tick of city time, so that
what comes of it does not depend on how often the ticks come.
"""

from alerts.lifecycle.actions import Action, Annunciated, Escalated, ReAlarmed, Returned, Unshelved
from alerts.lifecycle.states import Alarm, Rank, milliseconds
from alerts.lifecycle.step import step


def next_due(alarm: Alarm) -> Action | None:
    """The next thing that time will do, ``None`` if it will do nothing."""
    actions: list[Action] = []
    if alarm.delayed_until is not None:
        actions.append(Annunciated(alarm.delayed_until, "on-delay"))
    if alarm.leaving:
        finding, at = min(alarm.leaving.items(), key=lambda each: (each[1], each[0]))
        actions.append(Returned(at, "off-delay", finding))
    if alarm.shelved_until is not None:
        actions.append(Unshelved(alarm.shelved_until, rule="shelving-time-over"))
    if alarm.deadline is not None:
        actions.append(Escalated(alarm.deadline, rule="acknowledge-within", to=alarm.next_step or ""))
    if alarm.realarm_at is not None:
        active = alarm.state == "acknowledged"
        actions.append(ReAlarmed(alarm.realarm_at, "re-alarm-still-active" if active else "re-alarm-unacknowledged"))
    # Of equals the first: what ends by itself at this moment calls for nobody.
    return min(actions, key=lambda action: action.time, default=None)


def due(alarm: Alarm, now: int, rank: Rank) -> list[Action]:
    """What time has done to the alarm up to ``now``, in the order in which to apply it."""
    found: list[Action] = []
    while (action := next_due(alarm)) is not None and action.time <= now:
        if isinstance(action, ReAlarmed) and alarm.state == "unacknowledged":
            action = _latest(alarm, action, now)
        found.append(action)
        alarm = step(alarm, action, rank)
    return found


def _latest(alarm: Alarm, action: ReAlarmed, now: int) -> ReAlarmed:
    """Where time has jumped over several re-alarms, the last of them before anything else is due stands for all."""
    period = milliseconds(alarm.handling.realarm_unacknowledged_s)
    others = [each for each in (alarm.deadline, *alarm.leaving.values()) if each is not None]
    until = min([now, *others])
    return ReAlarmed(action.time + max(0, until - action.time) // period * period, action.rule)
