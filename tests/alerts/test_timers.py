"""What time alone does to an alarm, as time lines in seconds."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.lifecycle import (
    Acknowledged,
    Action,
    Alarm,
    Changed,
    Cleared,
    Hidden,
    Raised,
    Shelved,
    Shown,
    due,
    fold,
    next_due,
    rule_of,
    step,
)
from topics.handling import Handling

RANKS = {"blue": 1, "yellow": 2, "orange": 3, "red": 4}
S = 1000


def rank(code: str) -> int:
    return RANKS[code]


def raised(at: int = 0, severity: str = "yellow", value: float | None = None, **handling: Any) -> Raised:
    """The opening of an alarm with this handling, its value beside a limit of 50."""
    limit = None if value is None else 50.0
    return Raised(at * S, "f1", severity, value=value, limit=limit, handling=Handling(**handling))


def lived(until: int, *actions: Action) -> tuple[Alarm, list[tuple[int, str]]]:
    """The alarm at ``until`` seconds, with (second, rule) of each thing that time did."""
    alarm, done = Alarm(), []
    for action in actions:
        for timed in due(alarm, action.time, rank):
            after = step(alarm, timed, rank)
            done.append((timed.time // S, rule_of(alarm, timed, after)))
            alarm = after
        alarm = step(alarm, action, rank)
    for timed in due(alarm, until * S, rank):
        done.append((timed.time // S, rule_of(alarm, timed, step(alarm, timed, rank))))
        alarm = step(alarm, timed, rank)
    return alarm, done


def test_an_alarm_sounds_when_its_condition_outlasts_the_on_delay() -> None:
    before, done = lived(29, raised(on_delay_s=30))
    assert (before.state, before.annunciated, before.quiet, done) == ("delayed", None, True, [])
    after, done = lived(31, raised(on_delay_s=30))
    assert (after.state, after.opened, after.annunciated) == ("unacknowledged", 0, 30 * S)
    assert done == [(30, "on-delay")]


def test_what_is_gone_before_the_on_delay_never_sounds() -> None:
    opening, end = raised(on_delay_s=30), Cleared(10 * S, "f1")
    alarm, done = lived(60, opening, end)
    assert (alarm.state, alarm.closed, alarm.annunciated, done) == ("normal", 10 * S, None, [])
    assert rule_of(fold([opening], rank), end, alarm) == "on-delay-not-reached"


def test_an_alarm_returns_when_the_return_outlasts_the_off_delay() -> None:
    opening = raised(off_delay_s=20)
    alarm, done = lived(29, opening, Cleared(10 * S, "f1"))
    assert (alarm.state, list(alarm.findings), done) == ("unacknowledged", ["f1"], [])
    alarm, done = lived(30, opening, Cleared(10 * S, "f1"))
    assert (alarm.state, alarm.returned, done) == ("returned-unacknowledged", 30 * S, [(30, "off-delay")])
    alarm, _ = lived(30, opening, Cleared(10 * S, "f1"), Raised(15 * S, "f2", "yellow"))
    assert (alarm.state, list(alarm.findings)) == ("unacknowledged", ["f2"]), "what comes back in time holds it"


@pytest.mark.parametrize(("value", "returned_at"), [(49.0, 70), (46.0, 70), (45.0, 10), (20.0, 10), (None, 10)])
def test_a_value_within_the_deadband_is_believed_only_after_a_while(value: float | None, returned_at: int) -> None:
    opening = raised(value=60.0, deadband=5.0, deadband_hold_s=60)
    alarm, _ = lived(100, opening, Cleared(10 * S, "f1", value))
    assert alarm.returned == returned_at * S


def test_a_low_limit_has_its_deadband_above() -> None:
    opening = raised(value=40.0, deadband=5.0, deadband_hold_s=60)
    assert lived(100, opening, Cleared(10 * S, "f1", 52.0))[0].returned == 70 * S
    assert lived(100, opening, Cleared(10 * S, "f1", 55.0))[0].returned == 10 * S


def test_the_severity_falls_only_when_the_value_has_left_the_deadband_of_the_worse_limit() -> None:
    worse = Changed(5 * S, "f1", "red", 80.0, 75.0)
    opening = raised(value=60.0, deadband=5.0)
    near = Changed(10 * S, "f1", "yellow", 72.0, 50.0)
    alarm, _ = lived(20, opening, worse, near)
    assert alarm.severity == "red"
    assert rule_of(fold([opening, worse], rank), near, alarm) == "deadband"
    alarm, _ = lived(20, opening, worse, near, Changed(15 * S, "f1", "yellow", 69.0, 50.0))
    assert alarm.severity == "yellow"


def test_shelving_ends_by_time_into_what_the_condition_says() -> None:
    there, done = lived(100, raised(), Shelved(10 * S, "wang", until=70 * S))
    assert (there.state, done) == ("unacknowledged", [(70, "shelving-time-over")])
    gone, _ = lived(100, raised(), Shelved(10 * S, "wang", until=70 * S), Cleared(20 * S, "f1"))
    assert (gone.state, gone.closed) == ("normal", 70 * S)


def test_an_unanswered_alarm_sounds_again_and_what_time_jumped_over_counts_once() -> None:
    alarm, done = lived(60, raised(realarm_unacknowledged_s=60))
    assert (done, alarm.realarms, alarm.realarm_at) == ([(60, "re-alarm-unacknowledged")], 1, 120 * S)
    alarm, done = lived(3_600, raised(realarm_unacknowledged_s=60))
    assert (done, alarm.realarms) == ([(3_600, "re-alarm-unacknowledged")], 1)


def test_what_is_acknowledged_and_still_there_sounds_again() -> None:
    opening = raised(realarm_acknowledged_s=300)
    alarm, done = lived(400, opening, Acknowledged(10 * S, "wang"))
    assert (alarm.state, alarm.acknowledged_by, done) == ("unacknowledged", None, [(310, "re-alarm-still-active")])
    alarm, done = lived(400, opening, Acknowledged(10 * S, "wang"), Cleared(300 * S, "f1"))
    assert (alarm.state, done) == ("normal", [])


STEPS: Any = {"acknowledge_within_s": {"yellow": 600, "red": 120}, "escalate_to": ("leader", "bureau")}


def test_each_unmet_deadline_climbs_one_step_until_none_is_left() -> None:
    alarm, done = lived(10_000, raised(severity="red", **STEPS))
    assert done == [(120, "acknowledge-within"), (240, "acknowledge-within")]
    assert (alarm.escalation, alarm.next_step, alarm.deadline) == (2, None, None)


def test_an_answer_in_time_stops_the_clock_and_a_rise_starts_it_anew() -> None:
    alarm, done = lived(10_000, raised(**STEPS), Acknowledged(599 * S, "wang"))
    assert (alarm.escalation, done) == (0, [])
    alarm, _ = lived(800, raised(**STEPS), Acknowledged(599 * S, "wang"), Changed(700 * S, "f1", "red"))
    assert (alarm.state, alarm.deadline) == ("unacknowledged", 820 * S)


def test_a_worse_severity_leaves_less_time_and_a_better_one_no_more() -> None:
    assert lived(50, raised(**STEPS), Changed(50 * S, "f1", "red"))[0].deadline == 170 * S
    assert lived(50, raised(severity="red", **STEPS), Changed(50 * S, "f1", "yellow"))[0].deadline == 120 * S


def test_clocks_stand_while_an_alarm_is_hidden_or_shelved() -> None:
    hidden = (raised(severity="red", **STEPS), Hidden(60 * S, "rule", "cause"))
    alarm, done = lived(5_000, *hidden)
    assert (alarm.escalation, done) == (0, [])
    alarm, _ = lived(5_000, *hidden, Shown(5_000 * S, "cause-over"))
    assert alarm.deadline == 5_120 * S
    alarm, done = lived(5_000, raised(severity="red", **STEPS), Shelved(60 * S, "wang", until=6_000 * S))
    assert (alarm.escalation, done) == (0, [])


@given(
    st.builds(
        Handling,
        on_delay_s=st.sampled_from([0, 5]),
        off_delay_s=st.sampled_from([0, 4]),
        acknowledge_within_s=st.sampled_from([{}, {"yellow": 7}]),
        realarm_acknowledged_s=st.sampled_from([0, 9]),
        escalate_to=st.just(("leader", "bureau")),
    ),
    st.lists(st.integers(1, 60), max_size=20),
)
def test_what_time_does_is_the_same_however_often_it_is_asked(handling: Handling, ticks: list[int]) -> None:
    opening = Raised(0, "f1", "yellow", handling=handling)
    actions: list[Action] = [opening, Acknowledged(12 * S, "wang"), Cleared(30 * S, "f1")]
    often = Alarm()
    for action in actions:
        for tick in [*(tick for tick in sorted(ticks) if tick * S <= action.time), action.time // S]:
            for timed in due(often, tick * S, rank):
                often = step(often, timed, rank)
        often = step(often, action, rank)
    for timed in due(often, 60 * S, rank):
        often = step(often, timed, rank)
    once, _ = lived(60, *actions)
    assert often == once
    following = next_due(once)
    assert following is None or following.time > 60 * S
