"""The files of the history: every row once, whatever crashes, few files of a day, and readable while it is written."""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeAlias

import pytest

from records.history import ListHistory
from streams.history import ParquetHistory
from streams.history_folder import DAY_MS, FAN_IN, QUIET_APPENDS, HistoryFolder, read_manifest
from tests.streams.written_history import SERIES, T0, append, table, values
from topics.city_zone import day_of
from topics.errors import ConfigurationError, PartMissing
from topics.reading import Reading

Opener: TypeAlias = Callable[[Path, str], HistoryFolder]


@pytest.fixture
def opened() -> Iterator[Opener]:
    """Opens folders and closes them when the test ends."""
    with ExitStack() as stack:
        yield lambda path, topic: stack.enter_context(HistoryFolder(path, topic))


def test_rows_come_back_in_the_order_of_time_within_the_span(tmp_path: Path, opened: Opener) -> None:
    folder = opened(tmp_path / "pollution", "readings.pollution")
    append(folder, [T0 + 2_000, T0, T0 + 1_000], 0)
    folder.append(table([T0], series="s2/d/q/Rtd", offset=3), {})
    history = ParquetHistory(tmp_path)
    assert [(point.time - T0, point.value) for point in history.range(SERIES, T0, T0 + 2_000)] == [
        (0, 1.0),
        (1_000, 2.0),
    ]
    assert history.range("s3/d/q/Rtd", T0, T0 + 2_000) == []
    assert history.range(SERIES, T0 + 9_000, T0 + 10_000) == []
    append(folder, [T0 + 3_000], 4)
    assert len(history.range(SERIES, T0, T0 + 4_000)) == 4, "what is flushed is seen at once"


def test_days_are_the_citys(tmp_path: Path, opened: Opener) -> None:
    folder = opened(tmp_path, "t")
    midnight = day_of(T0) * DAY_MS - 8 * 3_600_000
    append(folder, [midnight - 1, midnight], 0)
    assert sorted(file.day for file in folder.manifest.files) == [day_of(T0) - 1, day_of(T0)]


def test_small_files_become_few_and_say_the_same(tmp_path: Path, opened: Opener) -> None:
    folder = opened(tmp_path / "d", "t")
    times = [T0 + 1_000 * step for step in range(FAN_IN * FAN_IN)]
    random.Random(1).shuffle(times)
    for offset, time in enumerate(times):
        append(folder, [time], offset)
        while folder.compact(day_of(T0)):
            pass
    expected = [float(times.index(time)) for time in sorted(times)]
    assert values(tmp_path) == expected
    assert [file.level for file in folder.manifest.files] == [2]
    assert len(list((tmp_path / "d").glob("*.parquet"))) == 1


def test_a_closed_day_becomes_one_file_once_it_is_quiet(tmp_path: Path, opened: Opener) -> None:
    folder = opened(tmp_path / "d", "t")
    append(folder, [T0], 0)
    append(folder, [T0 + 1_000], 1)
    for step in range(QUIET_APPENDS):
        assert not folder.compact(day_of(T0) + 1)
        append(folder, [T0 + DAY_MS + step], 2 + step)
        while len(folder.manifest.files) > 9 and folder.compact(day_of(T0)):
            pass
    while folder.compact(day_of(T0) + 1):
        pass
    assert len([file for file in folder.manifest.files if file.day == day_of(T0)]) == 1
    assert len(values(tmp_path)) == 2 + QUIET_APPENDS


def test_old_days_go(tmp_path: Path, opened: Opener) -> None:
    folder = opened(tmp_path / "d", "t")
    append(folder, [T0, T0 + DAY_MS], 0)
    assert folder.expire(day_of(T0) + 1) == 1
    assert values(tmp_path) == [1.0]
    assert len(list((tmp_path / "d").glob("*.parquet"))) == 1


@pytest.mark.parametrize("step", range(4))
def test_a_crash_at_any_step_leaves_the_old_truth_or_the_new(
    tmp_path: Path, step: int, monkeypatch: pytest.MonkeyPatch, opened: Opener
) -> None:
    folder = opened(tmp_path / "d", "t")
    append(folder, [T0], 0)
    rename, renames = Path.rename, [0]

    def fails(path: Path, target: Path) -> Path:
        renames[0] += 1
        if renames[0] > step:
            raise OSError("power cut")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fails)
    if step < 3:  # two days' files and the manifest
        with pytest.raises(OSError, match="power cut"):
            append(folder, [T0 + 1_000, T0 + DAY_MS], 1)
    else:
        append(folder, [T0 + 1_000, T0 + DAY_MS], 1)
    monkeypatch.undo()
    folder.close()
    again = opened(tmp_path / "d", "t")
    kept = again.manifest.places["0"].next
    assert kept == (1 if step < 3 else 3)
    assert values(tmp_path) == [float(offset) for offset in range(kept)]
    assert len(list((tmp_path / "d").glob("*.parquet*"))) == len(again.manifest.files)


def test_one_writer_one_topic_and_a_broken_manifest_are_told(tmp_path: Path, opened: Opener) -> None:
    folder = opened(tmp_path, "t")
    append(folder, [T0], 0)
    with pytest.raises(PartMissing, match="only writer"):
        opened(tmp_path, "t")
    folder.close()
    with pytest.raises(ConfigurationError, match="expected topic u, got one of t"):
        opened(tmp_path, "u")
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(ConfigurationError, match="expected a manifest"):
        read_manifest(tmp_path)


def test_readers_never_stumble_over_compaction(tmp_path: Path, opened: Opener) -> None:
    folder = opened(tmp_path / "d", "t")
    append(folder, [T0], 0)
    history, done, seen = ParquetHistory(tmp_path), threading.Event(), [1]

    def read() -> None:
        while not done.is_set():
            seen.append(len(history.range(SERIES, 0, T0 * 2)))

    reader = threading.Thread(target=read)
    reader.start()
    for offset in range(1, 100):
        append(folder, [T0 + offset], offset)
        folder.compact(day_of(T0))
    done.set()
    reader.join(30)
    assert not reader.is_alive()
    assert seen == sorted(seen)
    assert len(values(tmp_path)) == 100


def test_parquet_and_memory_say_the_same(tmp_path: Path, opened: Opener) -> None:
    chance = random.Random(7)
    memory, folder = ListHistory(), opened(tmp_path / "d", "t")
    times = [T0 + chance.randrange(3 * DAY_MS) for _ in range(500)]
    for offset in range(0, 500, 50):
        append(folder, times[offset : offset + 50], offset)
    for offset, time in enumerate(times):
        memory.add(Reading(SERIES, time, float(offset)))
    history = ParquetHistory(tmp_path)
    for _ in range(20):
        start, end = sorted((T0 + chance.randrange(3 * DAY_MS), T0 + chance.randrange(3 * DAY_MS)))
        assert history.range(SERIES, start, end) == memory.range(SERIES, start, end)
