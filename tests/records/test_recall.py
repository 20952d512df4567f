"""The story of a recall: told once, signed, extended by what comes late, freed by a correction, counted, closed."""

import datetime as dt

import pytest

from records.recall import Terms, drawn_anew, dues, effectiveness, fold, step, went_on
from records.recall_events import (
    Closed,
    Delivered,
    Event,
    Notified,
    Opened,
    Refuted,
    Reported,
    Signed,
    Source,
    Started,
    Withdrawn,
)
from records.refused import Refused
from topics.finding import Text

H = 3_600_000
FRIDAY = int(dt.datetime(2026, 11, 27, 1, tzinfo=dt.UTC).timestamp() * 1000)
OPENED = Opened(FRIDAY, "lab", "1", "sample", Text("不合格", "failed"), (Source("milk"),))
TERMS = Terms(24 * 3600, 10, "the test", True)


def test_each_holder_is_told_once_and_only_the_new_ones_when_an_event_comes_late() -> None:
    recall = fold([OPENED])
    first = drawn_anew(recall, {"a": ["x"], "b": ["x", "y"]}, 1)
    assert first == [Notified(1, "a", ("x",)), Notified(1, "b", ("x", "y"))]
    recall = step(fold([OPENED, *first]), Signed(2, "a", "Li"))
    assert drawn_anew(recall, {"a": ["x"], "b": ["x", "y"]}, 3) == []
    assert drawn_anew(recall, {"a": ["x"], "b": ["x"], "c": ["z"]}, 4) == [
        Withdrawn(4, "b", ("y",)),
        Notified(4, "c", ("z",)),
    ]


def test_a_second_notice_wants_a_second_signature() -> None:
    recall = fold([OPENED, Notified(1, "a", ("x",)), Signed(2, "a", "Li"), Notified(3, "a", ("y",))])
    assert recall.holders["a"].signed is None
    with pytest.raises(Refused, match="not been told"):
        step(recall, Signed(4, "b", "Wu"))
    with pytest.raises(Refused, match="signed for"):
        step(step(recall, Signed(4, "a", "Li")), Signed(5, "a", "Li"))


def test_going_on_is_step_by_step_and_leaves_what_was_given_out() -> None:
    before = fold([OPENED, Notified(1, "a", ("x",)), Notified(1, "b", ("x",))])
    more: list[Event] = [Delivered(2, "a", 2, "webhook"), Signed(3, "b", "Wu"), Withdrawn(4, "a", ("x",))]
    one_by_one = before
    for event in more:
        one_by_one = step(one_by_one, event)
    assert went_on(before, more) == one_by_one
    with pytest.raises(Refused, match="signed for"):
        went_on(before, [*more, Signed(5, "b", "Wu")])
    assert before == fold([OPENED, Notified(1, "a", ("x",)), Notified(1, "b", ("x",))])


def test_a_cause_declared_wrong_is_said_once_closes_nothing_and_is_said_of_what_is_over_too() -> None:
    recall = fold([OPENED, Notified(1, "a", ("x",))])
    refuted = step(recall, Refuted(5, "lab"))
    assert (refuted.refuted, refuted.closed, refuted.holders) == (5, None, recall.holders)
    with pytest.raises(Refused, match="wrong already"):
        step(refuted, Refuted(6, "lab"))
    over = step(recall, Closed(4, "Li", "over"))
    assert step(over, Refuted(5, "lab")) == step(refuted, Closed(4, "Li", "over"))


def test_the_figures_of_what_came_back() -> None:
    events: list[Event] = [
        OPENED,
        Notified(1, "a", ("x",)),
        Notified(1, "b", ("x",)),
        Signed(2, "a", "Li"),
        Reported(3, "a", "Li", 40, 30, 10),
    ]
    assert effectiveness(fold(events)) == {
        "notified": 2, "delivered": 1, "signed": 1, "signed_share": 50.0,
        "held": 40, "found": 30, "destroyed": 10, "found_share": 75.0,
    }  # fmt: skip
    with pytest.raises(Refused, match="destroyed <= found"):
        fold([*events, Reported(4, "a", "Li", 40, 50, 10)])
    with pytest.raises(Refused, match="closed"):
        fold([*events, Closed(5, "Wu", "done"), Started(6, "Li")])


def test_the_clocks_of_a_level() -> None:
    start, finish = dues(fold([OPENED]), TERMS)
    assert start == FRIDAY + 24 * H
    assert finish == FRIDAY + (1 + 13) * 24 * H  # from Saturday: ten working days end on Friday two weeks on
    assert dues(fold([OPENED, Started(FRIDAY + H, "Li")]), TERMS)[1] == FRIDAY + H + 14 * 24 * H


def test_a_new_notice_has_reached_nobody_until_it_has() -> None:
    told: list[Event] = [OPENED, Notified(1, "a", ("x",)), Delivered(2, "a", 2, "webhook"), Notified(3, "a", ("y",))]
    assert fold(told[:3]).holders["a"].delivered == 2 and effectiveness(fold(told[:3]))["delivered"] == 1
    assert fold(told).holders["a"].delivered is None and effectiveness(fold(told))["delivered"] == 0
    assert effectiveness(fold([*told, Signed(4, "a", "Li")]))["delivered"] == 1
