"""Readings that keep coming too late, or twice: a finding for the instrument, found the same however the log is cut."""

from collections.abc import Callable

import pytest

from detectors.base import Outcome
from detectors.kernel import Kernel
from detectors.series import BLOCKS
from tests.detectors.small_pack import MINUTE, START, domain, spec
from tests.detectors.written_log import Log
from topics.finding import Finding

MINUTES = 300
ONE, OTHER = "works/p1/temp/Rtd", "works/p2/temp/Rtd"
Told = list[tuple[str, str, int]]


def kernel() -> Kernel:
    return Kernel(domain(), "readings.trial", 0)


def written(write: Callable[[Log, int], None], minutes: int = MINUTES) -> Log:
    """A tick each minute and a healthy neighbour; ``write`` adds what the instrument sends in that minute."""
    log = Log()
    for minute in range(minutes):
        log.tick(START + minute * MINUTE)
        log.read(OTHER, START + minute * MINUTE, 20.0 + minute % 7)
        write(log, minute)
    return log


def told(found: list[Finding], *detectors: str) -> Told:
    return [(each.detector, each.phase, (each.time - START) // MINUTE) for each in found if each.detector in detectors]


def in_time(log: Log, minute: int, behind: int = 0) -> None:
    log.read(ONE, START + (minute - behind) * MINUTE, 20.0 + (minute - behind) % 5)


def keeps_coming_late(log: Log, minute: int) -> None:
    """Its link holds everything back for twenty minutes, from the second hour on until the fourth."""
    if minute < 60 or 80 <= minute < 200:
        in_time(log, minute, 20 if minute >= 80 else 0)
    elif minute == 200:
        for past in range(180, 201):
            in_time(log, past)
    elif minute > 200:
        in_time(log, minute)


def comes_twice(log: Log, minute: int, more: float = 0.0) -> None:
    in_time(log, minute)
    if 60 <= minute < 120:
        log.read(ONE, START + minute * MINUTE, 20.0 + minute % 5 + more)


def comes_otherwise(log: Log, minute: int) -> None:
    comes_twice(log, minute, 1.5)


def test_a_link_that_keeps_coming_late_is_one_finding_and_its_silence_is_not_told_each_minute() -> None:
    outcome = written(keeps_coming_late).play(kernel())
    assert {each.subject for each in outcome.findings} == {ONE}
    late = told(outcome.findings, "late", "missing")
    # Silent at first; the 17th late reading of the hour, with what has faded of them, is a quarter of 60.
    assert late[0] == ("missing", "open", 65)
    assert late[1][:2] == ("late", "open") and 95 <= late[1][2] <= 100
    assert late[2] == ("missing", "close", late[1][2] - 20)  # of the reading itself, which is twenty minutes old
    assert late[3][:2] == ("late", "close") and 240 <= late[3][2] <= 290
    assert len(late) == 4
    opened = next(each for each in outcome.findings if each.detector == "late")
    assert (opened.family, opened.severity, opened.facts["behind_s"]) == ("quality", "blue", 1200)
    assert "keeps sending late: about 26% of its readings, the newest by 20 min" in opened.text.en
    assert "数据经常迟到：约 26% 的数据晚到，最近一条迟到 20 分钟" in opened.text.zh


def test_an_outage_that_is_made_up_for_at_once_is_no_habit() -> None:
    def made_up_for(log: Log, minute: int) -> None:
        if not 60 <= minute < 120:
            for past in range(60 if minute == 120 else minute, minute + 1):
                in_time(log, past)

    found = written(made_up_for).play(kernel()).findings
    assert told(found, "late", "duplicate") == []
    assert told(found, "missing") == [("missing", "open", 65), ("missing", "close", 115)]


def test_what_was_asked_for_again_and_period_values_are_not_late() -> None:
    def asked_for(log: Log, minute: int) -> None:
        in_time(log, minute)
        if minute >= 60:
            log.read(ONE, START + (minute - 50) * MINUTE, 20.0, backfill=True)
            log.read("works/p1/temp/Avg", START + (minute - 50) * MINUTE, 20.0)

    assert written(asked_for).play(kernel()).findings == []


def test_a_clock_that_is_set_back_sends_late_though_nothing_new() -> None:
    def set_back(log: Log, minute: int) -> None:
        in_time(log, minute, 120 if minute >= 150 else 0)

    found = written(set_back).play(kernel()).findings
    assert told(found, "late") == [("late", "open", told(found, "late")[0][2])]


def test_a_reading_that_keeps_coming_twice_is_one_finding_that_ends_by_itself() -> None:
    outcome = written(comes_twice).play(kernel())
    again = told(outcome.findings, "duplicate")
    assert [each[1] for each in again] == ["open", "close"] and len(outcome.findings) == 2
    assert 75 <= again[0][2] <= 80 and 130 <= again[1][2] <= 240
    assert outcome.duplicate == 60
    opened = outcome.findings[0]
    assert opened.facts["differs"] == 0 and "another value" not in opened.text.en
    assert "数据经常重复：约 26% 的数据重复上报，始于" in opened.text.zh
    assert "26% of its readings come again, since" in opened.text.en


def test_another_value_for_the_same_time_is_said() -> None:
    opened = written(comes_otherwise).play(kernel()).findings[0]
    minute = (opened.time - START) // MINUTE
    first = 20.0 + minute % 5
    assert (opened.expected, opened.value, opened.facts["differs"]) == (first, first + 1.5, 1)
    assert f"first {first:.2f} °C, then {first + 1.5:.2f} °C" in opened.text.en
    assert f"先为 {first:.2f} °C，后为 {first + 1.5:.2f} °C" in opened.text.zh


def test_a_few_double_or_late_readings_are_nothing() -> None:
    def sometimes(log: Log, minute: int) -> None:
        in_time(log, minute)
        if minute % 10 == 0:
            in_time(log, minute)
            in_time(log, minute, 30)

    assert written(sometimes).play(kernel()).findings == []


@pytest.mark.parametrize("write", [keeps_coming_late, comes_otherwise])
def test_any_cut_and_a_restart_give_the_same(write: Callable[[Log, int], None]) -> None:
    log = written(write)
    whole = log.play(kernel()).findings
    assert log.play(kernel(), cuts=range(len(log.entries))).findings == whole
    opened = next(each for each in whole if each.detector in ("late", "duplicate")).origin.last_offset
    for cut in (opened - 9, opened + 9):
        assert _restarted(log, cut).findings == whole


def _restarted(log: Log, cut: int) -> Outcome:
    first, second = kernel(), kernel()
    outcome = log.play(first, stop=cut)
    for block in range(BLOCKS):
        second.load(first.export(block), cut)
    second.load_shared(first.export_shared(), cut)
    outcome.findings += log.play(second, start=cut).findings
    return outcome


def test_a_snapshot_from_before_there_were_such_counts_is_read() -> None:
    first, second = kernel(), kernel()
    first.bind(spec(ONE))
    written(in_time, 30).play(first)
    for block in range(BLOCKS):
        exported = first.export(block)
        exported.pop("punctuality", None)
        if "turns" in exported:
            exported["turns"] = {
                name: value[:6] if value.ndim == 2 else value for name, value in exported["turns"].items()
            }
        second.load(exported, 0)
    for block in range(BLOCKS):
        assert second.export(block).keys() == first.export(block).keys()
