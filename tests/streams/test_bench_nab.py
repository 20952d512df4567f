"""`citybrain bench nab` over a folder shaped like NAB's, and over folders that are not."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from streams.commands.bench import app
from streams.nab_data import absent, read_nab
from topics.errors import ConfigurationError


def written(folder: Path, windows: dict[str, list[list[str]]], rows: int = 400) -> Path:
    """Half hours from 2014-04-01; the value 9 in row 300 alone."""
    for name in windows:
        (folder / name).parent.mkdir(exist_ok=True)
        lines = ["timestamp,value"]
        for row in range(rows):
            day, half_hour = divmod(row, 48)
            time = f"2014-04-{day + 1:02} {half_hour // 2:02}:{half_hour % 2 * 30:02}:00"
            lines.append(f"{time},{9 if row == 300 else (row * 7 % 11) / 10}")
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "combined_windows.json").write_text(json.dumps(windows), encoding="utf-8")
    return folder


WINDOW = ["2014-04-07 05:00:00.000000", "2014-04-07 08:00:00.000000"]
CORPUS = {"works/pump.csv": [WINDOW], "works/fan.csv": [], "city/river.csv": [WINDOW]}


def run(*args: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["nab", *args])
    return result.exit_code, result.stdout, result.stderr


def test_windows_are_rows_both_ends_included(tmp_path: Path) -> None:
    river, _fan, pump = read_nab(written(tmp_path, CORPUS))
    assert [river.file.name, pump.file.name] == ["city/river.csv", "works/pump.csv"]
    assert pump.file.windows.tolist() == [[6 * 48 + 10, 6 * 48 + 16]]
    assert (pump.x[300], pump.file.rows) == (9.0, 400)


def test_it_prints_one_object_with_the_three_profiles(tmp_path: Path) -> None:
    status, out, err = run("--data", str(written(tmp_path, CORPUS)), "--json")
    told = json.loads(out)
    assert status == 0
    assert "judging 1,200 rows of 3 files" in err
    for profile in ("standard", "low_fp", "low_fn"):
        assert {"oracle", "cross_directory"} <= told[profile].keys()
    assert told["standard"]["oracle"] > 40


def test_people_read_our_figures_beside_those_of_others(tmp_path: Path) -> None:
    status, out, _ = run("--data", str(written(tmp_path, CORPUS)))
    assert status == 0
    assert "threshold from other directories" in out
    assert "windowed Gaussian" in out
    assert "ARTime" in out
    assert "our scorer does NOT agree" in out  # for these are other files


def test_without_the_data_it_says_what_is_missing_and_is_skipped(tmp_path: Path) -> None:
    status, out, err = run("--data", str(tmp_path / "nowhere"), "--json")
    assert status == 0
    assert "nowhere/combined_windows.json is not there" in json.loads(out)["skipped"]
    assert err.startswith("skipped: ")
    written(tmp_path, CORPUS)
    (tmp_path / "city/river.csv").unlink()
    assert absent(tmp_path) == f"{tmp_path}/city/river.csv is not there (1 of NAB's files are missing)"


def test_a_window_that_starts_at_no_row_is_refused(tmp_path: Path) -> None:
    written(tmp_path, {"works/pump.csv": [["2014-04-07 05:01:00", WINDOW[1]]]})
    with pytest.raises(
        ConfigurationError,
        match=r"combined_windows.json: works/pump.csv: expected a row of the file at 2014-04-07 05:01:00",
    ):
        read_nab(tmp_path)


def test_a_line_that_is_no_reading_is_named(tmp_path: Path) -> None:
    written(tmp_path, CORPUS)
    (tmp_path / "works/fan.csv").write_text("timestamp,value\n2014-04-01 00:00:00,warm\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"works/fan.csv: line 2: expected timestamp,value"):
        read_nab(tmp_path)
