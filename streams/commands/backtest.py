"""`citybrain backtest`: the live kernel over past readings, and how well it found what people say was there."""

import json
import sys
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from detectors.calibration import DEFAULT_RATE
from streams.backtesting.look_back import Asked, LookedBack, look_back
from streams.commands.cluster import AsJson, Brokers, Domains, settings_of
from streams.lead_report import long_text

FileOf: TypeAlias = Annotated[
    Path | None, typer.Option("--csv", "--parquet", help="readings: series,time,value[,flag][,backfill]", exists=True)
]
UseHistory: TypeAlias = Annotated[bool, typer.Option("--history", help="what `citybrain history` has kept")]
UseTopic: TypeAlias = Annotated[bool, typer.Option("--topic", help="the readings topic, controls and all")]
Start: TypeAlias = Annotated[
    str | None, typer.Option("--from", help="ISO 8601: event time (CSV, history) or Kafka's stamp (topic)")
]
End: TypeAlias = Annotated[str | None, typer.Option("--to", help="event time, ISO 8601 (CSV, history)")]
Registered: TypeAlias = Annotated[
    bool, typer.Option("--registry", help="judge what the cluster's registry knows; a topic always does")
]
LabelFile: TypeAlias = Annotated[
    Path | None, typer.Option("--labels", help="CSV: series,start,end,label[,event]", exists=True)
]
UseVerdicts: TypeAlias = Annotated[bool, typer.Option("--verdicts", help="verdicts of the desk, from the alert server")]
ModelFile: TypeAlias = Annotated[
    Path | None, typer.Option("--models", help="bundle of models (`fit --save`)", exists=True)
]
FitDays: TypeAlias = Annotated[
    float, typer.Option("--fit-days", min=0, help="learn models from so many first days, and tell nothing of them")
]
Rate: TypeAlias = Annotated[float, typer.Option("--rate", min=1e-6, help="false alerts per sensor and day")]
TickS: TypeAlias = Annotated[
    int, typer.Option("--tick-s", min=1, help="event time between two ticks where the source has none (CSV, history)")
]


def command(
    domain: Annotated[str, typer.Option(help="whose pack judges")],
    file: FileOf = None,
    history: UseHistory = False,
    topic: UseTopic = False,
    start: Start = None,
    end: End = None,
    from_offset: Annotated[int | None, typer.Option("--from-offset", min=0, help="topic: first offset")] = None,
    labels: LabelFile = None,
    verdicts: UseVerdicts = False,
    registry: Registered = False,
    models: ModelFile = None,
    fit_days: FitDays = 0.0,
    rate: Rate = DEFAULT_RATE,
    tick_s: TickS = 60,
    operators: Annotated[int, typer.Option(min=1, help="people who share the alarms")] = 1,
    report: Annotated[Path | None, typer.Option(help="write an HTML report with plots to this file")] = None,
    plots: Annotated[int, typer.Option(min=0, help="at most so many plots in it")] = 20,
    domains: Domains = None,
    brokers: Brokers = None,
    as_json: AsJson = False,
) -> None:
    settings = settings_of(brokers, domains=domains)
    asked = Asked(
        domain, file, history, topic, start, end, from_offset, labels, verdicts, registry, models, fit_days, rate,
        tick_s, operators, report is not None, plots, domains is not None,
    )  # fmt: skip
    with bar("judging") as progress, closing(look_back(settings, asked)) as work:
        task = progress.add_task("judging", total=None)
        done = work.run(lambda judged, total: progress.update(task, completed=judged, total=total or None))
    if report is not None:
        report.write_text(done.page, encoding="utf-8")
    if as_json:
        print(json.dumps(done.figures | {"findings": done.findings}, ensure_ascii=False))
        return
    _tell(done)
    if report is not None:
        print(f"report: {report}", file=sys.stderr)


def bar(what: str) -> Progress:
    """A progress bar on standard error, where that is a terminal."""
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )


def _tell(done: LookedBack) -> None:
    figures = done.figures
    table = Table("what", "", title=f"{figures['domain']}, {figures['source']}")
    for name, text in _lines(figures):
        table.add_row(name, text)
    Console().print(table)


def _lines(figures: dict[str, Any]) -> list[tuple[str, str]]:
    told = [
        ("readings of series", f"{figures['readings']:,} of {figures['sensors']}"),
        ("readings per processor second", f"{figures['readings_per_cpu_s']:,.0f}"),
        ("episodes / alarms", f"{figures['episodes']} / {figures['alarms']}"),
        ("alarms per operator-day", _plain(figures["alarms_per_operator_day"])),
    ]
    told += [(f"refused, {reason}", f"{count:,}") for reason, count in figures["refused"].items()]
    if "precision" in figures:
        low, high = figures["precision_95"]
        told += [
            ("precision (95 %)", f"{_plain(figures['precision'])} ({low:.2f} to {high:.2f})"),
            ("recall", f"{_plain(figures['recall'])}, {figures['found']} of {figures['events']}"),
            ("told too late, so missed", str(figures["late"])),
            ("median lead", _lead(figures["lead_min_median"])),
        ]
    told += [(f"episodes, {name}", str(each["episodes"])) for name, each in figures["by_detector"].items()]
    return told


def _lead(minutes: float | None) -> str:
    return "–" if minutes is None else long_text(minutes)


def _plain(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"
