"""`citybrain safety`: statistics of safety production and the risk of firms, asked of the alert server."""

import json
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from streams.commands.cluster import AsJson
from streams.server_client import ServerClient
from streams.settings import load_settings

app = typer.Typer(help="Safety production: statistics and risk.", no_args_is_help=True, add_completion=False)

Server = Annotated[str | None, typer.Option("--server", help="the alert server")]
Domain = Annotated[str, typer.Option(help="the domain's name")]
District = Annotated[str | None, typer.Option(help="GB/T 2260 code")]
Csv = Annotated[Path | None, typer.Option(help="write the table to this file")]

#: What is printed of a report, with the words for it.
SHOWN = (
    ("accidents", "accidents"),
    ("deaths", "dead"),
    ("serious", "seriously injured"),
    ("alarms", "alarms"),
    ("alarms_per_point_day", "alarms a point and day"),
    ("online_percent", "online rate, %"),
    ("handling_median_s", "handling time, median, s"),
    ("handling_p90_s", "handling time, p90, s"),
    ("dangers_found", "hidden dangers found"),
    ("dangers_rectified", "hidden dangers put right"),
    ("dangers_overdue", "hidden dangers overdue"),
    ("visits_planned", "visits planned"),
    ("visits_done", "visits done"),
    ("commitments_missing", "commitments not given in time"),
)


@app.callback()
def safety() -> None:
    """Safety production: statistics and risk."""


@app.command()
def report(
    period: Annotated[str, typer.Argument(help="YYYY-MM-DD, YYYY-MM or YYYY, of the city")],
    district: District = None,
    firm: Annotated[str | None, typer.Option(help="credit code, or the name where there is none")] = None,
    domain: Domain = "safety",
    csv: Csv = None,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Statistics of a day, month or year beside the one before and the same a year before."""
    client = ServerClient(load_settings(), server)
    query = {"period": period, "domain": domain, "district": district, "firm": firm}
    found = client.get("/api/safety-figures", **query)
    if csv is not None:
        asked = {name: value for name, value in query.items() if value is not None} | {"format": "csv"}
        csv.write_bytes(client.fetch(f"/api/safety-figures?{urlencode(asked)}"))
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    before, year = found["before"], found["year_before"]
    table = Table("figure", found["period"], before["period"], "change", year["period"], "change")
    for name, words in SHOWN:
        cells = [found["total"][name], before["figures"][name], before["change"][name]]
        cells += [year["figures"][name], year["change"][name]]
        table.add_row(words, *(_number(each) for each in cells))
    console = Console(highlight=False)
    console.print(table)
    if found["running"]:
        console.print("It still runs: the others are counted as far as it has come.")


@app.command()
def risk(
    district: District = None,
    colour: Annotated[str | None, typer.Option(help="only firms of this colour")] = None,
    domain: Domain = "safety",
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Firms by risk, the worst first, each with its reasons."""
    query = {"district": district, "colour": colour, "domain": domain}
    found = ServerClient(load_settings(), server).get("/api/firm-risk", **query)
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    table = Table("colour", "points", "firm", "reasons")
    for each in found["items"]:
        reasons = "; ".join(f"{reason['text']['en']} ({_taken(reason)})" for reason in each["reasons"])
        table.add_row(escape(each["colour"]), f"{each['points']:.1f}", escape(each["title"]), escape(reasons))
    Console(highlight=False).print(table)


def _taken(reason: dict[str, Any]) -> str:
    return "red at once" if reason["direct"] else f"-{reason['points']:g}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"
