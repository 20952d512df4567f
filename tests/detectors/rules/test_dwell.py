"""Dwell limits by class: at the right minute, with and without holds."""

from hypothesis import given
from hypothesis import strategies as st

from detectors.rules.dwell import due_ms

LIMITS = {"5": 100, "5.1": 50, "3": 80}


def test_the_shortest_limit_of_its_classes_counts() -> None:
    assert due_ms(1000, ["3", "5.1"], LIMITS) == 1050
    assert due_ms(1000, ["5.2"], LIMITS) == 1100
    assert due_ms(1000, ["9"], LIMITS) is None


def test_a_hold_stops_the_clock_and_an_open_one_leaves_it_stopped() -> None:
    assert due_ms(1000, ["3"], LIMITS, [(1010, 1030), (1020, 1040)]) == 1110
    assert due_ms(1000, ["3"], LIMITS, [(1010, None)]) is None
    assert due_ms(1000, ["3"], LIMITS, [(1080, None)]) == 1080
    assert due_ms(1000, ["3"], LIMITS, [(900, 1010)]) == 1090


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), max_size=6))
def test_it_is_the_minute_at_which_the_unheld_minutes_reach_the_limit(holds: list[tuple[int, int]]) -> None:
    stood = minute = 0
    while stood < 80:
        stood += not any(start <= minute < end for start, end in holds)
        minute += 1
    due = due_ms(0, ["3"], LIMITS, holds)
    assert due is not None and due == minute
