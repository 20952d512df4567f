"""Labelled tables of strangers: what is taken, what is left out, what is refused and in which words."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from streams.commands.bench import app
from streams.labelled_csv import read_csv
from topics.errors import ConfigurationError

HEAD = "datetime;pressure;flow;remark;empty;anomaly;changepoint"
ROWS = [
    "2020-03-09 10:14:33;1.5;30;ok;;0.0;0.0",
    "2020-03-09 10:14:34;;31;ok;;0.0;0.0",
    "2020-03-09 10:15:34;inf;32;ok;;1.0;1.0",
]
IGNORE = frozenset({"changepoint"})


def written(folder: Path, *lines: str) -> Path:
    path = folder / "valve.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_one_slip_of_the_pen_that_takes_a_channel_away_is_named(tmp_path: Path) -> None:
    slip = written(tmp_path, HEAD, *ROWS[:2], ROWS[2].replace(";32;", ";3 2;"))
    read = read_csv(slip, ";", "datetime", "anomaly", IGNORE)
    assert read.left_out["flow"] == "text, first '3 2' in line 4"


def test_numbers_are_channels_and_the_rest_is_left_out_by_name(tmp_path: Path) -> None:
    read = read_csv(written(tmp_path, HEAD, *ROWS), ";", "datetime", "anomaly", IGNORE)
    assert read.channels == ["pressure", "flow"]
    said = "text, first 'ok' in line 2"
    assert read.left_out == {"changepoint": "asked for", "remark": said, "empty": "no values"}
    np.testing.assert_array_equal(read.table.values, [[1.5, 30], [np.nan, 31], [np.nan, 32]])
    assert read.table.label.tolist() == [False, False, True]
    assert read.time[0] == "2020-03-09 10:14:33"


def test_a_gap_in_time_parts_the_rows(tmp_path: Path) -> None:
    times = [0, 1, 2, 60, 61, 62, 5, 6]  # a gap, then a clock that goes back
    read = read_csv(written(tmp_path, "t,x,y", *(f"{t},1,0" for t in times)), ",", "t", "y", frozenset())
    assert read.table.joined.tolist() == [True, True, True, False, True, True, False, True]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ((HEAD, ROWS[0].replace(";0.0;0.0", ";2;0.0")), "line 2: anomaly: expected 0 or 1, got '2'"),
        ((HEAD, ROWS[0], "2020-03-09 10:14:34;1"), "line 3: expected 7 fields separated by ';', got 2"),
        (("datetime;anomaly;changepoint", "1;0;0"), "expected columns of numbers beside datetime and anomaly"),
        (("a;b", "1;2"), "expected a column 'datetime', got a, b"),
        ((HEAD,), "expected a header of different names and rows"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(tmp_path: Path, lines: tuple[str, ...], says: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        read_csv(written(tmp_path, *lines), ";", "datetime", "anomaly", IGNORE)
    assert says in str(refusal.value)


def plant(folder: Path, rows: int = 500, onset: int = 380) -> Path:
    """Two channels that hang together until a valve closes."""
    noise = np.random.default_rng(5)
    level = np.convolve(noise.standard_normal(rows + 20), np.ones(20) / 5, "valid")[:rows]
    values = np.column_stack([level, 2 * level]) + 0.1 * noise.standard_normal((rows, 2))
    label = np.zeros(rows, int)
    label[onset : onset + 60] = 1
    values[label == 1, 1] -= 6.0
    lines = [f"{second},{a:.4f},{b:.4f},{y}" for second, ((a, b), y) in enumerate(zip(values, label, strict=True))]
    return written(folder, "t,a,b,y", *lines)


def test_the_command_finds_a_closed_valve_and_writes_every_row(tmp_path: Path) -> None:
    scores = tmp_path / "scores.csv"
    asked = ["csv", "--data", str(plant(tmp_path)), "--time", "t", "--label", "y", "--train-rows", "300", "--json"]
    done = CliRunner().invoke(app, [*asked, "--scores", str(scores)])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["episodes"]["found"] == 1 and told["mar"] < 0.5 and told["auroc"] > 0.8
    assert told["f1"] > told["always_alarm_f1"]
    with scores.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 500 and rows[0]["time"] == "0"
    assert {row["flag"] for row in rows[300:380]} == {"0"}


def test_labels_change_no_score(tmp_path: Path) -> None:
    """The label is read when the scores are out: other labels give the same scores."""
    asked = ["csv", "--time", "t", "--label", "y", "--train-rows", "300", "--json"]
    written_scores = []
    path = plant(tmp_path)
    for number in range(2):
        scores = tmp_path / f"{number}.csv"
        done = CliRunner().invoke(app, [*asked, "--data", str(path), "--scores", str(scores)])
        assert done.exit_code == 0, done.output
        written_scores.append(scores.read_text(encoding="utf-8"))
        head, *lines = path.read_text(encoding="utf-8").split("\n")
        path.write_text("\n".join([head, *(line[:-1] + "0" for line in lines)]), encoding="utf-8")
    assert written_scores[0] == written_scores[1]
