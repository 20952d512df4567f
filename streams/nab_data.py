"""Read the Numenta Anomaly Benchmark's own files: `<directory>/<file>.csv` and `combined_windows.json`."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np

from detectors.base import IntArray
from detectors.benchmarks.nab import Recording
from detectors.scoring.nab import LabelledFile
from topics.errors import ConfigurationError

WINDOWS = "combined_windows.json"


def absent(data: Path) -> str | None:
    """What is not there of the benchmark in this folder, ``None`` where all is: the windows and each file they name."""
    if not (data / WINDOWS).is_file():
        return (
            f"{data / WINDOWS} is not there: expected the folder with NAB's {WINDOWS} and its directories of CSV files"
        )
    missing = [name for name in _windows(data) if not (data / name).is_file()]
    return f"{data / missing[0]} is not there ({len(missing)} of NAB's files are missing)" if missing else None


def read_nab(data: Path) -> list[Recording]:
    """All files in order of name. Raises ``ConfigurationError`` for a line or a window that cannot be read."""
    return [_recording(data, name, windows) for name, windows in sorted(_windows(data).items())]


def _windows(data: Path) -> dict[str, list[tuple[str, str]]]:
    try:
        return msgspec.json.decode((data / WINDOWS).read_bytes(), type=dict[str, list[tuple[str, str]]])
    except msgspec.MsgspecError as error:
        raise ConfigurationError(f"{data / WINDOWS}: expected windows by file, {error}") from None


def _recording(data: Path, name: str, windows: list[tuple[str, str]]) -> Recording:
    times, values = [], []
    with (data / name).open(encoding="utf-8", newline="") as lines:
        for number, line in enumerate(csv.DictReader(lines), start=2):
            try:
                times.append(_ms(line["timestamp"]))
                values.append(float(line["value"]))
            except (KeyError, TypeError, ValueError):
                raise ConfigurationError(
                    f"{data / name}: line {number}: expected timestamp,value, got {line}"
                ) from None
    t: IntArray = np.array(times, np.int64)
    bounds = [(_row(t, first, name), _row(t, last, name)) for first, last in windows]
    return Recording(LabelledFile(name, len(t), np.array(bounds, np.intp).reshape(-1, 2)), t, np.array(values))


def _ms(text: str) -> int:
    """The written time as if it were UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def _row(t: IntArray, text: str, name: str) -> int:
    """The first row of this time, as NAB's own harness takes it where a clock was set back."""
    found = np.flatnonzero(t == _ms(text))
    if not len(found):
        raise ConfigurationError(f"{WINDOWS}: {name}: expected a row of the file at {text}, got none")
    return int(found[0])
