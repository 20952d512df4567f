"""What people do at the desk: shelving and its limits, who may confirm, closing, verdicts, climbing, hiding."""

import pytest

from alerts.lifecycle import (
    Acknowledged,
    Changed,
    Cleared,
    Closed,
    Confirmed,
    Escalated,
    Hidden,
    Judged,
    NotAllowed,
    Raised,
    Reset,
    Shelved,
    Shown,
    rule_of,
    step,
)
from tests.alerts.lifecycle.ways import INTO, RAISE, SOUND, after, rank
from topics.handling import Handling


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
