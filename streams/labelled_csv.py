"""A labelled table of some process from a CSV file: whatever has a time, a label and channels that are numbers."""

import csv
import datetime as dt
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from detectors.base import BoolArray, FloatArray
from detectors.benchmarks.multivariate import LabelledTable, joined_rows
from topics.errors import ConfigurationError

#: Written where there is no value.
NOTHING = frozenset({"", "na", "n/a", "nan", "null", "none", "-"})
TRUE = frozenset({"1", "1.0", "true", "yes", "attack", "anomaly"})
FALSE = frozenset({"0", "0.0", "false", "no", "normal"})


@dataclass(frozen=True, slots=True)
class CsvTable:
    """``time``: as written, row by row; ``channels``: the judged columns; ``left_out``: the others, and why."""

    table: LabelledTable
    time: list[str]
    channels: list[str]
    left_out: dict[str, str]


def read_csv(path: Path, sep: str, time: str, label: str, ignore: frozenset[str]) -> CsvTable:
    """Read the file. Text columns, columns in which nothing came and those to ``ignore`` are left out.

    Raises ``ConfigurationError`` naming file, line and column for what cannot be: no such column, a label that is
    neither 0 nor 1, a row that is too short, no channel left.
    """
    header, rows = _rows(path, sep)
    for name in (time, label, *sorted(ignore)):
        if name not in header:
            raise ConfigurationError(f"{path}: expected a column {name!r}, got {', '.join(header)}")
    columns = {name: [row[place].strip() for row in rows] for place, name in enumerate(header)}
    left_out = {name: "asked for" for name in sorted(ignore)}
    channels: dict[str, FloatArray] = {}
    for name in header:
        if name in (time, label) or name in ignore:
            continue
        values = _numbers(columns[name])
        if values is None:
            left_out[name] = _first_text(columns[name])
        elif np.isnan(values).all():
            left_out[name] = "no values"
        else:
            channels[name] = values
    if not channels:
        raise ConfigurationError(f"{path}: expected columns of numbers beside {time} and {label}, got none")
    labels = np.array([_label(path, line, label, text) for line, text in enumerate(columns[label], start=2)], np.bool_)
    near = joined_rows(np.array([_moment(text) for text in columns[time]]))
    table = LabelledTable(np.column_stack(list(channels.values())), labels, near)
    return CsvTable(table, columns[time], list(channels), left_out)


def write_scores(path: Path, time: list[str], score: FloatArray, flag: BoolArray) -> None:
    """``time,score,flag`` for every row; no score where nothing can be said."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["time", "score", "flag"])
        for moment, value, on in zip(time, score.tolist(), flag.tolist(), strict=True):
            out.writerow([moment, "" if math.isnan(value) else f"{value:.6g}", int(on)])


def _rows(path: Path, sep: str) -> tuple[list[str], list[list[str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            read = csv.reader(lines, delimiter=sep)
            header = [name.strip() for name in next(read, [])]
            rows = [row for row in read if row]
    except (OSError, UnicodeDecodeError, csv.Error, TypeError) as error:
        raise ConfigurationError(f"{path}: expected a CSV file in UTF-8, got {error}") from None
    if len(set(header)) != len(header) or not rows:
        raise ConfigurationError(f"{path}: expected a header of different names and rows, got {header} and {len(rows)}")
    for line, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise ConfigurationError(
                f"{path}: line {line}: expected {len(header)} fields separated by {sep!r}, got {len(row)}"
            )
    return header, rows


def _numbers(texts: list[str]) -> FloatArray | None:
    """The values, NaN for none and for infinite ones; ``None`` where one of them is no number."""
    try:
        values = np.array([np.nan if text.lower() in NOTHING else float(text) for text in texts])
    except ValueError:
        return None
    finite: FloatArray = np.where(np.isfinite(values), values, np.nan)
    return finite


def _first_text(texts: list[str]) -> str:
    """Where a column is no column of numbers: a single slip of the pen must not take a channel away unseen."""
    line, text = next((line, text) for line, text in enumerate(texts, start=2) if _numbers([text]) is None)
    return f"text, first {text!r} in line {line}"


def _label(path: Path, line: int, name: str, text: str) -> bool:
    if text.lower() in TRUE:
        return True
    if text.lower() in FALSE:
        return False
    raise ConfigurationError(f"{path}: line {line}: {name}: expected 0 or 1, got {text!r}")


def _moment(text: str) -> float:
    """A number as it is, a written time in seconds, NaN for what is neither."""
    try:
        return float(text)
    except ValueError:
        pass
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return math.nan
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp()
