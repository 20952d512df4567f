"""`citybrain readings show`: the records that a finding names, or the ticks that found a series silent."""

import json

import pytest

from streams.__main__ import main
from tests.streams.written_records import Partition, series
from topics.reading import Control

START = 1_439_337_600_000


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Partition:
    """A reading of one probe, a minute's tick, a reading of another, a tick: offsets 0 to 3."""
    partition = Partition()
    partition.read(0, START, 41.5)
    partition.put(Control("~tick", START + 60_000))
    partition.read(1, START + 61_000, 42.0)
    partition.put(Control("~tick", START + 120_000))
    monkeypatch.setattr(
        "streams.commands.readings.records_between",
        lambda _, topic, number, first, last: iter(partition.records[first : last + 1]),
    )
    return partition


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[int], str]:
    """Exit status, offsets that are shown, and what is said beside."""
    with pytest.raises(SystemExit) as ended:
        main(["readings", "show", "readings.trial", "0", *words, "--json"])
    said = capsys.readouterr()
    return (
        int(ended.value.code or 0),
        [each["offset"] for each in json.loads(said.out or '{"readings": []}')["readings"]],
        said.err,
    )


@pytest.mark.usefixtures("log")
def test_a_series_own_readings_are_shown_without_the_ticks_between(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, "0..3", "--series", series(1))[:2] == (0, [2])
    assert shown(capsys, "0..3")[:2] == (0, [0, 1, 2, 3])


@pytest.mark.usefixtures("log")
def test_of_a_silent_series_there_are_the_ticks_that_found_it_so(capsys: pytest.CaptureFixture[str]) -> None:
    status, offsets, said = shown(capsys, "1..3", "--series", series(0))
    assert (status, offsets) == (0, [1, 3])
    assert f"{series(0)} said nothing here" in said


@pytest.mark.usefixtures("log")
def test_where_nothing_is_kept_any_more_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    status, offsets, said = shown(capsys, "2", "--series", series(0))
    assert (status, offsets) == (1, []) and "expected readings there, got none" in said
