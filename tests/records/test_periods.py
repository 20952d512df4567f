"""Days, months and years of the city as texts."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.periods import period, period_at

HOUR = 3_600_000


def test_a_month_is_a_month_of_the_city() -> None:
    found = period("2026-02")
    assert dt.datetime.fromtimestamp(found.start / 1000, dt.UTC).isoformat() == "2026-01-31T16:00:00+00:00"
    assert found.end - found.start == 28 * 24 * HOUR
    assert (found.before().name, found.year_before().name) == ("2026-01", "2025-02")
    assert len(found.parts()) == 29 and found.parts()[-1] == found.end
    assert found.parts(found.start + 36 * HOUR) == [found.start, found.start + 24 * HOUR, found.start + 36 * HOUR]


def test_days_and_years_have_their_parts_and_the_ones_before() -> None:
    assert len(period("2026-11-27").parts()) == 25 and len(period("2026").parts()) == 13
    assert period("2026-03-01").before().name == "2026-02-28"
    assert period("2024-02-29").year_before().name == "2023-02-28"
    assert period("2026").before().name == period("2026").year_before().name == "2025"
    assert period("2026-01").before().name == "2025-12"


@pytest.mark.parametrize("text", ["", "26", "2026-13", "2026-2", "2026-02-30", "2026-02-01-01", "x", "2026-", "1999"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected YYYY"):
        period(text)


@given(st.integers(1_000_000_000_000, 2_000_000_000_000), st.sampled_from(["day", "month", "year"]))
def test_every_moment_lies_in_its_period_and_parts_join_without_holes(time: int, unit: str) -> None:
    found = period_at(time, unit)  # type: ignore[arg-type]
    assert found.start <= time < found.end and period(found.name) == found
    parts = found.parts()
    assert parts[0] == found.start and parts[-1] == found.end and parts == sorted(set(parts))
    assert found.before().end == found.start
