"""One hour: what is valid, what a mark makes of it, and which value it has."""

import pytest

from detectors.rules.judgement.hour import Question, judge_hour
from detectors.rules.judgement.material import HourRows, Measured, measured, packed, unpacked
from tests.detectors.rules.judgement.parts import (
    DAY0,
    HOUR,
    MINUTE,
    OUTLET,
    STACK,
    hour_of_minutes,
    hour_value,
    mark,
    reading,
    rules,
)
from topics.judgement import Judgement
from topics.mark import Mark
from topics.reading import Reading


def rows_of(readings: list[Reading]) -> HourRows:
    rows = HourRows()
    for each in readings:
        found = measured(each, rules().units)
        assert isinstance(found, Measured)
        rows.take(found.name, found.row, found.period)
    return unpacked(packed(rows))


def judged(
    readings: list[Reading], *marks: Mark, subject: str = OUTLET, source: str = "municipal-waste-water"
) -> Judgement:
    return judge_hour(rules(), Question(subject, source, DAY0, marks), rows_of(readings))


def test_45_valid_minutes_make_an_hour_and_44_do_not() -> None:
    enough = judged(hour_of_minutes(OUTLET, DAY0, 20.0, minutes=45))
    assert (enough.verdict, enough.value, enough.valid, enough.method) == ("no-limit", 20.0, 45, "minutes")
    short = judged(hour_of_minutes(OUTLET, DAY0, 20.0, minutes=44))
    assert (short.verdict, short.value) == ("invalid", None)
    assert "44 valid minutes of 60, fewer than the 45 needed" in short.reason.en


def test_an_hour_beyond_the_limit_of_the_day_is_an_anomaly_and_no_violation() -> None:
    found = judged(hour_of_minutes(OUTLET, DAY0, 45.0))
    assert (found.verdict, found.multiple) == ("anomaly", 0.5)
    assert found.limit is not None and (found.limit.value, found.limit.confirmed) == (30.0, False)
    assert "not confirmed" in found.reason.en and "未经核实" in found.reason.zh


def test_values_with_flags_do_not_count_and_nothing_at_all_is_missing() -> None:
    bad = judged(hour_of_minutes(OUTLET, DAY0, 20.0, flag="C"))
    assert bad.verdict == "invalid"
    assert judged([]).verdict == "missing"


def test_a_stack_is_judged_at_the_reference_oxygen_minute_by_minute() -> None:
    live = hour_of_minutes(STACK, DAY0, 40.0)
    oxygen = [reading("plant/S1/a19001/Rtd", DAY0 + n * MINUTE, 11.0 if n < 30 else 6.0) for n in range(60)]
    found = judged(live + oxygen, subject=STACK, source="stack")
    assert (found.value, found.verdict, found.converted) == (50.0, "within", True)  # (60 + 40) / 2, the limit itself
    shut = [reading("plant/S1/a19001/Rtd", DAY0 + n * MINUTE, 20.5) for n in range(60)]
    assert judged(live + shut, subject=STACK, source="stack").verdict == "invalid"


def test_what_the_device_converted_comes_before_our_conversion() -> None:
    sent = [reading(f"{STACK}/ZsRtd", DAY0 + n * MINUTE, 70.0) for n in range(60)]
    oxygen = [reading("plant/S1/a19001/Rtd", DAY0 + n * MINUTE, 11.0) for n in range(60)]
    found = judged(sent + oxygen + hour_of_minutes(STACK, DAY0, 40.0), subject=STACK, source="stack")
    assert (found.value, found.verdict, found.multiple) == (70.0, "exceeds", 0.4)


def test_the_devices_hour_mean_counts_unless_a_mark_takes_part_of_the_hour() -> None:
    minutes, own = hour_of_minutes(OUTLET, DAY0, 20.0), hour_value(OUTLET, DAY0, 21.0)
    assert (judged([*minutes, own]).value, judged([*minutes, own]).method) == (21.0, "device")
    assert judged([own]).value == 21.0
    flagged = hour_value(OUTLET, DAY0, 21.0, "D")
    assert judged([*minutes, flagged]).value == 20.0
    partly = mark("m", "monitor", "calibration", DAY0, DAY0 + 10 * MINUTE)
    assert (judged([*minutes, own], partly).value, judged([*minutes, own], partly).valid) == (20.0, 50)


def test_of_two_values_for_one_time_the_later_received_counts_in_any_order() -> None:
    first = hour_of_minutes(OUTLET, DAY0, 20.0)
    again = [reading(each.series, each.time, 25.0, received=2) for each in first]
    assert judged(first + again).value == judged(again + first).value == 25.0


WHOLE, HALF, SHORT = (0, 60), (0, 30), (0, 15)

#: (marks as (scope, state, from minute, to minute), what must come of an hour of good data).
CASES = [
    ([], "no-limit"),
    ([("plant", "stopped", *WHOLE)], "exempt"),
    ([("plant", "stopped", *HALF)], "exempt"),
    ([("plant", "stopped", *SHORT)], "no-limit"),
    ([("plant", "stopped", 0, 16)], "exempt"),
    ([("plant", "start-up", *WHOLE)], "exempt"),
    ([("plant", "start-up", 30, 60)], "exempt"),
    ([("plant", "fault", *WHOLE)], "no-limit"),
    ([("plant", "invented", *WHOLE)], "no-limit"),
    ([("treatment", "fault", *WHOLE)], "no-limit"),
    ([("monitor", "fault", *WHOLE)], "invalid"),
    ([("monitor", "fault", *HALF)], "invalid"),
    ([("monitor", "fault", *SHORT)], "no-limit"),
    ([("monitor", "fault", 0, 16)], "invalid"),
    ([("monitor", "maintenance", *WHOLE)], "invalid"),
    ([("monitor", "calibration", *SHORT)], "no-limit"),
    ([("monitor", "calibration", 10, 26)], "invalid"),
    # overlapping: exempt before invalid before valid
    ([("plant", "stopped", *WHOLE), ("monitor", "fault", *WHOLE)], "exempt"),
    ([("monitor", "fault", *WHOLE), ("plant", "stopped", *WHOLE)], "exempt"),
    ([("plant", "fault", *WHOLE), ("monitor", "fault", *WHOLE)], "invalid"),
    ([("treatment", "fault", *WHOLE), ("plant", "start-up", *WHOLE)], "exempt"),
    ([("plant", "stopped", *SHORT), ("monitor", "fault", *SHORT)], "no-limit"),
    ([("plant", "stopped", *SHORT), ("monitor", "fault", 15, 16)], "invalid"),
    ([("plant", "stopped", 0, 16), ("monitor", "fault", 16, 60)], "exempt"),
    ([("plant", "stopped", 0, 10), ("plant", "start-up", 10, 20)], "exempt"),
    ([("plant", "stopped", 0, 10), ("plant", "start-up", 5, 15)], "no-limit"),
    ([("monitor", "fault", 0, 10), ("monitor", "calibration", 5, 15)], "no-limit"),
    ([("monitor", "fault", 0, 10), ("monitor", "calibration", 5, 16)], "invalid"),
    # a mark that ends as the hour begins, or begins as it ends, does not touch it
    ([("plant", "stopped", -60, 0)], "no-limit"),
    ([("plant", "stopped", 60, 120)], "no-limit"),
    ([("plant", "stopped", -60, 15)], "no-limit"),
    ([("plant", "stopped", -60, 16)], "exempt"),
    ([("monitor", "fault", 45, 120)], "no-limit"),
    ([("monitor", "fault", 44, 120)], "invalid"),
    ([("plant", "stopped", -600, 600)], "exempt"),
    ([("treatment", "fault", *WHOLE), ("monitor", "calibration", *SHORT)], "no-limit"),
    ([("treatment", "fault", *WHOLE), ("monitor", "calibration", 0, 16)], "invalid"),
    ([("plant", "fault", *WHOLE), ("plant", "stopped", *SHORT)], "no-limit"),
    ([("plant", "start-up", *HALF), ("monitor", "fault", 30, 60)], "exempt"),
    ([("monitor", "fault", *WHOLE), ("plant", "stopped", *SHORT)], "invalid"),
]


@pytest.mark.parametrize("marks, verdict", CASES)
def test_hand_made_cases_of_marks(marks: list[tuple[str, str, int, int]], verdict: str) -> None:
    given = [
        mark(f"m{place}", scope, state, DAY0 + first * MINUTE, DAY0 + last * MINUTE)
        for place, (scope, state, first, last) in enumerate(marks)
    ]
    found = judged(hour_of_minutes(OUTLET, DAY0, 20.0), *given)
    assert found.verdict == verdict
    if given:
        assert "exempt before invalid before valid" in found.reason.en and "豁免＞无效＞有效" in found.reason.zh


def test_there_are_forty_cases() -> None:
    assert len(CASES) == 40


def test_a_withdrawn_mark_does_nothing() -> None:
    gone = mark("m", "plant", "stopped", DAY0, DAY0 + HOUR, withdrawn=DAY0 + HOUR)
    assert judged(hour_of_minutes(OUTLET, DAY0, 20.0), gone).verdict == "no-limit"
