"""`citybrain verdicts`: what people said of alarms, by detector and sensor class, and settings to try."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from streams.commands.cluster import AsJson
from streams.server_client import ServerClient
from streams.settings import load_settings

app = typer.Typer(help="What people said of alarms.", no_args_is_help=True, add_completion=False)

Moment = Annotated[int | None, typer.Option(help="alarms that opened from/before this city time, ms UTC")]


@app.callback()
def verdicts() -> None:
    """What people said of alarms."""


@app.command()
def report(
    since: Moment = None,
    until: Moment = None,
    server: Annotated[str | None, typer.Option("--server", help="the alert server")] = None,
    as_json: AsJson = False,
) -> None:
    """Precision with its 95 % interval (Wilson) by detector and sensor class, and settings to try, with evidence."""
    query = {"from": since, "to": until}
    found = ServerClient(load_settings(), server).get("/api/verdicts/report", **query)
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    table = Table("detector", "sensor class", "judged", "precision", "interval", "what was said")
    for each in found["items"]:
        ratio = "" if each["precision"] is None else f"{each['precision']:.2f}"
        interval = f"{each['precision_low']:.2f}-{each['precision_high']:.2f}"
        said = ", ".join(f"{name} {count}" for name, count in each["reasons"].items())
        table.add_row(
            escape(each["detector"]), escape(each["sensor_class"]), str(each["judged"]), ratio, interval, said
        )
    console = Console(highlight=False)
    console.print(table)
    for each in found["suggestions"]:
        console.print(escape(f"{each['detector']} on {each['sensor_class']}: {each['text']['en']}"), soft_wrap=True)
    if found["suggestions"]:
        console.print("Nothing is applied: put it into a pack and try it with `citybrain shadow start`.")
