"""Limits: editions by event date, holding time, deadband, statistic, class, and what late rows may say."""

import datetime as dt

import pytest

from detectors.base import Outcome
from detectors.kernel import Kernel
from tests.detectors.small_pack import MINUTE, START, domain, limit, quantity
from tests.detectors.written_log import Log, Row
from topics.domain import Limit

SERIES = "works/p1/temp/Rtd"


def judged(limits: tuple[Limit, ...], rows: list[tuple[int, float]], series: str = SERIES) -> Outcome:
    """The outcome of (seconds after the start, value) rows."""
    kernel = Kernel(domain({"temp": quantity(limits=limits)}), "readings.trial", 0)
    return Log([Row(series, START + second * 1000, value) for second, value in rows]).play(kernel)


def phases(outcome: Outcome) -> list[tuple[str, str, int]]:
    return [(each.phase, each.severity, (each.time - START) // 1000) for each in outcome.findings]


def test_the_edition_is_that_of_the_events_day() -> None:
    """Until the day before, 40 was allowed to 50; from 2015-08-12 in the city only to 30."""
    day = dt.date(2015, 8, 12)
    editions = (
        limit("H", 50.0, "red", valid_to=day, edition="old"),
        limit("H", 30.0, "yellow", valid_from=day, edition="new"),
    )
    outcome = judged(editions, [(-1, 40.0), (0, 40.0), (10, 60.0), (20, 20.0)])
    assert phases(outcome) == [("open", "yellow", 0), ("close", "yellow", 20)]
    assert outcome.findings[0].facts["edition"] == "new"
    assert phases(judged(editions, [(-20, 60.0), (-10, 40.0)])) == [("open", "red", -20), ("close", "red", -10)]


def test_a_breach_must_last_its_holding_time() -> None:
    outcome = judged((limit("H", 50.0, "red", hold_s=60),), [(0, 51.0), (59, 51.0), (60, 51.0), (61, 50.0)])
    assert phases(outcome) == [("open", "red", 60), ("close", "red", 61)]
    assert outcome.findings[0].opened == START  # where the breach began
    assert phases(judged((limit("H", 50.0, "red", hold_s=60),), [(0, 51.0), (59, 50.0), (119, 51.0)])) == []


def test_it_ends_by_the_deadband() -> None:
    outcome = judged((limit("H", 50.0, "red", deadband=5.0),), [(0, 51.0), (1, 46.0), (2, 45.0), (3, 49.0)])
    assert phases(outcome) == [("open", "red", 0), ("close", "red", 2)]


def test_the_worst_limit_in_breach_names_the_severity() -> None:
    limits = (limit("H", 50.0, "yellow"), limit("HH", 70.0, "red"), limit("LL", -5.0, "orange", side="low"))
    outcome = judged(limits, [(0, 55.0), (1, 75.0), (2, 60.0), (3, 0.0), (4, -6.0), (5, 0.0)])
    assert phases(outcome) == [
        ("open", "yellow", 0),
        ("update", "red", 1),
        ("update", "yellow", 2),
        ("close", "yellow", 3),
        ("open", "orange", 4),
        ("close", "orange", 5),
    ]
    assert "below limit LL" in outcome.findings[4].text.en and "低于LL限值" in outcome.findings[4].text.zh
    assert [each.facts["side"] for each in outcome.findings if each.phase == "open"] == ["high", "low"]


@pytest.mark.parametrize(
    ("one", "found"),
    [
        (limit("H", 50.0, "red", statistic="Avg"), False),
        (limit("H", 50.0, "red", sensor_class="other"), False),
        (limit("H", 50.0, "red", sensor_class="probe"), True),
    ],
)
def test_a_limit_is_for_its_statistic_and_class(one: Limit, found: bool) -> None:
    assert bool(judged((one,), [(0, 60.0)]).findings) is found


def test_flagged_and_impossible_values_neither_open_nor_close() -> None:
    kernel = Kernel(domain({"temp": quantity(limits=(limit("H", 50.0, "red"),))}), "readings.trial", 0)
    log = Log(
        [
            Row(SERIES, START, 60.0, usable=False),
            Row(SERIES, START + 1, 60.0),
            Row(SERIES, START + 2, 10.0, usable=False),
        ]
    )
    log.entries += [Row(SERIES, START + 3, 5000.0), Row(SERIES, START + 4, float("nan"))]
    found = [(each.detector, each.phase, each.origin.last_offset) for each in log.play(kernel).findings]
    assert found == [("limit", "open", 1), ("range", "open", 3)]


def test_late_rows_open_and_close_at_once_and_say_so() -> None:
    outcome = judged((limit("H", 50.0, "red"),), [(100, 10.0), (40, 60.0), (100, 60.0), (90, 20.0)])
    assert [(each.phase, each.late, each.opened, each.closed) for each in outcome.findings] == [
        ("open", True, START + 40_000, None),
        ("close", True, START + 40_000, START + 40_000),
    ]
    assert (outcome.late, outcome.duplicate) == (2, 1)
    assert outcome.findings[0].text.en.startswith("late data show: Temperature 1 was 60.00 °C at 2015-08-12 00:00:40")
    assert "限值未经核实" in outcome.findings[0].text.zh and "limit unconfirmed" in outcome.findings[0].text.en


def test_a_row_sent_again_repeats_no_finding() -> None:
    rows = [(0, 60.0), (1, 61.0), (2, 10.0)]
    once, twice = judged((limit("H", 50.0, "red"),), rows), judged((limit("H", 50.0, "red"),), rows + rows)
    assert [each.id for each in once.findings] == [each.id for each in twice.findings]


def test_back_filled_rows_never_sound_a_siren() -> None:
    kernel = Kernel(domain({"temp": quantity(limits=(limit("H", 50.0, "red"),))}), "readings.trial", 0)
    log = Log([Row(SERIES, START, 60.0, backfill=True), Row(SERIES, START + MINUTE, 60.0)])
    assert [each.late for each in log.play(kernel).findings] == [True, True, False]
