"""Read the Tennessee Eastman runs: `d00.csv`, `d00_te.csv` and `d01_te.csv` to `d21_te.csv`, 52 channels each."""

import csv
from pathlib import Path

import numpy as np

from detectors.base import FloatArray
from detectors.benchmarks.multivariate import TEP_FAULTS
from topics.errors import ConfigurationError

CHANNELS = (*(f"XMEAS_{number}" for number in range(1, 42)), *(f"XMV_{number}" for number in range(1, 12)))
HEALTHY, HELD_OUT = "d00", "d00_te"


def absent(data: Path) -> str | None:
    """Which file of the benchmark is not in this folder; ``None`` where all are."""
    names = [HEALTHY, HELD_OUT, *(f"d{fault:02d}_te" for fault in TEP_FAULTS)]
    missing = [name for name in names if not (data / f"{name}.csv").is_file()]
    if not missing:
        return None
    return f"{data / missing[0]}.csv is not there ({len(missing)} of the {len(names)} runs are missing)"


def read_tep(data: Path) -> tuple[FloatArray, FloatArray, dict[int, FloatArray]]:
    """The healthy run, the one held out, and a run for each fault; rows of ``CHANNELS``. Time and labels stay behind.

    Raises ``ConfigurationError`` for a file without these columns or with a value that is no number.
    """
    tests = {fault: _run(data / f"d{fault:02d}_te.csv") for fault in TEP_FAULTS}
    return _run(data / f"{HEALTHY}.csv"), _run(data / f"{HELD_OUT}.csv"), tests


def _run(path: Path) -> FloatArray:
    rows = []
    with path.open(encoding="utf-8", newline="") as lines:
        for number, line in enumerate(csv.DictReader(lines), start=2):
            try:
                rows.append([float(line[name]) for name in CHANNELS])
            except (KeyError, TypeError, ValueError) as error:
                raise ConfigurationError(
                    f"{path}: line {number}: expected a number in each channel, {error!r}"
                ) from None
    found: FloatArray = np.array(rows, np.float64)
    return found
