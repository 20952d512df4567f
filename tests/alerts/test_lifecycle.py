"""The life cycle: every state with every action, time lines, and what holds whatever happens."""

from dataclasses import dataclass

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from alerts.lifecycle import (
    ALLOWED,
    Acknowledged,
    Action,
    Alarm,
    Changed,
    Cleared,
    NotAllowed,
    Raised,
    Recorded,
    Revised,
    State,
    fold,
    phase_of,
    step,
)

RANKS = {"blue": 1, "yellow": 2, "orange": 3, "red": 4}
UP = "raised to red"


def rank(code: str) -> int:
    return RANKS[code]


def after(*actions: Action) -> Alarm:
    return fold(actions, rank)


RAISE = Raised(10, "f1", "yellow", 9)
#: One way into each state.
INTO: dict[str, tuple[Action, ...]] = {
    "blank": (),
    "unacknowledged": (RAISE,),
    "acknowledged": (RAISE, Acknowledged(20, "wang")),
    "returned-unacknowledged": (RAISE, Cleared(20, "f1")),
    "closed": (RAISE, Cleared(20, "f1"), Acknowledged(30, "wang")),
}
ACTIONS: dict[str, Action] = {
    "raised the same": Raised(40, "f2", "yellow"),
    UP: Raised(40, "f2", "red"),
    "changed the same": Changed(40, "f1", "yellow"),
    "changed to red": Changed(40, "f1", "red"),
    "cleared": Cleared(40, "f1"),
    "acknowledged": Acknowledged(40, "li"),
    "revised": Revised(40, "f1"),
    "recorded": Recorded(40, "f1", "yellow", 35),
}
#: What comes of each action in each state; None = refused.
EXPECTED: dict[str, dict[str, State | None]] = {
    "blank": {
        "raised the same": "unacknowledged", UP: "unacknowledged", "changed the same": None, "changed to red": None,
        "cleared": None, "acknowledged": None, "revised": None, "recorded": "normal",
    },
    "unacknowledged": {
        "raised the same": "unacknowledged", UP: "unacknowledged", "changed the same": "unacknowledged",
        "changed to red": "unacknowledged", "cleared": "returned-unacknowledged", "acknowledged": "acknowledged",
        "revised": "unacknowledged", "recorded": None,
    },
    "acknowledged": {
        "raised the same": "acknowledged", UP: "unacknowledged", "changed the same": "acknowledged",
        "changed to red": "unacknowledged", "cleared": "normal", "acknowledged": None, "revised": "acknowledged",
        "recorded": None,
    },
    "returned-unacknowledged": {
        "raised the same": "unacknowledged", UP: "unacknowledged", "changed the same": None, "changed to red": None,
        "cleared": None, "acknowledged": "normal", "revised": "returned-unacknowledged", "recorded": None,
    },
    "closed": {
        "raised the same": None, UP: None, "changed the same": None, "changed to red": None, "cleared": None,
        "acknowledged": None, "revised": "normal", "recorded": None,
    },
}  # fmt: skip


def test_the_table_below_covers_every_state_with_every_action() -> None:
    assert EXPECTED.keys() == INTO.keys() == ALLOWED.keys()
    assert all(row.keys() == ACTIONS.keys() for row in EXPECTED.values())
    assert {type(action) for action in ACTIONS.values()} == set(Action.__args__)


@pytest.mark.parametrize("name", ACTIONS)
@pytest.mark.parametrize("phase", INTO)
def test_every_state_with_every_action(phase: str, name: str) -> None:
    before = after(*INTO[phase])
    assert phase_of(before) == phase
    expected = EXPECTED[phase][name]
    if expected is None:
        with pytest.raises(NotAllowed, match=f"an alarm that is {phase} takes"):
            step(before, ACTIONS[name], rank)
    else:
        assert step(before, ACTIONS[name], rank).state == expected


def test_clearing_a_finding_that_is_not_open_is_refused_by_name() -> None:
    with pytest.raises(NotAllowed, match=r"expected one of \['f1'\], got f9"):
        step(after(RAISE), Cleared(40, "f9"), rank)


@dataclass
class Want:
    """One step of a time line: what happens and how the alarm stands after it."""

    action: Action
    state: State
    severity: str
    latched: str


TIME_LINES: dict[str, list[Want]] = {
    "yellow, ack, red, ack, back to yellow, clear": [
        Want(Raised(0, "a", "yellow"), "unacknowledged", "yellow", "yellow"),
        Want(Acknowledged(1, "w"), "acknowledged", "yellow", "yellow"),
        Want(Changed(2, "a", "red"), "unacknowledged", "red", "red"),
        Want(Acknowledged(3, "w"), "acknowledged", "red", "red"),
        Want(Changed(4, "a", "yellow"), "acknowledged", "yellow", "red"),
        Want(Changed(5, "a", "red"), "acknowledged", "red", "red"),
        Want(Cleared(6, "a"), "normal", "red", "red"),
    ],
    "an acknowledgement covers the severity it was given at, not a worse one before it": [
        Want(Raised(0, "a", "red"), "unacknowledged", "red", "red"),
        Want(Changed(1, "a", "blue"), "unacknowledged", "blue", "red"),
        Want(Acknowledged(2, "w"), "acknowledged", "blue", "red"),
        Want(Changed(3, "a", "orange"), "unacknowledged", "orange", "red"),
    ],
    "three findings on one alarm: it returns when the last one closes": [
        Want(Raised(0, "a", "yellow"), "unacknowledged", "yellow", "yellow"),
        Want(Raised(1, "b", "red"), "unacknowledged", "red", "red"),
        Want(Cleared(2, "b"), "unacknowledged", "yellow", "red"),
        Want(Raised(3, "c", "blue"), "unacknowledged", "yellow", "red"),
        Want(Cleared(4, "a"), "unacknowledged", "blue", "red"),
        Want(Cleared(5, "c"), "returned-unacknowledged", "blue", "red"),
        Want(Acknowledged(6, "w"), "normal", "blue", "red"),
    ],
    "gone before anybody looked, and back again: still the same unanswered alarm": [
        Want(Raised(0, "a", "orange"), "unacknowledged", "orange", "orange"),
        Want(Cleared(1, "a"), "returned-unacknowledged", "orange", "orange"),
        Want(Raised(2, "b", "yellow"), "unacknowledged", "yellow", "orange"),
        Want(Acknowledged(3, "w"), "acknowledged", "yellow", "orange"),
        Want(Cleared(4, "b"), "normal", "yellow", "orange"),
    ],
    "late data revises, whatever the state": [
        Want(Raised(0, "a", "yellow"), "unacknowledged", "yellow", "yellow"),
        Want(Revised(1, "z"), "unacknowledged", "yellow", "yellow"),
        Want(Acknowledged(2, "w"), "acknowledged", "yellow", "yellow"),
        Want(Revised(3, "z"), "acknowledged", "yellow", "yellow"),
        Want(Cleared(4, "a"), "normal", "yellow", "yellow"),
        Want(Revised(5, "z"), "normal", "yellow", "yellow"),
    ],
}


@pytest.mark.parametrize("title", TIME_LINES)
def test_time_line(title: str) -> None:
    alarm = Alarm()
    for want in TIME_LINES[title]:
        alarm = step(alarm, want.action, rank)
        stands = (alarm.state, alarm.severity, alarm.latched)
        assert stands == (want.state, want.severity, want.latched), f"after {want.action}"


def test_who_when_and_note_are_kept_and_go_when_the_acknowledgement_is_withdrawn() -> None:
    taken = after(RAISE, Acknowledged(20, "wang", "on my way"))
    assert (taken.acknowledged_by, taken.acknowledged_at, taken.note) == ("wang", 20, "on my way")
    worse = step(taken, Changed(30, "f1", "red"), rank)
    assert (worse.acknowledged_by, worse.acknowledged_at, worse.note) == (None, None, "")


def test_opening_is_the_first_row_of_the_first_episode_and_closing_the_moment_it_became_normal() -> None:
    closed = after(*INTO["closed"])
    assert (closed.opened, closed.returned, closed.closed, closed.updated) == (9, 20, 30, 30)
    late = step(closed, Revised(5, "f1"), rank)
    assert (late.opened, late.closed, late.updated, late.revision) == (9, 30, 30, 1)


SEVERITIES = st.sampled_from(list(RANKS))
NAMES = st.sampled_from(["a", "b", "c"])


class AlarmMachine(RuleBasedStateMachine):
    """Anything that may happen to an alarm, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.log: list[Action] = []
        self.alarm = Alarm()
        self.time = 0
        self.seen: list[str] = []

    @initialize(name=NAMES, severity=SEVERITIES)
    def begin(self, name: str, severity: str) -> None:
        self.do(Raised(self.time, name, severity))
        self.seen.append(severity)

    def do(self, action: Action) -> None:
        """Do it; what is refused must leave no trace."""
        self.time += 1
        try:
            self.alarm = step(self.alarm, action, rank)
        except NotAllowed:
            assert not isinstance(action, ALLOWED[phase_of(self.alarm)]) or isinstance(action, Cleared)
        else:
            self.log.append(action)
            if isinstance(action, Raised | Changed):
                self.seen.append(action.severity)

    @rule(name=NAMES, severity=SEVERITIES)
    def raised(self, name: str, severity: str) -> None:
        self.do(Raised(self.time, name, severity))

    @precondition(lambda self: self.alarm.findings)
    @rule(data=st.data(), severity=SEVERITIES)
    def changed(self, data: st.DataObject, severity: str) -> None:
        name = data.draw(st.sampled_from(sorted(self.alarm.findings)))
        before = self.alarm
        self.do(Changed(self.time, name, severity))
        if before.state == "acknowledged" and rank(self.alarm.severity) > rank(before.covered):
            assert self.alarm.state == "unacknowledged"

    @rule(name=NAMES)
    def cleared(self, name: str) -> None:
        self.do(Cleared(self.time, name))

    @rule()
    def acknowledged(self) -> None:
        self.do(Acknowledged(self.time, "wang"))

    @rule(name=NAMES)
    def revised(self, name: str) -> None:
        self.do(Revised(self.time, name))

    @invariant()
    def the_alarm_is_the_fold_of_its_log(self) -> None:
        assert fold(self.log, rank) == self.alarm

    @invariant()
    def what_always_holds(self) -> None:
        alarm = self.alarm
        if not self.log:
            return
        assert (alarm.state == "normal") == (alarm.closed is not None)
        assert bool(alarm.findings) == (alarm.state in ("unacknowledged", "acknowledged"))
        assert (alarm.acknowledged_by is None) == (alarm.state in ("unacknowledged", "returned-unacknowledged"))
        assert alarm.latched == max(self.seen, key=rank)
        assert rank(alarm.severity) <= rank(alarm.latched)
        if alarm.state == "acknowledged":
            assert rank(alarm.severity) <= rank(alarm.covered)


TestAlarmMachine = AlarmMachine.TestCase
TestAlarmMachine.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
