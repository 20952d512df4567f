"""`citybrain series`: what a person has to say of one series to the detectors that watch it."""

import json
from typing import Annotated

import typer

from streams.commands.cluster import AsJson
from streams.server_client import ServerClient
from streams.settings import load_settings
from topics.errors import ConfigurationError

app = typer.Typer(help="Say something of one series to its detectors.", no_args_is_help=True, add_completion=False)


@app.callback()
def series() -> None:
    """Say something of one series to its detectors."""


@app.command("new-normal")
def new_normal(
    name: Annotated[str, typer.Argument(help="series id: site/device/quantity/statistic")],
    reason: Annotated[str, typer.Option(help="why, for the record")],
    by: Annotated[str, typer.Option(help="who says so, where the server has no accounts")] = "",
    server: Annotated[str | None, typer.Option(help="the alert server, e.g. http://127.0.0.1:8400")] = None,
    as_json: AsJson = False,
) -> None:
    """What the series shows now is healthy: its detectors learn it at once instead of after six hours.

    The alert server puts on its record, which is chained, who said it of which series and why, and then the word into
    the log of the series' readings, so that every replay hears it at the same place; open findings of the series, and
    so their alarms, say it too. Limits stay as they are.
    """
    if not reason.strip():
        raise ConfigurationError(f"--reason: expected some words, got {reason!r}")
    body = {"series": name, "who": by.strip(), "note": reason.strip()}
    told = ServerClient(load_settings(), server).post("/api/series/new-normal", body)
    print(json.dumps(told, ensure_ascii=False) if as_json else f"{name}: new normal from now on, said {told['by']}")
