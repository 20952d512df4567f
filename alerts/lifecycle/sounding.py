"""Beginning to sound, falling quiet and coming to rest: what several actions have in common."""

import msgspec

from alerts.lifecycle.states import Alarm, State, milliseconds

replace = msgspec.structs.replace


def sound(alarm: Alarm, time: int) -> Alarm:
    """Unacknowledged from ``time`` on; what was acknowledged, shelved or confirmed before is withdrawn."""
    return timed(
        replace(
            alarm,
            state="unacknowledged",
            covered="",
            acknowledged_by=None,
            acknowledged_at=None,
            note="",
            delayed_until=None,
            shelved_by=None,
            shelved_until=None,
            one_shot=False,
            reset_by=None,
            confirmed_by=None,
            confirmed_at=None,
            deadline=None,
            all_by_design=False,
        ),
        time,
    )


def timed(alarm: Alarm, time: int) -> Alarm:
    """The clocks of an unacknowledged alarm begin at ``time``; those of a hidden one stand."""
    if alarm.hidden_by is not None or alarm.state not in ("unacknowledged", "returned-unacknowledged"):
        return alarm
    wait = alarm.handling.realarm_unacknowledged_s if alarm.state == "unacknowledged" else 0
    return replace(
        alarm,
        annunciated=time if alarm.annunciated is None else alarm.annunciated,
        realarm_at=time + milliseconds(wait) if wait else None,
        deadline=sooner(alarm.deadline, acknowledge_by(alarm, time)),
    )


def acknowledge_by(alarm: Alarm, time: int) -> int | None:
    """When it climbs if nobody acknowledges what began at ``time``; ``None`` where no step is left or set."""
    within = alarm.handling.acknowledge_within_s.get(alarm.severity)
    if within is None or alarm.next_step is None:
        return None
    return time + milliseconds(within)


def sooner(one: int | None, other: int | None) -> int | None:
    """The earlier of two moments, of which each may be never."""
    return min((each for each in (one, other) if each is not None), default=None)


def quieten(alarm: Alarm, state: State) -> Alarm:
    """Into a state in which nothing sounds and no clock but shelving's own runs; ``covered`` is what it was then."""
    return replace(
        alarm,
        state=state,
        covered=alarm.severity,
        delayed_until=None,
        realarm_at=None,
        deadline=None,
        shelved_by=None,
        shelved_until=None,
        one_shot=False,
        all_by_design=False,
    )


def settle(alarm: Alarm, time: int) -> Alarm:
    """The condition is gone and answered for: latched or unconfirmed where that is asked for, else closed."""
    alarm = replace(alarm, realarm_at=None, deadline=None, shelved_by=None, shelved_until=None, one_shot=False)
    if alarm.handling.latching and alarm.reset_by is None:
        return replace(alarm, state="latched")
    if alarm.handling.confirm != "none" and alarm.confirmed_by is None:
        return replace(alarm, state="returned-unconfirmed")
    return rest(alarm, time)


def rest(alarm: Alarm, time: int) -> Alarm:
    """Nothing is left to be heard: closed, or suppressed while what is suppressed by design lasts."""
    if alarm.by_design:
        return replace(quieten(alarm, "suppressed"), all_by_design=True)
    return replace(alarm, state="normal", closed=time, delayed_until=None, all_by_design=False)


def back(alarm: Alarm, time: int) -> Alarm:
    """Out of a quiet state, into what the condition says: unacknowledged if it is there, else at rest."""
    return sound(alarm, time) if alarm.findings else settle(alarm, time)
