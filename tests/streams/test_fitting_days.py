"""Fitting from the history: equal histories give equal bytes, however the files lie, and what is missing is kept."""

from pathlib import Path

import numpy as np
import pytest

from detectors.models import Models, unpacked
from streams.fit_report import fit_report, fresh_classes, lines
from streams.fitting_days import DAY_MS, Fitted, fit_from_history
from streams.history_days import HistoryDays, reached
from streams.history_folder import HistoryFolder, Place
from tests.detectors.small_pack import START
from tests.streams.drifting_works import Works, table
from topics.city_zone import day_of
from topics.errors import PartMissing
from topics.reading import Reading


def fitted(works: Works, root: Path, days: float = 4, most: int = 100, before: Models | None = None) -> Fitted:
    with HistoryDays(root, works.domain.name) as history:
        window = (works.now - int(days * DAY_MS), works.now)
        return fit_from_history(works.domain, works.registry(), history, window, most, before)


def test_equal_histories_give_equal_bytes_however_the_files_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    works, again = Works("works", 24, drift=99), Works("works", 24, drift=99)
    works.keep(tmp_path / "one", 4)
    again.keep(tmp_path / "other", 4, flush_rows=777)
    with HistoryFolder(tmp_path / "other" / "works", again.domain.topic) as folder:
        while folder.compact(day_of(again.now) + 9):
            pass
    found = fitted(works, tmp_path / "one")
    monkeypatch.setattr("streams.history_days.PIECE_ROWS", 1_000)
    assert fitted(again, tmp_path / "other").models == found.models
    assert (found.series, found.of, found.readings) == (24, 24, 24 * 144 * 4)
    models = unpacked(found.models)
    assert models.fitted_until == works.now and models.table.classes == ("", "probe") and "probe" in models.forests


def test_a_gap_in_the_history_rejects_nothing_after_it(tmp_path: Path) -> None:
    works = Works("works", 10, drift=99)
    readings = [each for each in works.days(1) if isinstance(each, Reading)]
    kept = [each for each in readings if not START + 6 * 3_600_000 <= each.time < START + 9 * 3_600_000]
    with HistoryFolder(tmp_path / "works", works.domain.topic) as folder:
        folder.append(table(kept, 0), {})
    rows = fitted(works, tmp_path, days=1).rows
    assert rows == {}  # nothing is ready within a day …
    works.keep(tmp_path, 3)
    assert fitted(works, tmp_path, days=4).rows["probe"] > 10 * 100  # … and after the gap it goes on


def test_what_was_sent_again_counts_where_it_was_measured(tmp_path: Path) -> None:
    works, again = Works("works", 12, drift=99), Works("works", 12, drift=99)
    works.keep(tmp_path / "one", 3)
    readings = [each for each in again.days(3) if isinstance(each, Reading)]
    late, rest = readings[1_000:1_100], readings[:1_000] + readings[1_100:]
    with HistoryFolder(tmp_path / "other" / "works", again.domain.topic) as folder:
        folder.append(table(rest, 0), {})
        folder.append(table([*late, *readings[:50]], len(rest)), {})  # and some came twice
    assert fitted(again, tmp_path / "other").models == fitted(works, tmp_path / "one").models


def test_only_so_many_series_of_a_class_teach(tmp_path: Path) -> None:
    works = Works("works", 20, drift=99)
    works.keep(tmp_path, 1)
    found = fitted(works, tmp_path, days=1, most=5)
    assert (found.series, found.of, found.readings) == (5, 20, 5 * 144)


def test_a_class_with_too_few_rows_keeps_what_it_has(tmp_path: Path) -> None:
    works = Works("works", 40, drift=99)
    works.keep(tmp_path, 4)
    whole = fitted(works, tmp_path)
    before = unpacked(whole.models)
    few = fitted(works, tmp_path, days=1, before=before)
    now = unpacked(few.models)
    assert now.table.classes == before.table.classes and now.fitted_until == before.fitted_until
    np.testing.assert_array_equal(now.table.parts, before.table.parts)
    assert now.forests.keys() == before.forests.keys()
    report = fit_report(few, before)
    assert fresh_classes(report) == [] and report["classes"]["probe"]["kept"]
    assert "probe: 0 healthy rows, too few rows: keeps what is in force, forest" in lines(report)
    first = fit_report(whole, None)
    assert fresh_classes(first) == ["probe"] and first["classes"]["probe"]["rows"] == whole.rows["probe"]
    assert first["classes"]["probe"]["thresholds"]["rate_of_change"][0] is None
    assert first["classes"]["probe"]["thresholds"]["rate_of_change"][1] > 2.0
    assert any("one reading in 10,000 scores" in line for line in lines(first))


def test_unknown_series_teach_nothing_and_no_history_is_told(tmp_path: Path) -> None:
    works = Works("works", 10, drift=99)
    with pytest.raises(PartMissing, match="citybrain history"):
        fitted(works, tmp_path)
    stranger = Reading("elsewhere/p1/temp/Rtd", START, 20.0)
    with HistoryFolder(tmp_path / "works", works.domain.topic) as folder:
        folder.append(table([stranger], 0), {0: Place(1, 0, 1, START + 5), 1: Place(0, -1, 0, START)})
    found = fitted(works, tmp_path, days=1)
    assert (found.series, found.readings) == (0, 0)
    assert reached(tmp_path, "works", 2, START) and not reached(tmp_path, "works", 2, START + 1)
    assert not reached(tmp_path, "works", 3, START) and not reached(tmp_path, "other", 1, START)
