"""A day looked at hour by hour: what is told when, amended, taken back and revised; lists in, lists out."""

from dataclasses import replace
from pathlib import Path

import pytest

from detectors.integrity.base import Evidence, Measure
from detectors.integrity.outlet import HOUR_MS
from streams.integrity.findings import CLOSED, Told
from streams.integrity.memory import Remembered, remember, remembered
from streams.integrity.telling import GONE, Name, messages, name_of
from tests.streams.integrity.kept_outlets import JUDGED_MS, pack
from topics.finding import Finding, Text

SERIES = "works/works/w01018/Avg"
RULES = {"mean_not_of_parts"}


def told(first_h: int, last_h: int, series: str = SERIES) -> Told:
    """Hour means that do not match from hour ``first_h`` to the end of ``last_h``."""
    hours = float(last_h - first_h)
    span = JUDGED_MS + first_h * HOUR_MS, JUDGED_MS + last_h * HOUR_MS
    measure = Measure("w01018", hours, (series,), *span, {"hours": hours}, value=10.0, expected=40.0)
    text = Text(f"{hours:.0f} 个小时均值不符", f"{hours:.0f} hour means do not match")
    evidence = Evidence("mean_not_of_parts", 1, "orange", measure, 3.0, 0.001, text, "works", "works")
    return Told(pack(), evidence, JUDGED_MS, {})


class Day:
    """What has been told of it."""

    def __init__(self) -> None:
        self.known: dict[Name, Finding] = {}

    def look(self, hour: int | None, *found: Told) -> list[tuple[str, int]]:
        until = None if hour is None else JUDGED_MS + hour * HOUR_MS
        said = messages(self.known, found, RULES, JUDGED_MS, until)
        self.known |= {name_of(each): each for each in said}
        return [(each.phase, each.seq) for each in said]

    @property
    def last(self) -> Finding:
        (finding,) = self.known.values()
        return finding


def test_it_is_opened_at_the_hour_amended_as_it_grows_and_closed_with_the_day() -> None:
    day = Day()
    assert day.look(3) == []
    assert day.look(5, told(2, 5)) == [("open", 0)]
    opened = day.last
    assert opened.opened == JUDGED_MS + 2 * HOUR_MS and opened.time == JUDGED_MS + 5 * HOUR_MS
    assert day.look(6, told(2, 5)) == [], "nothing new in that hour"
    assert day.look(7, told(2, 7)) == [("update", 7)]
    assert day.look(None, told(1, 9)) == [("close", CLOSED)]
    assert day.last.id == opened.id and day.last.opened == opened.opened, "what opened never moves"
    assert day.last.closed == JUDGED_MS + 9 * HOUR_MS
    assert day.look(None, told(1, 9)) == []


def test_a_day_of_which_nothing_was_told_is_opened_and_closed_at_once() -> None:
    day = Day()
    assert day.look(None, told(2, 5)) == [("open", 0), ("close", CLOSED)]


def test_what_late_data_explain_is_taken_back_and_heard_anew_if_it_comes_again() -> None:
    day = Day()
    day.look(5, told(2, 5))
    first = day.last.id
    assert day.look(6) == [("close", 6)]
    assert GONE.zh in day.last.text.zh and day.last.facts["stands"] == 0 and day.last.closed == JUDGED_MS + 6 * HOUR_MS
    assert day.look(7) == [], "said once"
    assert day.look(9, told(6, 9)) == [("open", 0)]
    assert day.last.id != first and "stands" not in day.last.facts
    assert day.look(None, told(6, 9)) == [("close", CLOSED)]


def test_a_judged_day_is_revised_by_what_comes_later_and_does_not_sound() -> None:
    day = Day()
    day.look(None, told(2, 5))
    assert day.look(None, told(2, 8)) == [("close", CLOSED + 1)]
    assert day.last.late and day.last.closed == JUDGED_MS + 8 * HOUR_MS
    assert day.look(None) == [("close", CLOSED + 2)]
    assert day.last.late and GONE.en in day.last.text.en


def test_rules_that_did_not_look_take_nothing_back() -> None:
    day = Day()
    day.look(5, told(2, 5))
    assert messages(day.known, [], {"treatment_off"}, JUDGED_MS, JUDGED_MS + 6 * HOUR_MS) == []


def test_a_watch_that_has_forgotten_all_repeats_no_number_with_other_words() -> None:
    first, second = Day(), Day()
    first.look(5, told(2, 5))
    first.look(7, told(2, 7))
    kept = dict(first.known)
    second.look(8, told(2, 8))
    assert second.last.id == first.last.id and second.last.seq == 0, "the store has this number: a repeat"
    assert second.look(9, told(2, 9)) == [("update", 9)]
    assert second.look(None, told(2, 9)) == [("close", CLOSED)]
    assert all(each.seq < 9 for each in kept.values())


@pytest.mark.parametrize("days", [1, 9])
def test_what_is_remembered_is_read_back_and_what_is_old_forgotten(tmp_path: Path, days: int) -> None:
    file = tmp_path / "integrity.json"
    mine = Remembered(day=JUDGED_MS, rows={JUDGED_MS: 7})
    mine.note(JUDGED_MS, told(2, 5).findings)
    mine.note(JUDGED_MS, replace(told(1, 5), day_ms=JUDGED_MS).findings)
    remember(file, {"pollution": mine})
    back = remembered(file)["pollution"]
    assert back == mine and list(back.known(JUDGED_MS)) == [("mean_not_of_parts", SERIES)]
    back.forget(JUDGED_MS - 7 * 86_400_000 + days * 86_400_000)
    assert bool(back.told) == bool(back.rows) == (days < 8)
    file.write_text('{"pollution": 5}')
    assert remembered(file) == {}, "of an older edition: it tells again, which is harmless"
