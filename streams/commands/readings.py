"""`citybrain readings`: the very readings that a finding gives as its origin."""

import datetime as dt
import json
import sys
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from streams.commands.cluster import AsJson, Brokers, settings_of
from streams.log_reading import records_between
from topics.codec import decode_fetch
from topics.errors import CityBrainError, ConfigurationError
from topics.reading import TICK

app = typer.Typer(help="The readings behind a finding.", no_args_is_help=True, add_completion=False)


@app.callback()
def readings() -> None:
    """The readings behind a finding."""


@app.command()
def show(
    topic: Annotated[str, typer.Argument(help="as a finding's origin names it, e.g. readings.pollution")],
    partition: Annotated[int, typer.Argument(min=0)],
    offsets: Annotated[str, typer.Argument(help="one offset, or the first and the last: 1200..1260")],
    series: Annotated[str | None, typer.Option(help="only this series; a partition holds many")] = None,
    limit: Annotated[int, typer.Option(min=1, help="at most so many, the oldest")] = 1_000,
    brokers: Brokers = None,
    as_json: AsJson = False,
) -> None:
    """Exactly these records, with their offsets; exit status 1 if none of them is kept any more.

    Of a series that was silent there are the ticks of city time which found it so."""
    settings = settings_of(brokers)
    first, last = span(offsets)
    found: list[dict[str, Any]] = []
    ticks: list[dict[str, Any]] = []
    for record in records_between(settings.kafka, topic, partition, first, last):
        if len(found) == limit:
            print(f"the first {limit} are shown; --limit shows more", file=sys.stderr)
            break
        row = _row(record)
        if series is None or row.get("series") == series:
            found.append(row)
        elif row.get("series") == TICK and len(ticks) < limit:
            ticks.append(row)
    if ticks and not found:
        print(f"{series} said nothing here: these ticks of city time found it silent", file=sys.stderr)
        found = ticks
    if not found:
        raise CityBrainError(
            f"{topic}:{partition}:{offsets}: expected readings there, got none "
            "(kept too long ago, never written, or of another series)"
        )
    if as_json:
        print(json.dumps({"topic": topic, "partition": partition, "readings": found}, ensure_ascii=False))
        return
    zone = ZoneInfo(settings.zone)
    table = Table("offset", "event time", "series", "value", "flag", "source")
    for row in found:
        table.add_row(*(escape(each) for each in _cells(row, zone)))
    Console().print(table)


def span(text: str) -> tuple[int, int]:
    """``1200..1260`` or ``1200`` as first and last offset. Raises ``ConfigurationError``."""
    first, _, last = text.partition("..")
    last = last or first
    if not (first.isdecimal() and last.isdecimal()) or int(last) < int(first):
        raise ConfigurationError(f"offsets: expected one as 1200, or first..last as 1200..1260, got {text!r}")
    return int(first), int(last)


def _row(record: Any) -> dict[str, Any]:
    """A record as JSON: the reading's own fields, or why it is none."""
    head = {"offset": record.offset, "stamp": record.timestamp}
    refused = decode_fetch([record.value]).refused
    if refused:
        return head | {"problem": f"{refused[0].reason}: {refused[0].detail}"}
    said: dict[str, Any] = json.loads(record.value)
    return head | said


def _cells(row: dict[str, Any], zone: ZoneInfo) -> tuple[str, ...]:
    if "problem" in row:
        return str(row["offset"]), "", "", "", "", row["problem"]
    moment = dt.datetime.fromtimestamp(row["time"] / 1000, zone).strftime("%Y-%m-%d %H:%M:%S")
    value = row.get("value")
    shown = (
        row.get("ref", "")
        if row["series"].startswith("~")
        else "–"
        if value is None
        else f"{value} {row.get('unit', '')}"
    )
    return str(row["offset"]), moment, row["series"], shown.strip(), row.get("flag", "N"), row.get("source", "")
