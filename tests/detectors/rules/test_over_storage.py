"""Over-storage levels at and around their bounds."""

import pytest

from detectors.rules.over_storage import Permit, over_storage

PERMIT = Permit(permit_t=100.0, design_t=150.0)


@pytest.mark.parametrize(
    ("mass", "level", "severity", "expected"),
    [
        (80.0, "near_permit", "yellow", 100.0),
        (100.0, "near_permit", "yellow", 100.0),
        (100.1, "over_permit", "orange", 100.0),
        (150.0, "over_permit", "orange", 100.0),
        (150.1, "over_design", "red", 150.0),
    ],
)
def test_levels(mass: float, level: str, severity: str, expected: float) -> None:
    found = over_storage(mass, PERMIT)
    assert found is not None
    assert (found.level, found.severity, found.expected_t) == (level, severity, expected)


def test_below_eight_tenths_and_nothing_at_all_are_fine() -> None:
    assert over_storage(79.9, PERMIT) is None
    assert over_storage(0.0, None) is None


def test_what_is_not_permitted_is_red_at_the_first_gram() -> None:
    for permit in (None, Permit(0.0)):
        found = over_storage(1e-6, permit)
        assert found is not None
        assert (found.level, found.severity, found.times) == ("not_permitted", "red", None)


def test_how_many_times_over_the_design() -> None:
    found = over_storage(1342.8, Permit(25.0, 25.0))
    assert found is not None and found.times == pytest.approx(53.7, abs=0.02)


def test_an_unknown_design_leaves_the_permit_to_judge() -> None:
    found = over_storage(1000.0, Permit(100.0))
    assert found is not None and found.level == "over_permit"
