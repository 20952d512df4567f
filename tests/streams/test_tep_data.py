"""The runs of the Tennessee Eastman process, as files."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from detectors.base import FloatArray
from detectors.benchmarks.multivariate import TEP_FAULT_ROW, TEP_FAULTS, tep_figures
from streams.commands.bench import app
from streams.tep_data import CHANNELS, absent, read_tep
from topics.errors import ConfigurationError


def write(folder: Path, name: str, rows: int = 2) -> None:
    head = ",".join(["minute", *CHANNELS, "fault", "anomaly"])
    body = [",".join([str(row), *(str(row + place) for place in range(52)), "1", "1"]) for row in range(rows)]
    (folder / f"{name}.csv").write_text("\n".join([head, *body]), encoding="utf-8")


def test_the_command_says_which_run_is_missing(tmp_path: Path) -> None:
    write(tmp_path, "d00")
    done = CliRunner().invoke(app, ["tep", "--data", str(tmp_path), "--json"])
    assert done.exit_code == 0 and "d00_te.csv is not there (22 of the 23 runs are missing)" in done.output
    assert "skipped" in json.loads(done.stdout)


def test_runs_are_channels_without_time_and_labels(tmp_path: Path) -> None:
    for name in ("d00", "d00_te", *(f"d{fault:02d}_te" for fault in TEP_FAULTS)):
        write(tmp_path, name)
    assert absent(tmp_path) is None
    healthy, held_out, tests = read_tep(tmp_path)
    assert healthy.shape == held_out.shape == (2, 52) and sorted(tests) == list(range(1, 22))
    assert tests[7][1].tolist() == [float(1 + place) for place in range(52)]
    (tmp_path / "d07_te.csv").write_text("minute,XMEAS_1\n0,1\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"d07_te.csv: line 2: expected a number in each channel"):
        read_tep(tmp_path)


def test_rates_are_of_the_rows_after_the_onset_and_false_ones_of_those_before() -> None:
    noise = np.random.default_rng(2)

    def run(rows: int) -> FloatArray:
        return noise.standard_normal((rows, 3))

    tests = {fault: run(TEP_FAULT_ROW + 40) for fault in TEP_FAULTS}
    for fault in (1, 2):
        tests[fault][TEP_FAULT_ROW:] += 9.0
    told = tep_figures(run(300), run(300), tests)
    assert told["faults"]["1"] > 0.9 and told["faults"]["2"] > 0.9 and told["faults"]["5"] < 0.3
    assert told["false_alarm_rate"] < 0.05
    assert told["detection_rate_21"] == pytest.approx(np.mean(list(told["faults"].values())), abs=1e-3)
