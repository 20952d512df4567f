"""`citybrain declarations`: bring IFTDGN messages to the alert server, list what is declared."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from streams.commands.cluster import AsJson
from streams.server_client import ServerClient
from streams.settings import load_settings
from topics.errors import ConfigurationError

app = typer.Typer(help="Declarations of dangerous goods.", no_args_is_help=True, add_completion=False)

Url = Annotated[str | None, typer.Option(help="address of the alert server")]


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="an EDIFACT interchange of IFTDGN messages; see docs/declarations.md")],
    site: Annotated[str, typer.Option(help="the site where the boxes will be handled")],
    who: Annotated[str, typer.Option(help="who declares, where the server has no accounts")] = "",
    contact: Annotated[str, typer.Option(help="emergency contact where a message names none")] = "",
    charset: Annotated[str, typer.Option(help="character set of the file")] = "utf-8",
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Declare all boxes of a file (exit status 1 if the rules refuse any; the file is all taken or not at all)."""
    body = {"message": _text(file, charset), "site": site, "who": who or file.name[:80], "contact": contact}
    answer = ServerClient(load_settings(), url).post("/api/declarations/iftdgn", body)
    refused = [each for each in answer["items"] if each["answer"] == "refused"]
    summary = {
        "declared": len(answer["items"]), "new": sum(each["new"] for each in answer["items"]),
        "refused": len(refused), "items": answer["items"], "passed_over": answer["passed_over"],
    }  # fmt: skip
    if as_json:
        print(json.dumps(summary, ensure_ascii=False))
    else:
        _table(answer["items"])
        print(f"{summary['declared']} boxes, {summary['new']} new, {len(refused)} refused", file=sys.stderr)
    raise typer.Exit(1 if refused else 0)


@app.command("list")
def list_declarations(
    state: Annotated[str, typer.Option(help="declared, accepted, refused, cancelled, gate-in, stacked, …")] = "",
    site: Annotated[str, typer.Option(help="only this site")] = "",
    awaiting: Annotated[str, typer.Option(help="only those that wait for this authority")] = "",
    overdue: Annotated[bool, typer.Option("--overdue", help="only those not answered in time")] = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Declarations, the overdue first, then the youngest: at most 500, with how many there are."""
    asked = {"state": state or None, "site": site or None, "awaiting": awaiting or None, "overdue": overdue or None}
    answer = ServerClient(load_settings(), url).get("/api/declarations", limit=500, **asked)
    if as_json:
        print(json.dumps(answer, ensure_ascii=False))
    else:
        _table(answer["items"])
        print(f"{len(answer['items'])} of {answer['count']}", file=sys.stderr)


def _text(file: Path, charset: str) -> str:
    try:
        return file.read_bytes().decode(charset)
    except OSError as error:
        raise ConfigurationError(f"declarations: expected to read {file}, got: {error.strerror}") from error
    except (UnicodeDecodeError, LookupError) as error:
        raise ConfigurationError(f"declarations: expected {file} in {charset}, got: {error}") from error


def _table(items: list[dict[str, Any]]) -> None:
    table = Table("number", "container", "site", "goods", "t", "state", "waiting for")
    for each in items:
        goods = ", ".join(f"UN {un}" for un in each["un"])
        cells = (each["id"], each["container"], each["site"], goods, f"{each['net_t']:g}", each["state"])
        table.add_row(*(escape(cell) for cell in cells), escape(", ".join(each["awaiting"])))
    Console().print(table)
