"""Whose answer a declaration waits for: silence climbs, each step once."""

from records.declaration_awaited import awaited, lapses
from records.declaration_events import Cancelled, Climbed
from records.declaration_life import fold, step
from tests.records.test_declaration_life import BOTH, HOUR, T, accepted, amended, entered


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
