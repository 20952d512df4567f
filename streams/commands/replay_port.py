"""What `citybrain replay port-2015` does: the run, and its story for people or programs."""

import datetime as dt
import json
import sys
import tempfile
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from streams.settings import load_settings

MOMENTS = {"first-fire": "first fire", "first-blast": "first explosion", "second-blast": "second explosion"}


def play_port(speed: str, day: dt.date | None, in_process: bool, data_dir: str | None, as_json: bool) -> int:
    """Play it and tell it; 0 if the story was told as it must be. Raises ``typer.BadParameter`` for a wrong speed."""
    day = day or dt.datetime.now(ZoneInfo(load_settings().zone)).date()
    figures = _in_process(day) if in_process else _whole(_speed(speed), day, data_dir)
    from streams.replays.port_run import kept

    if as_json:
        print(json.dumps(figures, ensure_ascii=False))
    else:
        _tell(Console(highlight=False), figures)
    return 0 if kept(figures) else 1


def _speed(said: str) -> float | None:
    if said == "max":
        return None
    try:
        speed = float(said)
    except ValueError:
        speed = 0.0
    if not 0 < speed <= 1e5:
        raise typer.BadParameter(f"--speed: expected max or a number above 0 and up to 100000, got {said!r}")
    return speed


def _in_process(day: dt.date) -> dict[str, Any]:
    from alerts.store import Store
    from streams.packs import load_packs
    from streams.replays.port_chain import play_chain

    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{Path(folder) / 'store.db'}")
        try:
            played = play_chain(load_packs(load_settings().domains), store, day)
        finally:
            store.close()
    return played.story.figures() | {"events": played.events, "readings": played.readings, "findings": played.findings}


def _whole(speed: float | None, day: dt.date, data_dir: str | None) -> dict[str, Any]:
    from streams.demo import Listener
    from streams.replays.port_run import PortNight

    settings = load_settings(data_dir=data_dir or f"{load_settings().data_dir}/port-2015")
    shown = [0]

    def day_goes(start: int, now: int, end: int) -> None:
        if now - shown[0] >= 3_600_000 or now == end:
            shown[0] = now
            clock = dt.datetime.fromtimestamp(now / 1000, ZoneInfo(settings.zone))
            print(f"city time {clock:%H:%M}", file=sys.stderr, flush=True)

    say = Listener(lambda text: print(text, file=sys.stderr, flush=True), day_goes)
    return PortNight(settings, say, day, speed, primed_days=2).run(None)


def _tell(console: Console, figures: dict[str, Any]) -> None:
    console.print(
        f"The port night of 12 August 2015, simulated, under the rules of {figures['rules_as_of']}", style="bold"
    )
    table = Table(
        Column("alert", overflow="fold", min_width=16), "reported or assumed",
        *(f"before the {title}" for title in MOMENTS.values()),
    )  # fmt: skip
    for each in figures["alerts"]:
        before = [each["minutes_before"][name] for name in MOMENTS]
        table.add_row(escape(each["title"]["en"]), each["basis"], *(_span(minutes) for minutes in before))
    console.print(table)
    console.print("who was told of it, before the first fire", style="bold")  # names too long for a column beside five
    for each in figures["alerts"]:
        told = ", ".join(f"{who} {_span(minutes)}" for who, minutes in each["told"].items())
        console.print(escape(f"{each['title']['en']}: {told or 'nobody'}"))
    console.print(
        "first told, before the first fire: " + ", ".join(f"{who} {_span(m)}" for who, m in figures["told"].items())
    )
    for each in figures["missed"]:
        console.print(escape(f"MISSED  {each}"), style="bold")
    if "system" in figures:
        system = figures["system"]
        console.print(
            f"{sum(system['events_in'].values()):,} events, {system['findings']:,} findings, lost {system['lost']}, "
            f"doubled {system['duplicated']}, due {system['due']}, signed for {system['signed_for']}"
        )


def _span(minutes: float | None) -> str:
    """Minutes in words; after the moment it says so."""
    if minutes is None:
        return "never"
    size = abs(minutes)
    text = f"{size / 1440:.1f} d" if size >= 2880 else f"{size / 60:.1f} h" if size >= 180 else f"{size:.1f} min"
    return f"{text} after" if minutes < 0 else text
