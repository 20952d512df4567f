"""`citybrain bench csv`: the frozen configuration on labelled data that we have not seen."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from threadpoolctl import threadpool_limits

from detectors.benchmarks.multivariate import csv_figures
from streams.labelled_csv import read_csv, write_scores
from topics.errors import ConfigurationError


def labelled_csv(
    data: Annotated[Path, typer.Option(help="CSV file with a header: a time, a label and channels")],
    time: Annotated[str, typer.Option(help="column of the time, written as ISO 8601 or a number")],
    label: Annotated[str, typer.Option(help="column of the label, 0 or 1; read only once the scores are out")],
    train_rows: Annotated[int, typer.Option(min=30, help="so many rows at the beginning are healthy")],
    sep: Annotated[str, typer.Option(help="what stands between fields")] = ",",
    ignore: Annotated[str, typer.Option(help="columns to leave out, with commas between")] = "",
    scores: Annotated[Path | None, typer.Option(help="write time,score,flag of every row here")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on standard output")] = False,
) -> None:
    """F1 with its two error rates, ranking, episodes; over the rows after the training rows."""
    read = read_csv(data, sep, time, label, frozenset(name.strip() for name in ignore.split(",") if name.strip()))
    for name, why in read.left_out.items():
        print(f"left out: {name} ({why})", file=sys.stderr)
    if train_rows >= len(read.time):
        raise ConfigurationError(
            f"--train-rows: expected fewer than the file's {len(read.time)} rows, got {train_rows}"
        )
    try:
        with threadpool_limits(1):
            told, judged = csv_figures(read.table, train_rows)
    except ValueError as error:
        raise ConfigurationError(f"{data}: {error}") from None
    if scores is not None:
        write_scores(scores, read.time, judged.score, judged.flag)
    print(json.dumps(told) if as_json else "\n".join(lines(told)))


def lines(told: dict[str, Any]) -> list[str]:
    """The figures for people."""
    runs = told["episodes"]
    return [
        f"{told['channels']} channels, {told['rows']} rows after {told['train_rows']} for training, {told['detector']}",
        f"F1 {told['f1']} (an alarm that never ends: {told['always_alarm_f1']}), FAR {told['far']}, MAR {told['mar']}",
        f"AUROC {told['auroc']}, average precision {told['ap']}, VUS-PR {told['vus_pr']}",
        f"{runs['found']} of {runs['labelled']} labelled episodes found, {runs['false']} false",
    ]
