"""The life cycle: every state with every action, time lines, and what holds whatever happens."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import pytest

from alerts.lifecycle import (
    ALLOWED,
    STATES,
    Acknowledged,
    Action,
    Alarm,
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
    NotAllowed,
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
    State,
    Suppressed,
    SuppressedByDesign,
    Unshelved,
    fold,
    phase_of,
    rule_of,
    step,
)
from alerts.lifecycle.states import Silent
from alerts.lifecycle.words import ACTION_TITLES, PHASE_TITLES
from topics.handling import Handling

RANKS = {"blue": 1, "yellow": 2, "orange": 3, "red": 4}
UP = "raised to red"


def rank(code: str) -> int:
    return RANKS[code]


def after(*actions: Action) -> Alarm:
    return fold(actions, rank)


PLAIN = Handling(escalate_to=("leader",))
STAGED = Handling(on_delay_s=1, latching=True, confirm="anyone", escalate_to=("leader",))
RAISE = Raised(10, "f1", "yellow", 9, handling=PLAIN)
RAISE_STAGED = Raised(10, "f1", "yellow", 9, handling=STAGED)
SOUND = (RAISE_STAGED, Annunciated(15, "on-delay"))
RETURN = (Acknowledged(20, "wang"), Cleared(25, "f1"))
#: One way into each state.
INTO: dict[str, tuple[Action, ...]] = {
    "blank": (),
    "delayed": (RAISE_STAGED,),
    "unacknowledged": (RAISE,),
    "acknowledged": (RAISE, Acknowledged(20, "wang")),
    "returned-unacknowledged": (RAISE, Cleared(20, "f1")),
    "latched": (*SOUND, *RETURN),
    "returned-unconfirmed": (*SOUND, *RETURN, Reset(30, "wang")),
    "shelved": (RAISE, Shelved(20, "wang", until=9_000, reason="nuisance")),
    "suppressed": (RAISE, Suppressed(20, "wang", reason="start-up")),
    "out-of-service": (RAISE, OutOfService(20, "wang", reason="maintenance")),
    "closed": (RAISE, Cleared(20, "f1"), Acknowledged(30, "wang")),
}
ACTIONS: dict[str, Action] = {
    "raised the same": Raised(40, "f2", "yellow"),
    "raised to red": Raised(40, "f2", "red"),
    "changed the same": Changed(40, "f1", "yellow"),
    "changed to red": Changed(40, "f1", "red"),
    "cleared": Cleared(40, "f1"),
    "returned": Returned(40, "off-delay", "f1"),
    "revised": Revised(40, "f1"),
    "recorded": Recorded(40, "f1", "yellow", 35),
    "annunciated": Annunciated(40, "on-delay"),
    "re-alarmed": ReAlarmed(40, "re-alarm-still-active"),
    "hidden": Hidden(40, "inhibition", "cause"),
    "shown": Shown(40, "cause-over"),
    "raised by design": Raised(40, "f2", "red", unit="tanks", state="start-up"),
    "suppr. by design": SuppressedByDesign(40, "unit-state", "f1", "tanks", "start-up"),
    "design over": DesignOver(40, "unit-state-over", "f1"),
    "acknowledged": Acknowledged(40, "li"),
    "reset": Reset(40, "li"),
    "confirmed": Confirmed(40, "li"),
    "shelved": Shelved(40, "li", until=9_000),
    "shelved once": Shelved(40, "li", until=9_000, one_shot=True),
    "unshelved": Unshelved(40, "li"),
    "suppressed": Suppressed(40, "li"),
    "out of service": OutOfService(40, "li"),
    "back to service": ReturnedToService(40, "li"),
    "escalated": Escalated(40, "li", to="leader"),
    "handed over": HandedOver(40, "li", to="zhao"),
    "commented": Commented(40, "li", "seen"),
    "judged": Judged(40, "li", verdict="real"),
    "closed": Closed(40, "li", verdict="real"),
}

SHORT = {
    "dl": "delayed", "un": "unacknowledged", "ac": "acknowledged", "ru": "returned-unacknowledged", "la": "latched",
    "rc": "returned-unconfirmed", "sh": "shelved", "su": "suppressed", "oo": "out-of-service", "no": "normal",
}  # fmt: skip
#: What comes of each action in each state, by the short names above; ``--`` is refused.
TABLE = """
                  blank delayed unack. ackn. ret-un. latched unconf. shelved suppr. out-of closed
raised the same    un    dl      un     ac    un      un      un      sh      su     oo     --
raised to red      un    dl      un     un    un      un      un      un      su     oo     --
changed the same   --    dl      un     ac    --      --      --      sh      su     oo     --
changed to red     --    dl      un     un    --      --      --      un      su     oo     --
cleared            --    no      ru     no    --      --      --      sh      su     oo     --
returned           --    no      ru     no    --      --      --      sh      su     oo     --
revised            --    dl      un     ac    ru      la      rc      sh      su     oo     no
recorded           no    --      --     --    --      --      --      --      --     --     --
annunciated        --    un      --     --    --      --      --      --      --     --     --
re-alarmed         --    --      un     un    --      --      --      --      --     --     --
hidden             no    dl      un     ac    ru      la      rc      sh      su     oo     --
shown              --    dl      un     ac    ru      la      rc      sh      su     oo     --
raised by design   su    dl      un     ac    ru      la      rc      sh      su     oo     --
suppr. by design   --    su      su     su    no      --      --      sh      su     oo     --
design over        --    --      --     --    --      --      --      --      --     --     --
acknowledged       --    --      ac     --    no      --      --      --      --     --     --
reset              --    --      --     --    --      rc      --      --      --     --     --
confirmed          --    --      --     --    --      --      no      --      --     --     --
shelved            --    sh      sh     sh    sh      --      --      --      --     --     --
shelved once       --    sh      sh     sh    --      --      --      --      --     --     --
unshelved          --    --      --     --    --      --      --      un      --     --     --
suppressed         --    su      su     su    su      --      --      su      --     --     --
out of service     --    oo      oo     oo    oo      --      --      oo      oo     --     --
back to service    --    --      --     --    --      --      --      --      un     un     --
escalated          --    --      un     ac    ru      la      rc      sh      su     oo     --
handed over        --    --      un     ac    ru      la      rc      sh      su     oo     --
commented          --    dl      un     ac    ru      la      rc      sh      su     oo     no
judged             --    dl      un     ac    ru      la      rc      sh      su     oo     no
closed             --    --      --     no    no      --      --      no      no     no     --
"""
ROWS = {line[:18].strip(): line[18:].split() for line in TABLE.strip("\n").splitlines()[1:]}
EXPECTED = {phase: {name: SHORT.get(row[place]) for name, row in ROWS.items()} for place, phase in enumerate(INTO)}


def test_the_table_covers_every_state_with_every_action() -> None:
    assert INTO.keys() == ALLOWED.keys() == PHASE_TITLES.keys()
    assert set(STATES) == set(SHORT.values()) == (INTO.keys() - {"blank", "closed"}) | {"normal"}
    assert ROWS.keys() == ACTIONS.keys()
    assert all(len(row) == len(INTO) and set(row) <= {*SHORT, "--"} for row in ROWS.values())
    assert {type(action) for action in ACTIONS.values()} == set(get_args(Action))
    assert {action.__struct_config__.tag for action in get_args(Action)} == ACTION_TITLES.keys()


def test_the_table_of_the_page_is_the_one_that_is_tested() -> None:
    page = Path(__file__).parents[2] / "docs" / "life-cycle.md"
    assert TABLE in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ACTIONS)
@pytest.mark.parametrize("phase", INTO)
def test_every_state_with_every_action(phase: str, name: str) -> None:
    before = after(*INTO[phase])
    assert phase_of(before) == phase
    expected = EXPECTED[phase][name]
    if expected is None:
        with pytest.raises(NotAllowed) as refused:
            step(before, ACTIONS[name], rank)
        assert refused.value.text.zh and refused.value.text.en
    else:
        assert step(before, ACTIONS[name], rank).state == expected


def test_a_refusal_says_what_the_state_takes() -> None:
    with pytest.raises(NotAllowed, match=r"an alarm that is latched takes raised, .*reset.*; got acknowledged"):
        step(after(*INTO["latched"]), Acknowledged(40, "li"), rank)


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


def test_the_log_of_the_first_schema_folds_to_what_it_was() -> None:
    old = after(Raised(10, "f1", "yellow", 9), Changed(20, "f1", "red"), Acknowledged(30, "wang"), Cleared(40, "f1"))
    assert (old.state, old.severity, old.latched, old.closed) == ("normal", "red", "red", 40)
    assert old.handling == Handling() and old.deadline is None and old.realarm_at is None


def test_a_severity_above_what_was_shelved_ends_the_shelving_by_a_named_rule() -> None:
    shelved = after(RAISE, Shelved(20, "wang", "hoisting", 9_000, "maintenance"))
    same = step(shelved, Changed(30, "f1", "yellow"), rank)
    worse = step(same, Changed(40, "f1", "red"), rank)
    assert (worse.state, worse.shelved_by, worse.shelved_until) == ("unacknowledged", None, None)
    assert rule_of(same, Changed(40, "f1", "red"), worse) == "severity-rise"
    assert rule_of(shelved, Changed(30, "f1", "yellow"), same) == ""


def test_one_shot_shelving_ends_with_the_return_and_timed_shelving_does_not() -> None:
    once = after(RAISE, Shelved(20, "wang", until=9_000, one_shot=True))
    gone = step(once, Cleared(30, "f1"), rank)
    assert (gone.state, rule_of(once, Cleared(30, "f1"), gone)) == ("normal", "one-shot-over")
    timed = after(RAISE, Shelved(20, "wang", until=9_000), Cleared(30, "f1"), Raised(40, "f2", "yellow"))
    assert timed.state == "shelved", "what comes and goes is what shelving is for"


@pytest.mark.parametrize("until", [20, 19, 20 + 8 * 3_600_000 + 1])
def test_shelving_is_longer_than_nothing_and_no_longer_than_allowed(until: int) -> None:
    with pytest.raises(NotAllowed, match="at most 28800 s"):
        step(after(RAISE), Shelved(20, "wang", until=until), rank)


def test_who_acknowledged_does_not_confirm_where_another_must() -> None:
    handling = Handling(confirm="another")
    returned = after(Raised(10, "f1", "red", handling=handling), Acknowledged(20, "wang"), Cleared(30, "f1"))
    assert returned.state == "returned-unconfirmed"
    with pytest.raises(NotAllowed, match="another person than who acknowledged, got wang"):
        step(returned, Confirmed(40, "wang"), rank)
    closed = step(returned, Confirmed(40, "li"), rank)
    assert (closed.state, closed.closed, closed.confirmed_by, closed.confirmed_at) == ("normal", 40, "li", 40)


def test_closing_skips_neither_reset_nor_confirmation() -> None:
    closed = step(after(*SOUND, Acknowledged(20, "wang")), Closed(40, "li", verdict="real"), rank)
    assert (closed.state, closed.findings, closed.verdict, closed.verdict_by) == ("latched", {}, "real", "li")
    closed = step(step(closed, Reset(50, "li"), rank), Confirmed(60, "zhao"), rank)
    assert (closed.state, closed.closed, closed.verdict) == ("normal", 60, "real")


def test_the_last_verdict_holds_and_may_come_after_the_close() -> None:
    judged = after(*INTO["closed"], Judged(50, "li", verdict="real"), Judged(60, "zhao", verdict="drill"))
    assert (judged.verdict, judged.verdict_by, judged.verdict_at, judged.closed) == ("drill", "zhao", 60, 30)


def test_climbing_ends_at_the_last_step() -> None:
    climbed = step(after(RAISE), Escalated(40, "li", to="leader"), rank)
    assert (climbed.escalation, climbed.next_step) == (1, None)
    with pytest.raises(NotAllowed, match="none configured"):
        step(climbed, Escalated(50, "li"), rank)


def test_hidden_from_the_start_never_sounded_until_shown() -> None:
    handling = Handling(acknowledge_within_s={"red": 60}, escalate_to=("leader",))
    hidden = after(Hidden(10, "site-down", "cause"), Raised(10, "f1", "red", handling=handling))
    assert (hidden.state, hidden.annunciating, hidden.annunciated, hidden.deadline) == (
        "unacknowledged", False, None, None,
    )  # fmt: skip
    shown = step(hidden, Shown(500, "cause-over"), rank)
    assert (shown.annunciating, shown.annunciated, shown.deadline) == (True, 500, 60_500)


SILENT: dict[str, Any] = {"unit": "tanks", "state": "out-of-service"}


def silenced(time: int, finding: str) -> SuppressedByDesign:
    return SuppressedByDesign(time, "unit-state", finding, **SILENT)


DESIGN_LINES: dict[str, list[Want]] = {
    "suppressed from the start, heard when the unit runs and the level is still low": [
        Want(Raised(0, "low", "orange", **SILENT), "suppressed", "orange", "orange"),
        Want(Changed(1, "low", "yellow"), "suppressed", "yellow", "orange"),
        Want(DesignOver(2, "unit-state-over", "low"), "unacknowledged", "yellow", "orange"),
        Want(Acknowledged(3, "w"), "acknowledged", "yellow", "orange"),
        Want(Cleared(4, "low"), "normal", "yellow", "orange"),
    ],
    "suppressed and over before the state was": [
        Want(Raised(0, "low", "orange", **SILENT), "suppressed", "orange", "orange"),
        Want(Raised(1, "low2", "yellow", **SILENT), "suppressed", "orange", "orange"),
        Want(Cleared(2, "low"), "suppressed", "yellow", "orange"),
        Want(Cleared(3, "low2"), "normal", "yellow", "orange"),
    ],
    "heard, then the unit goes out of service, comes back, and it is heard again": [
        Want(Raised(0, "low", "orange"), "unacknowledged", "orange", "orange"),
        Want(silenced(1, "low"), "suppressed", "orange", "orange"),
        Want(DesignOver(2, "unit-state-over", "low"), "unacknowledged", "orange", "orange"),
    ],
    "a high level of the same alarm is heard beside a low one that is suppressed": [
        Want(Raised(0, "low", "red", **SILENT), "suppressed", "red", "red"),
        Want(Raised(1, "high", "orange"), "unacknowledged", "orange", "red"),
        Want(Acknowledged(2, "w"), "acknowledged", "orange", "red"),
        Want(Cleared(3, "high"), "suppressed", "orange", "red"),
        Want(Cleared(4, "low"), "normal", "orange", "red"),
    ],
    "what is suppressed worsens no alarm, and does not end one that somebody must still answer": [
        Want(Raised(0, "high", "yellow"), "unacknowledged", "yellow", "yellow"),
        Want(Raised(1, "low", "red", **SILENT), "unacknowledged", "yellow", "yellow"),
        Want(Cleared(2, "high"), "returned-unacknowledged", "yellow", "yellow"),
        Want(Acknowledged(3, "w"), "suppressed", "yellow", "yellow"),
        Want(DesignOver(4, "unit-state-over", "low"), "unacknowledged", "red", "red"),
    ],
    "a person brings it back, and no state suppresses it again": [
        Want(Raised(0, "low", "orange", **SILENT), "suppressed", "orange", "orange"),
        Want(ReturnedToService(1, "w"), "unacknowledged", "orange", "orange"),
        Want(Acknowledged(2, "w"), "acknowledged", "orange", "orange"),
    ],
    "shelved or out of service by a person stays so": [
        Want(Raised(0, "low", "orange"), "unacknowledged", "orange", "orange"),
        Want(OutOfService(1, "w", reason="maintenance"), "out-of-service", "orange", "orange"),
        Want(silenced(2, "low"), "out-of-service", "orange", "orange"),
        Want(ReturnedToService(3, "w"), "suppressed", "orange", "orange"),
        Want(DesignOver(4, "unit-state-over", "low"), "unacknowledged", "orange", "orange"),
    ],
}


@pytest.mark.parametrize("title", DESIGN_LINES)
def test_time_line_of_suppression_by_design(title: str) -> None:
    alarm = Alarm()
    for want in DESIGN_LINES[title]:
        alarm = step(alarm, want.action, rank)
        stands = (alarm.state, alarm.severity, alarm.latched)
        assert stands == (want.state, want.severity, want.latched), f"after {want.action}"
        assert alarm.all_by_design == (alarm.state == "suppressed")


def test_what_is_suppressed_by_design_says_why_never_sounded_and_has_no_clock() -> None:
    handling = Handling(acknowledge_within_s={"red": 60}, escalate_to=("leader",), realarm_unacknowledged_s=30)
    raised = Raised(10, "low", "red", handling=handling, **SILENT)
    alarm = after(raised)
    assert alarm.by_design == {"low": Silent("red", "tanks", "out-of-service")} and alarm.findings == {}
    assert (alarm.annunciated, alarm.deadline, alarm.realarm_at, alarm.quiet) == (None, None, None, True)
    assert rule_of(Alarm(), raised, alarm) == "unit-state"
    heard = step(alarm, DesignOver(500, "unit-state-over", "low"), rank)
    assert (heard.annunciated, heard.deadline, heard.opened) == (500, 60_500, 10)


def test_what_the_desk_closed_is_suppressed_no_longer() -> None:
    silent = Raised(10, "low", "red", handling=Handling(latching=True), **SILENT)
    closed = after(silent, Closed(40, "li", verdict="real"))
    assert (closed.by_design, closed.all_by_design, closed.state) == ({}, False, "latched")


def test_an_on_delay_begins_when_the_state_is_over() -> None:
    handling = Handling(on_delay_s=5)
    alarm = after(Raised(10, "low", "red", handling=handling, **SILENT), DesignOver(1_000, "unit-state-over", "low"))
    assert (alarm.state, alarm.delayed_until) == ("delayed", 6_000)


def test_what_was_heard_before_it_was_suppressed_is_latched_at_its_end() -> None:
    latching = Raised(10, "low", "red", handling=Handling(latching=True))
    assert after(latching, silenced(20, "low"), Cleared(30, "low")).state == "latched"
    silent = Raised(10, "low", "red", handling=Handling(latching=True), **SILENT)
    assert after(silent, Cleared(30, "low")).state == "normal", "nobody has anything to reset"


def test_insisting_lasts_as_long_as_the_condition() -> None:
    insisted = after(Raised(0, "low", "orange", **SILENT), ReturnedToService(1, "w"))
    assert insisted.insisted == ("low",)
    assert step(insisted, Cleared(2, "low"), rank).insisted == ()
