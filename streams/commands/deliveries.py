"""`citybrain deliveries`: what was owed to whom over which channel, every try of it, and dead ones put back."""

import datetime as dt
import json
from typing import Annotated, Any, TypeAlias
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from streams.commands.cluster import AsJson
from streams.server_client import ServerClient
from streams.settings import Settings, load_settings
from topics.errors import ConfigurationError

app = typer.Typer(help="What reached whom over which channel.", no_args_is_help=True, add_completion=False)

Url: TypeAlias = Annotated[str | None, typer.Option("--server", help="the alert server, e.g. http://127.0.0.1:8400")]
Status: TypeAlias = Annotated[
    str | None, typer.Option("--status", help="pending, retrying, delivered, signed-for or dead")
]
Channel: TypeAlias = Annotated[str | None, typer.Option("--channel", help="the channel's name, as `cap` or `webhook`")]
Recipient: TypeAlias = Annotated[str | None, typer.Option("--recipient", help="the authority it is for")]
Limit: TypeAlias = Annotated[int, typer.Option("--limit", min=1, max=500, help="at most this many, the youngest")]


@app.command("list")
def list_deliveries(
    status: Status = None,
    channel: Channel = None,
    recipient: Recipient = None,
    limit: Limit = 100,
    server: Url = None,
    as_json: AsJson = False,
) -> None:
    """Deliveries, the youngest first; `--status dead` shows what nobody got."""
    settings = load_settings()
    asked = ServerClient(settings, server)
    found = asked.get("/api/deliveries", status=status, channel=channel, recipient=recipient, limit=limit)["items"]
    if as_json:
        print(json.dumps({"items": found}, ensure_ascii=False))
        return
    table = Table("number", "status", "channel", "recipient", "what", "tries", "answer", "signed for by / error")
    for each in found:
        table.add_row(
            str(each["id"]),
            each["status"],
            each["channel"],
            escape(each["recipient"]),
            f"{each['msg_type']} {each['severity']}",
            str(each["attempts"]),
            str(each["http_status"] or ""),
            escape(each["signed_for_by"] or each["error"]),
        )
    Console().print(table)


@app.command()
def show(
    number: Annotated[int, typer.Argument(help="as `list` gives it")], server: Url = None, as_json: AsJson = False
) -> None:
    """One delivery: what it says, and every try with its time, answer, error and receipt."""
    settings = load_settings()
    found = ServerClient(settings, server).get(f"/api/deliveries/{number}")
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    console = Console(highlight=False)
    for name in ("status", "channel", "recipient", "identifier", "alarm_id", "attempts"):
        console.print(f"[bold]{name}[/]  {escape(str(found[name]))}")
    console.print(escape(f"{found['headline']['zh']} / {found['headline']['en']}"))
    for each in found["tries"]:
        console.print(escape(_line(each, settings)), soft_wrap=True)


@app.command()
def replay(
    number: Annotated[int | None, typer.Argument(help="one dead delivery; or choose by the options")] = None,
    channel: Channel = None,
    recipient: Recipient = None,
    everything: Annotated[bool, typer.Option("--all", help="all dead deliveries")] = False,
    server: Url = None,
    as_json: AsJson = False,
) -> None:
    """Try dead deliveries again: one by its number, those of a channel or recipient, or all of them."""
    by_options = everything or channel is not None or recipient is not None
    if (number is None) != by_options:
        raise ConfigurationError("deliveries replay: expected either a number or --channel, --recipient or --all")
    asked = ServerClient(load_settings(), server)
    if number is not None:
        asked.post(f"/api/deliveries/{number}/retry")
        replayed = [number]
    else:
        replayed = asked.post("/api/deliveries/replay", {"channel": channel, "recipient": recipient})["replayed"]
    if as_json:
        print(json.dumps({"replayed": replayed}))
    else:
        print(f"{len(replayed)} put back: {', '.join(map(str, replayed)) or 'none was dead'}")


def _line(tried: dict[str, Any], settings: Settings) -> str:
    """One try: number, time in the city's zone, how long it took, what came of it, its place in the chain."""
    moment = dt.datetime.fromtimestamp(tried["wall"] / 1000, ZoneInfo(settings.zone))
    said = [
        f"try {tried['number']}",
        f"{moment:%Y-%m-%d %H:%M:%S}",
        "" if tried["took_ms"] is None else f"{tried['took_ms']} ms",
        tried["status"],
        str(tried["http_status"] or ""),
        tried["error"],
        f"signed for by {tried['signed_for_by']}" if tried["signed_for_by"] else "",
        tried["receipt"] or "",
        f"entry {tried['entry']}",
    ]
    return "  ".join(each for each in said if each)
