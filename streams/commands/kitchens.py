"""`citybrain kitchens`: kitchens under cameras, asked of the alert server."""

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

app = typer.Typer(help="Kitchens under cameras.", no_args_is_help=True, add_completion=False)

ZONE = ZoneInfo("Asia/Shanghai")
Server = Annotated[str | None, typer.Option("--server", help="the alert server")]


@app.command()
def plan(server: Server = None, as_json: AsJson = False) -> None:
    """Kitchens by their next visit: score, what was seen, cameras that do not see."""
    found = ServerClient(load_settings(), server).get("/api/kitchens")
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    table = Table("next visit", "kitchen", "score", "level", "class 1, 2, 3", "cameras that do not see")
    for each in found["kitchens"]:
        table.add_row(*(escape(cell) for cell in _kitchen(each)))
    Console(highlight=False).print(table)


@app.command()
def weekly(
    week: Annotated[str, typer.Argument(help="YYYY-Www; without it the city's week")] = "",
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """The list of a week: what is routine, by kitchen."""
    found = ServerClient(load_settings(), server).get("/api/kitchens/weekly", week=week or None)
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    table = Table("kitchen", "what", "matters", "times seen", title=found["week"])
    for each in found["items"]:
        cells = (each["site"], each["what_title"]["en"], str(each["matters"]), str(each["times"]))
        table.add_row(*(escape(cell) for cell in cells))
    Console(highlight=False).print(table)


def _kitchen(row: dict[str, Any]) -> tuple[str, ...]:
    due = dt.datetime.fromtimestamp(row["due"] / 1000, ZONE).strftime("%Y-%m-%d %H:%M")
    counts = ", ".join(str(each) for each in row["counts"])
    unseeing = ", ".join(each["camera"] for each in row["cameras"] if each["fault"])
    return due, row["site"], f"{row['score']:g}", row["colour"], counts, unseeing
