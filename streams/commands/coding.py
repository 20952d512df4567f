"""`citybrain coding`: first-station coding, asked of the alert server."""

import datetime as dt
import json
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from streams.commands.cluster import AsJson
from streams.server_client import ServerClient
from streams.settings import load_settings

app = typer.Typer(help="First-station coding: one code to the end.", no_args_is_help=True, add_completion=False)

DAY_MS = 86_400_000
ZONE = ZoneInfo("Asia/Shanghai")


@app.callback()
def coding() -> None:
    """First-station coding: one code to the end."""


@app.command()
def report(
    days: Annotated[int, typer.Option(min=1, max=366, help="how far back from the city's time")] = 7,
    kind: Annotated[str, typer.Option(help="uncoded-sale, broken-link or two-holders")] = "",
    server: Annotated[str | None, typer.Option("--server", help="the alert server")] = None,
    as_json: AsJson = False,
) -> None:
    """Faults of codes, and each firm's share of well-formed records, the poorest first."""
    client = ServerClient(load_settings(), server)
    now = int(client.get("/api/wall")["city_time"])
    found = client.get("/api/coding", since=now - days * DAY_MS, until=now + 1, kind=kind or None)
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    console = Console(highlight=False)
    console.print(", ".join(f"{count} {name}" for name, count in found["counts"].items()))
    faults = Table("time", "fault", "holder", "what is wrong")
    for each in found["faults"]:
        cells = (_moment(each["time"]), each["kind"], each["site"], each["text"]["en"])
        faults.add_row(*(escape(cell) for cell in cells))
    console.print(faults)
    firms = Table("firm", "records", "well formed", "share", "missing")
    for each in found["firms"]:
        firms.add_row(*(escape(cell) for cell in _firm(each)))
    console.print(firms)


def _firm(row: dict[str, Any]) -> tuple[str, ...]:
    missing = ", ".join(f"{name} {count}" for name, count in sorted(row["missing"].items()))
    return row["site"], str(row["records"]), str(row["well_formed"]), f"{100 * row['share']:.1f} %", missing


def _moment(time_ms: int) -> str:
    return dt.datetime.fromtimestamp(time_ms / 1000, ZONE).strftime("%Y-%m-%d %H:%M")
