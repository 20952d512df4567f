"""Minutes from the first warning to the event; after it is too late."""

import numpy as np

from detectors.scoring.lead_time import MINUTE_MS, lead_time


def minutes(*values: float) -> list[int]:
    return [int(value * MINUTE_MS) for value in values]


def test_the_first_warning_counts_not_the_last() -> None:
    assert lead_time(100 * MINUTE_MS, minutes(90, 40, 70)).minutes == 60


def test_a_warning_after_the_event_is_a_miss_and_says_how_late() -> None:
    lead = lead_time(100 * MINUTE_MS, minutes(101, 150))
    assert lead.missed
    assert lead.minutes is None
    assert lead.late_minutes == 1


def test_no_warning_at_all_is_a_miss() -> None:
    lead = lead_time(100 * MINUTE_MS, [])
    assert lead.missed
    assert lead.late_minutes is None


def test_a_warning_at_the_very_instant_is_none_too_early_and_no_miss() -> None:
    assert lead_time(100 * MINUTE_MS, minutes(100)).minutes == 0


def test_a_warning_long_before_belongs_to_something_else() -> None:
    day = 1440
    assert lead_time(day * MINUTE_MS, minutes(3), horizon_ms=60 * MINUTE_MS).missed
    assert lead_time(day * MINUTE_MS, minutes(3, day - 20), horizon_ms=60 * MINUTE_MS).minutes == 20


def test_a_slope_is_warned_of_before_it_reaches_its_bound() -> None:
    """A slope creeps from 0 to the bound of 10 mm in 500 minutes; who warns at 4 mm warns 300 minutes ahead, who
    waits for the bound itself has no time left, and who needs 11 mm comes too late."""
    t = np.arange(0, 600) * MINUTE_MS
    creep = t / MINUTE_MS / 50.0
    event = int(t[np.argmax(creep >= 10.0)])
    got = {level: lead_time(event, t[creep >= level].tolist()) for level in (4.0, 10.0, 11.0)}
    assert {level: lead.minutes for level, lead in got.items()} == {4.0: 300, 10.0: 0, 11.0: None}
    assert got[11.0].late_minutes == 50
