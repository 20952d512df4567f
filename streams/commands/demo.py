"""`citybrain demo`: play a city day through the whole system, and say what became of every event."""

import json
import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from streams.clients import complain_seldom
from streams.day_report import kept_promise
from streams.demo import PRIMED_DAYS, Demonstration, Listener, write_report
from streams.lead_report import lead_text
from streams.one_machine import Machine
from streams.settings import Settings, load_settings
from streams.sources.simulator.desk_acts import load_demo_day

#: Exit status of a run that was ended by a signal, as shells have it.
INTERRUPTED = 130


def command(
    once: Annotated[
        bool, typer.Option("--once", help="end when the day is over, non-zero if anything was lost")
    ] = False,
    report: Annotated[Path | None, typer.Option(help="write the figures into this file, JSON")] = None,
    data_dir: Annotated[str | None, typer.Option(help="folder of the run; emptied first")] = None,
    primed_days: Annotated[
        int, typer.Option(min=2, help="generated days before the day, which the models learn from")
    ] = PRIMED_DAYS,
    as_json: Annotated[bool, typer.Option("--json", help="print the figures as one JSON object")] = False,
) -> None:
    settings = load_settings(data_dir=data_dir or f"{load_settings().data_dir}/demo")
    _end_on_signals()
    complain_seldom()
    console = Console(stderr=True)
    with _progress(console) as progress:
        listener = _listener(progress, console, settings)
        run = Demonstration(settings, listener, primed_days, acts=load_demo_day())

        def stay(machine: Machine, figures: dict[str, Any]) -> None:
            progress.stop()
            _tell(console, figures)
            wall = f"http://127.0.0.1:{settings.server_port}/"
            console.print(f"\nThe wall: [bold]{wall}[/]   console: {wall}console   Ctrl-C ends it all.")
            _until_interrupted(machine)

        try:
            figures = run.run(None if once else stay)
        except KeyboardInterrupt:
            print("ended before the day was over; all parts have ended", file=sys.stderr)
            raise typer.Exit(INTERRUPTED) from None
    if report is not None:
        write_report(figures, report)
    if as_json:
        print(json.dumps(figures, ensure_ascii=False))
    elif once:
        _tell(console, figures)
    raise typer.Exit(0 if kept_promise(figures) else 1)


def _end_on_signals() -> None:
    """SIGTERM ends the run like Ctrl-C; and Ctrl-C does so even where a shell has started us with it switched off."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))


def _progress(console: Console) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
    )


def _listener(progress: Progress, console: Console, settings: Settings) -> Listener:
    task = progress.add_task("starting", total=None)
    zone = ZoneInfo(settings.zone)
    last = [0]

    def say(text: str) -> None:
        if console.is_terminal:
            progress.update(task, description=text, total=None)
        else:
            print(text, file=sys.stderr, flush=True)

    def day(start: int, now: int, end: int) -> None:
        clock = datetime.fromtimestamp(now / 1000, UTC).astimezone(zone).strftime("%H:%M:%S")
        if console.is_terminal:
            text = f"city time {clock}  wall http://127.0.0.1:{settings.server_port}/"
            progress.update(task, description=text, total=end - start, completed=now - start)
        elif now - last[0] >= 2 * 3_600_000 or now == end:
            last[0] = now
            print(f"city time {clock}", file=sys.stderr, flush=True)

    return Listener(say, day)


def _until_interrupted(machine: Machine) -> None:
    done = threading.Event()
    try:
        while not done.wait(0.5):
            machine.supervisor.check()
    except KeyboardInterrupt:
        print("ending all parts", file=sys.stderr)


def _tell(console: Console, figures: dict[str, Any]) -> None:
    table = Table("what", "how many", title="A city day, simulated, through the real system")
    for name, number in figures["events_in"].items():
        table.add_row(f"events in, {name}", f"{number:,}")
    for reason, number in figures["dead_lettered"].items():
        table.add_row(f"dead letters, {reason}", f"{number:,}")
    table.add_row("unregistered", f"{figures['unregistered']:,}")
    table.add_row("findings", f"{figures['findings']:,}")
    for domain, by_severity in figures["alerts"].items():
        text = ", ".join(f"{number} {severity}" for severity, number in by_severity.items())
        table.add_row(f"alarms, {domain}", text)
    came = figures["meant"] - len(figures["not_raised"])
    table.add_row("alarms that the day means / that came", f"{figures['meant']} / {came}")
    for each in figures["not_raised"]:
        table.add_row("  did not come", " ".join(each.values()))
    table.add_row(
        "warnings due / delivered / signed for", f"{figures['due']} / {figures['delivered']} / {figures['signed_for']}"
    )
    table.add_row("event on the topic to alarm in the store, p50 / p95 / p99 / max ms", _latency(figures["latency_ms"]))
    for event in figures["lead_time"]:
        table.add_row(f"first warning before: {event['title']['en']}", lead_text(event))
    table.add_row("lost / duplicated", f"{figures['lost']} / {figures['duplicated']}")
    console.print(table)


def _latency(latency: dict[str, float]) -> str:
    return " / ".join(f"{latency[name]:g}" for name in ("p50", "p95", "p99", "max"))
