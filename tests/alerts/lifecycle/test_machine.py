"""Anything that may happen to an alarm, in any order and at any time: what holds all the same."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from alerts.lifecycle import (
    ALLOWED,
    Acknowledged,
    Action,
    Alarm,
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
    NotAllowed,
    OutOfService,
    Raised,
    Reset,
    ReturnedToService,
    Revised,
    Shelved,
    Shown,
    Suppressed,
    SuppressedByDesign,
    Unshelved,
    due,
    fold,
    next_due,
    phase_of,
    step,
)
from alerts.lifecycle.states import QUIET
from alerts.log import actions_of
from topics.codec import encode
from topics.handling import Handling

RANKS = {"blue": 1, "yellow": 2, "orange": 3, "red": 4}
SEVERITIES = st.sampled_from(list(RANKS))
NAMES = st.sampled_from(["a", "b", "c"])
PEOPLE = st.sampled_from(["wang", "li"])
SECONDS = st.sampled_from([0.0, 2.0, 7.0])
LONGEST_S = 30.0
HANDLINGS = st.builds(
    Handling,
    on_delay_s=SECONDS,
    off_delay_s=SECONDS,
    deadband=st.sampled_from([0.0, 5.0]),
    deadband_hold_s=st.just(4.0),
    latching=st.booleans(),
    confirm=st.sampled_from(["none", "anyone", "another"]),
    shelve_max_s=st.just(LONGEST_S),
    realarm_unacknowledged_s=SECONDS,
    realarm_acknowledged_s=SECONDS,
    acknowledge_within_s=st.sampled_from([{}, {"red": 3.0, "orange": 6.0}, {code: 5.0 for code in RANKS}]),
    escalate_to=st.sampled_from([(), ("leader",), ("leader", "bureau")]),
)
VALUES = st.one_of(st.none(), st.floats(0, 100))


def rank(code: str) -> int:
    return RANKS[code]


class AlarmMachine(RuleBasedStateMachine):
    """One alarm and its log; time goes on by up to ten seconds with each action."""

    def __init__(self) -> None:
        super().__init__()
        self.log: list[Action] = []
        self.alarm = Alarm()
        self.now = 1_000
        self.seen: list[str] = []

    @initialize(name=NAMES, severity=SEVERITIES, handling=HANDLINGS, hidden=st.booleans())
    def begin(self, name: str, severity: str, handling: Handling, hidden: bool) -> None:
        if hidden:
            self.do(Hidden(self.now, "rule", "cause"))
        self.do(Raised(self.now, name, severity, value=60.0, limit=50.0, handling=handling))

    def do(self, action: Action) -> None:
        """Let time act, then do it; what is refused must leave no trace."""
        for timed in due(self.alarm, action.time, rank):
            self._take(timed)
        before = self.alarm
        try:
            self._take(action)
        except NotAllowed as error:
            assert self.alarm is before and error.text.zh and error.text.en

    def _take(self, action: Action) -> None:
        taken = isinstance(action, ALLOWED[phase_of(self.alarm)])
        before, self.alarm = self.alarm, step(self.alarm, action, rank)
        assert taken
        self.log.append(action)
        if self.alarm.opened is not None:
            self.seen.append(self.alarm.severity)
        if isinstance(action, Raised | Changed | DesignOver) and action.finding in self.alarm.findings:
            self._rose(before)

    def _rose(self, before: Alarm) -> None:
        """A rise above what was answered for is heard, except where the alarm is quiet by design."""
        if before.state in ("acknowledged", "shelved") and rank(self.alarm.severity) > rank(before.covered):
            assert self.alarm.state == "unacknowledged"

    @rule(seconds=st.integers(0, 10))
    def time_goes_on(self, seconds: int) -> None:
        self.now += 1000 * seconds
        for timed in due(self.alarm, self.now, rank):
            self._take(timed)
        following = next_due(self.alarm)
        assert following is None or following.time > self.now, "everything due has been done"

    @rule(name=NAMES, severity=SEVERITIES, value=VALUES)
    def raised(self, name: str, severity: str, value: float | None) -> None:
        self.do(Raised(self.now, name, severity, value=value, limit=50.0))

    @rule(name=NAMES, severity=SEVERITIES, value=VALUES)
    def changed(self, name: str, severity: str, value: float | None) -> None:
        self.do(Changed(self.now, name, severity, value, 50.0))

    @rule(name=NAMES, severity=SEVERITIES)
    def raised_by_design(self, name: str, severity: str) -> None:
        self.do(Raised(self.now, name, severity, unit="tanks", state="start-up"))

    @rule(name=NAMES, over=st.booleans())
    def the_unit_says(self, name: str, over: bool) -> None:
        self.do(
            DesignOver(self.now, "unit-state-over", name)
            if over
            else SuppressedByDesign(self.now, "unit-state", name, "tanks", "start-up")
        )

    @rule(name=NAMES, value=VALUES)
    def cleared(self, name: str, value: float | None) -> None:
        self.do(Cleared(self.now, name, value))

    @rule(who=PEOPLE, what=st.sampled_from([Acknowledged, Confirmed, Reset, ReturnedToService, Unshelved, Suppressed]))
    def by_a_person(self, who: str, what: type[Acknowledged]) -> None:
        self.do(what(self.now, who))

    @rule(who=PEOPLE, what=st.sampled_from([OutOfService, Commented, HandedOver, Escalated]))
    def otherwise_by_a_person(self, who: str, what: type[Commented]) -> None:
        self.do(what(self.now, who))

    @rule(who=PEOPLE, seconds=st.integers(1, 40), one_shot=st.booleans())
    def shelved(self, who: str, seconds: int, one_shot: bool) -> None:
        self.do(Shelved(self.now, who, "", self.now + 1000 * seconds, "nuisance", one_shot))

    @rule(who=PEOPLE, what=st.sampled_from([Judged, Closed]))
    def judged(self, who: str, what: type[Judged]) -> None:
        self.do(what(self.now, who, verdict="real"))

    @rule(name=NAMES)
    def revised(self, name: str) -> None:
        self.do(Revised(self.now, name))

    @rule(hide=st.booleans())
    def hidden_or_shown(self, hide: bool) -> None:
        self.do(Hidden(self.now, "rule", "cause") if hide else Shown(self.now, "cause-over"))

    @invariant()
    def the_alarm_is_the_fold_of_its_log(self) -> None:
        written = [encode(action).decode() for action in self.log]
        assert fold(actions_of(written), rank) == self.alarm

    @invariant()
    def what_always_holds(self) -> None:
        alarm = self.alarm
        if not any(isinstance(action, Raised) for action in self.log):
            return
        assert (alarm.state == "normal") == (alarm.closed is not None)
        if alarm.state in ("delayed", "unacknowledged", "acknowledged"):
            assert alarm.findings
        if alarm.state in ("normal", "returned-unacknowledged", "latched", "returned-unconfirmed"):
            assert not alarm.findings
        assert alarm.leaving.keys() <= alarm.findings.keys()
        assert not alarm.by_design.keys() & alarm.findings.keys(), "a finding is heard or suppressed, never both"
        assert not (alarm.by_design and alarm.closed is not None), "nothing that lasts is dropped in silence"
        if alarm.all_by_design:
            assert alarm.state == "suppressed" and alarm.by_design and not alarm.findings
        assert alarm.latched == max(self.seen, key=rank)
        assert rank(alarm.severity) <= rank(alarm.latched)
        if alarm.state in ("acknowledged", "shelved") and alarm.findings:
            assert rank(alarm.severity) <= rank(alarm.covered)
        assert alarm.escalation <= len(alarm.handling.escalate_to)

    @invariant()
    def clocks_run_only_where_somebody_is_waited_for(self) -> None:
        alarm = self.alarm
        if alarm.deadline is not None:
            assert alarm.annunciating and alarm.next_step is not None
        if alarm.realarm_at is not None:
            assert alarm.state in ("unacknowledged", "acknowledged") and alarm.hidden_by is None
        assert (alarm.shelved_until is not None) == (alarm.state == "shelved")
        assert (alarm.delayed_until is not None) == (alarm.state == "delayed")
        if alarm.shelved_until is not None:
            assert alarm.shelved_until - self.now <= 1000 * LONGEST_S, "nothing is shelved for ever"
        if alarm.state in QUIET:
            assert alarm.quiet and not alarm.annunciating


TestAlarmMachine = AlarmMachine.TestCase
TestAlarmMachine.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
