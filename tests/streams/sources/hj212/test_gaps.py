"""Where data are missing: hours, minutes under realtime data, and what is no gap."""

from hypothesis import given
from hypothesis import strategies as st

from streams.sources.hj212.gaps import DAY_MS, Gap, GapFinder

HOUR = 3_600_000
T0 = 1_470_009_600_000
NOW = T0 + 10 * DAY_MS


def finder(days: int = 30) -> GapFinder:
    return GapFinder(days)


def test_hours_that_follow_each_other_leave_no_gap() -> None:
    gaps = finder()
    assert [gaps.saw("A", "2061", T0 + hour * HOUR, NOW) for hour in range(5)] == [[]] * 5


def test_missing_hours_are_found_when_the_next_one_comes() -> None:
    gaps = finder()
    gaps.saw("A", "2061", T0, NOW)
    assert gaps.saw("A", "2061", T0 + 4 * HOUR, NOW) == [Gap("A", "2061", T0 + HOUR, T0 + 4 * HOUR)]
    assert gaps.saw("A", "2061", T0 + 5 * HOUR, NOW) == []  # found once
    assert gaps.saw("A", "2061", T0 + 2 * HOUR, NOW) == []  # what comes of it closes nothing anew


def test_devices_and_commands_are_followed_each_by_itself() -> None:
    gaps = finder()
    gaps.saw("A", "2061", T0, NOW)
    assert gaps.saw("B", "2061", T0 + 4 * HOUR, NOW) == gaps.saw("A", "2031", T0 + DAY_MS, NOW) == []


def test_a_pause_in_realtime_data_is_asked_for_as_minutes() -> None:
    gaps = finder()
    gaps.saw("A", "2011", T0 + 30_000, NOW)
    assert gaps.saw("A", "2011", T0 + 90_000, NOW) == []
    assert gaps.saw("A", "2011", T0 + 2 * HOUR + 30_000, NOW) == [Gap("A", "2051", T0 + 600_000, T0 + 2 * HOUR)]


def test_a_device_that_sends_minutes_shows_its_gaps_by_them() -> None:
    gaps = finder()
    gaps.saw("A", "2051", T0, NOW)
    gaps.saw("A", "2011", T0, NOW)
    assert gaps.saw("A", "2011", T0 + 2 * HOUR, NOW) == []
    assert gaps.saw("A", "2051", T0 + 2 * HOUR, NOW) == [Gap("A", "2051", T0 + 600_000, T0 + 2 * HOUR)]


def test_long_gaps_are_asked_in_pieces_and_old_ones_not_at_all() -> None:
    gaps = finder(days=9)
    gaps.saw("A", "2061", T0, NOW)
    found = gaps.saw("A", "2061", T0 + 10 * DAY_MS, NOW)
    assert [(gap.end - gap.start) // DAY_MS for gap in found] == [7, 2]
    assert found[0].start == NOW - 9 * DAY_MS


def test_data_from_a_clock_far_ahead_move_nothing() -> None:
    gaps = finder()
    gaps.saw("A", "2061", T0, NOW)
    assert gaps.saw("A", "2061", NOW + 400 * DAY_MS, NOW) == []
    assert gaps.saw("A", "2061", T0 + 2 * HOUR, NOW) == [Gap("A", "2061", T0 + HOUR, T0 + 2 * HOUR)]


def test_a_gap_over_a_restart_is_found() -> None:
    before, after = finder(), finder()
    before.saw("A B", "2061", T0, NOW)
    after.restore(before.state())
    assert after.saw("A B", "2061", T0 + 2 * HOUR, NOW) == [Gap("A B", "2061", T0 + HOUR, T0 + 2 * HOUR)]


@given(st.lists(st.integers(0, 100), min_size=1, max_size=60))
def test_what_came_and_what_is_asked_for_are_all_hours_and_overlap_nowhere(hours: list[int]) -> None:
    """Whatever order hours come in: from the first to the last each has come in time, or is asked for just once."""
    gaps, asked, came = finder(), [], set()
    for hour in hours:
        asked += gaps.saw("A", "2061", T0 + hour * HOUR, NOW)
        came.add(hour)
    wanted = [start for gap in asked for start in range((gap.start - T0) // HOUR, (gap.end - T0) // HOUR)]
    assert len(wanted) == len(set(wanted))
    assert set(range(hours[0], max(hours) + 1)) <= came | set(wanted)
