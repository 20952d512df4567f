"""Whose answer a declaration waits for: silence climbs, each step once."""

import pytest

from records.declaration_awaited import awaited, lapsed, lapses, refuse_late_answer
from records.declaration_events import Cancelled, Climbed, Seen, Signed, TurnedDown
from records.declaration_life import fold, step
from records.refused import Refused
from tests.records.test_declaration_life import BOTH, HOUR, WHY, T, accepted, amended, entered


def test_those_are_awaited_that_have_not_signed_the_newest_version() -> None:
    assert awaited(fold([entered()])) == BOTH
    assert awaited(fold(accepted()[:2])) == ("emergency",)
    assert awaited(fold(accepted())) == ()
    assert awaited(fold([*accepted(), amended(T + 5)])) == BOTH
    assert awaited(fold([entered(), Cancelled(T + 5, "Li", "not shipped")])) == ()


def test_silence_climbs_at_two_hours_to_the_millisecond_each_step_once() -> None:
    waiting = fold([entered()])
    assert lapses(waiting, ("leader", "city"), HOUR, T + 2 * HOUR - 1) == []
    first = lapses(waiting, ("leader", "city"), HOUR, T + 2 * HOUR)
    assert first == [Climbed(T + 2 * HOUR, "leader", 1)]
    late = lapses(waiting, ("leader", "city"), HOUR, T + 40 * HOUR)
    assert [each.to for each in late] == ["leader", "city"] and late[1].time == T + 3 * HOUR
    assert lapses(step(waiting, first[0]), ("leader", "city"), HOUR, T + 2 * HOUR) == []
    assert lapses(fold(accepted()), ("leader",), HOUR, T + 40 * HOUR) == []


def test_a_box_that_has_left_without_an_answer_ends_the_wait() -> None:
    left = fold([entered(), Seen(T + 10, "i", "gate-in"), Seen(T + 20, "o", "gate-out")])
    assert (awaited(left), lapsed(left), lapses(left, ("leader",), HOUR, T + 40 * HOUR)) == ((), True, [])
    for late in (Signed(T + 30, "Wu", "transport"), TurnedDown(T + 30, "Wu", "transport", WHY)):
        with pytest.raises(Refused, match="the box has left"):
            refuse_late_answer(left, late)
    here = fold([entered(), Seen(T + 10, "i", "gate-in")])
    assert awaited(here) == BOTH and not lapsed(here)
    refuse_late_answer(here, Signed(T + 30, "Wu", "transport"))
    assert not lapsed(fold([*accepted(), Seen(T + 20, "o", "gate-out")]))


def test_a_history_in_which_somebody_signed_after_the_box_left_still_folds() -> None:
    signed = [Signed(T + 30, "Wu", "transport"), Signed(T + 31, "Sun", "emergency")]
    kept = fold([entered(), Seen(T + 20, "o", "loaded"), *signed])
    assert kept.newest.answer == "accepted" and not lapsed(kept)
