"""The supervision ticket: its path, whose clock runs, and what lapses when."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.refused import Refused
from records.tickets import (
    Escalated,
    Event,
    Issued,
    Replied,
    Supplement,
    Terms,
    Ticket,
    Verified,
    Withdrawn,
    figures,
    fold,
    lapses,
    step,
)
from topics.finding import Text

T0, MINUTE, HOUR = 1_777_564_800_000, 60_000, 3_600_000
TERMS = Terms(48 * 3600, 24 * 3600, 6 * 3600, ("district", "city"), "the test", True, 12 * 3600, ("head",))


def issued(at: int = 0) -> Issued:
    return Issued(T0 + at * HOUR, "officer", "works", "day", "works/W1/w01018|day|0", Text("超标", "exceeds"))


def replied(at: float) -> Replied:
    return Replied(T0 + int(at * HOUR), "firm", "pump failed")


def supplement(at: float) -> Supplement:
    return Supplement(T0 + int(at * HOUR), "officer", "send the log")


def verified(at: float) -> Verified:
    return Verified(T0 + int(at * HOUR), "officer", "violation", "clear")


def test_the_whole_path_with_evidence_supplemented_twice() -> None:
    events: list[Event] = [
        issued(), replied(10), supplement(14), replied(20), supplement(21), replied(25), verified(30),
    ]  # fmt: skip
    states = [(t.state, t.waiting) for n in range(1, 8) for t in [fold(events[:n], TERMS)]]
    assert states == [
        ("answer-awaited", "firm"), ("review-awaited", "office"), ("answer-awaited", "firm"),
        ("review-awaited", "office"), ("answer-awaited", "firm"), ("review-awaited", "office"), ("verified", None),
    ]  # fmt: skip
    done = fold(events, TERMS)
    assert (done.supplements, done.outcome, done.closed) == (2, "violation", T0 + 30 * HOUR)
    # Only the clock of the side that is waited for ran: the firm 10 + 6 + 4 h, the office 4 + 1 + 5 h.
    assert done.used("firm", T0 + 99 * HOUR) == 20 * HOUR and done.used("office", T0 + 99 * HOUR) == 10 * HOUR


def test_without_a_review_the_answer_closes_the_ticket() -> None:
    plain = Terms(48 * 3600, 24 * 3600, 6 * 3600, ("district",), "the test", True)
    done = fold([issued(), replied(3)], plain)
    assert (done.state, done.waiting, done.closed, done.used("firm", T0 + 9 * HOUR)) == (
        "answered", None, T0 + 3 * HOUR, 3 * HOUR,
    )  # fmt: skip


def test_a_third_supplement_is_refused() -> None:
    ticket = fold([issued(), replied(1), supplement(2), replied(3), supplement(4), replied(5)], TERMS)
    with pytest.raises(Refused, match="2 times at most"):
        step(ticket, supplement(6), TERMS)


def test_nobody_acts_out_of_turn_or_after_the_end() -> None:
    waiting, answered = fold([issued()], TERMS), fold([issued(), replied(1)], TERMS)
    wrong: list[tuple[Ticket, Event]] = [(waiting, verified(2)), (waiting, supplement(2)), (answered, replied(2))]
    for ticket, act in wrong:
        with pytest.raises(Refused):
            step(ticket, act, TERMS)
    closed = fold([issued(), Withdrawn(T0 + HOUR, "officer", "revised")], TERMS)
    late: list[Event] = [replied(2), verified(2), Withdrawn(T0 + 2 * HOUR, "x", "again")]
    for event in late:
        with pytest.raises(Refused, match="closed"):
            step(closed, event, TERMS)


def test_overdue_is_exact_at_each_minute() -> None:
    tickets = [fold([issued(n)], TERMS) for n in range(5)]
    for minute in range(47 * 60, 54 * 60):
        now = T0 + minute * MINUTE
        late = [n for n, ticket in enumerate(tickets) if ticket.overdue(now)]
        assert late == [n for n in range(5) if minute > (48 + n) * 60]


def climbed(ticket: Ticket, now: int) -> Ticket:
    for lapse in lapses(ticket, TERMS, now):
        ticket = step(ticket, lapse, TERMS)
    return ticket


def test_each_step_is_told_once_whenever_it_is_looked_at() -> None:
    often = fold([issued()], TERMS)
    told = []
    for minute in range(70 * 60):
        found = lapses(often, TERMS, T0 + minute * MINUTE)
        told += found
        for each in found:
            often = step(often, each, TERMS)
    assert [(each.to, each.time - T0) for each in told] == [("district", 48 * HOUR + 1), ("city", 54 * HOUR + 1)]
    assert lapses(fold([issued()], TERMS), TERMS, T0 + 99 * HOUR) == told
    assert all(isinstance(each, Escalated) and each.side == "firm" for each in told)


def test_the_offices_own_lapse_goes_to_its_head_and_a_new_turn_begins_anew() -> None:
    ticket = climbed(fold([issued(), replied(50)], TERMS), T0 + 63 * HOUR)
    assert (ticket.step, ticket.waiting) == (1, "office")
    ticket = step(ticket, supplement(64), TERMS)
    assert (ticket.step, ticket.due) == (0, T0 + 88 * HOUR)
    assert lapses(ticket, TERMS, T0 + 88 * HOUR) == []


def test_810_of_927_are_87_point_4_per_cent() -> None:
    tickets = [fold([issued(), replied(1), verified(2)] if n < 810 else [issued()], TERMS) for n in range(927)]
    found = figures(tickets, T0 + 49 * HOUR)
    assert (found["issued"], found["verified"], found["verified_share"], found["overdue"]) == (927, 810, 87.4, 117)
    assert (found["open"], found["withdrawn"]) == (117, 0)
    withdrawn = fold([issued(), Withdrawn(T0 + HOUR, "officer", "revised")], TERMS)
    found = figures([withdrawn, tickets[-1]], T0 + HOUR)
    assert (found["open"], found["withdrawn"], found["overdue"], found["verified_share"]) == (1, 1, 0, 0.0)
    assert figures([], T0)["verified_share"] is None


@given(st.lists(st.sampled_from(("reply", "supplement", "verify", "withdraw", "wait")), max_size=30))
def test_no_walk_loses_time_or_leaves_the_end(walk: list[str]) -> None:
    now, ticket = T0, fold([issued()], TERMS)
    for act in walk:
        now += 7 * HOUR
        acts: dict[str, Event] = {
            "reply": Replied(now, "firm", "x"), "supplement": Supplement(now, "o", "x"),
            "verify": Verified(now, "o", "false", "x"), "withdraw": Withdrawn(now, "o", "x"),
        }  # fmt: skip
        ticket = climbed(ticket, now)
        if act in acts:
            try:
                ticket = step(ticket, acts[act], TERMS)
            except Refused:
                continue
        end = ticket.closed or now
        assert ticket.used("firm", now) + ticket.used("office", now) == end - T0
        assert (ticket.waiting is None) == (ticket.closed is not None) == (ticket.due is None)
