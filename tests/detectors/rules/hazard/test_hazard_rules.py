"""The rules of units, each by hand-reckoned cases."""

from typing import get_args

import pytest

from detectors.rules.hazard.inventory import Tank, alpha_of, unit_grades
from detectors.rules.hazard.rate_of_rise import rate_per_hour
from detectors.rules.hazard.suppression import RULES, State, suppressed
from detectors.rules.hazard.voting import vote
from detectors.rules.hazard_source import Critical

MINUTE = 60_000


@pytest.mark.parametrize(
    ("values", "tripped"),
    [
        ((91.0, 92.0, 93.0), True),
        ((91.0, 92.0, 10.0), True),
        ((91.0, 80.0, 10.0), False),
        ((91.0, None, 10.0), True),  # one of two, on the safe side
        ((89.0, None, None), False),
        ((91.0, None, None), True),
        ((None, None, None), False),  # nothing is known, which silence itself tells
    ],
)
def test_two_of_three_and_what_is_left_of_them(values: tuple[float | None, ...], tripped: bool) -> None:
    assert vote(values, 90.0).tripped is tripped


def test_a_low_trip_is_voted_the_other_way() -> None:
    assert vote([4.0, 4.5, 20.0], 5.0, high=False).tripped
    assert not vote([4.0, 6.0, 20.0], 5.0, high=False).tripped
    assert vote([4.0, 6.0, 20.0], 5.0, high=False).spread == 16.0


def test_a_rise_needs_its_window() -> None:
    rising = [(minute * MINUTE, 50.0 + 0.2 * minute) for minute in range(11)]
    assert rate_per_hour(rising, 10 * MINUTE) == pytest.approx(12.0)
    assert rate_per_hour(rising[:7], 10 * MINUTE) is None
    assert rate_per_hour([], MINUTE) is None


def test_s_and_r_are_reckoned_for_what_is_there_what_may_be_and_what_could_be() -> None:
    """Two ammonia tanks, 60 people near: q = 0.5*600 + 0.1*300 = 330 t, S = 33, R = 1.5*2*33 = 99."""
    tanks = (Tank("a", "1005", 600.0, 480.0), Tank("b", "1005", 300.0, 240.0))
    found = unit_grades(tanks, {"a": 50.0, "b": 10.0}, {"1005": Critical(10.0, 2.0)}, people=60)
    assert (found.live.s, found.live.grade) == (33.0, 2)
    assert found.live.r == pytest.approx(99.0)
    assert (found.permit.s, found.design.s, found.design.grade) == (72.0, 90.0, 1)
    assert found.masses == (330.0, 720.0)
    assert [(term.un, term.mass_t, term.s) for term in found.live.terms] == [("1005", 330.0, 33.0)]


def test_a_tank_whose_level_nobody_knows_counts_as_full() -> None:
    tanks = (Tank("a", "1005", 100.0, 80.0),)
    found = unit_grades(tanks, {}, {"1005": Critical(10.0, 2.0)}, people=0)
    assert (found.live.s, found.unknown) == (10.0, ("a",))


def test_alpha_by_people() -> None:
    assert [alpha_of(people) for people in (0, 1, 29, 30, 49, 50, 99, 100, 5000)] == [
        0.5, 1.0, 1.0, 1.2, 1.2, 1.5, 1.5, 2.0, 2.0,
    ]  # fmt: skip


def test_no_state_of_a_unit_silences_what_endangers_people() -> None:
    for state in get_args(State):
        held = suppressed(state, 0, MINUTE, 60 * MINUTE)
        assert not held & {"high-trip", "high-limit", "grade", "storage"} and held <= RULES
    assert "low-trip" in suppressed("out-of-service", 0, 10**9, MINUTE), "however long it lasts"
    assert suppressed("running", 0, MINUTE, MINUTE) == frozenset()
    own: dict[State, frozenset[str]] = {"start-up": frozenset({"high-limit"})}
    assert suppressed("start-up", 0, MINUTE, MINUTE, own) == {"high-limit"}
    assert suppressed("start-up", 0, MINUTE + 1, MINUTE, own) == frozenset()
