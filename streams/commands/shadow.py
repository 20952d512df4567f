"""`citybrain shadow`: let a candidate run beside what is in force, compare, promote, take back."""

import base64
import json
import tomllib
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from streams.commands.cluster import AsJson
from streams.server_client import Declined, ServerClient
from streams.settings import load_settings
from topics.domain_file import load_domain
from topics.errors import ConfigurationError
from topics.published_pack import publish_form
from topics.reading import EARLIEST_MS

app = typer.Typer(
    help="Other settings or models beside the live ones: try, compare, promote, take back.",
    no_args_is_help=True,
    add_completion=False,
)

DomainName: TypeAlias = Annotated[str, typer.Argument(help="the domain, as `pollution`")]
Url: TypeAlias = Annotated[str | None, typer.Option("--server", help="the alert server, e.g. http://127.0.0.1:8400")]
Run: TypeAlias = Annotated[str | None, typer.Option("--run", help="which run; default: the one started last")]
Who: TypeAlias = Annotated[str, typer.Option("--who", help="your name, where the server has no accounts")]
Note: TypeAlias = Annotated[str, typer.Option("--note", help="why, for the record")]


@app.command()
def start(
    domain: DomainName,
    pack: Annotated[Path | None, typer.Option(help="a whole domain pack (TOML)")] = None,
    change: Annotated[Path | None, typer.Option(help="what differs from the pack in force (TOML)")] = None,
    models: Annotated[Path | None, typer.Option(help="a bundle of models, as `citybrain fit --save` writes it")] = None,
    who: Who = "",
    note: Note = "",
    server: Url = None,
    as_json: AsJson = False,
) -> None:
    """Let a candidate run in the shadow from now on; whatever runs there ends."""
    if pack is None and change is None and models is None:
        raise ConfigurationError("shadow start: expected --pack, --change or --models, got none")
    body: dict[str, Any] = {"who": who, "note": note}
    if pack is not None:
        body["pack"] = publish_form(load_domain(pack), EARLIEST_MS).domain
    if change is not None:
        body["change"] = _toml(change)
    if models is not None:
        body["models"] = base64.b64encode(_bytes(models)).decode()
    said = ServerClient(load_settings(), server).post(f"/api/shadow/{domain}/start", body)
    _tell(said, as_json, f"{domain}: run {said['run']} begins; see `citybrain shadow report {domain}`")


@app.command()
def stop(domain: DomainName, who: Who = "", note: Note = "", server: Url = None, as_json: AsJson = False) -> None:
    """End what runs in the shadow."""
    said = ServerClient(load_settings(), server).post(f"/api/shadow/{domain}/stop", {"who": who, "note": note})
    _tell(said, as_json, f"{domain}: run {said['run']} ends")


@app.command()
def report(domain: DomainName, run: Run = None, server: Url = None, as_json: AsJson = False) -> None:
    """What only the live one found (A), only the candidate (B), both; cost, precision, and what the gate says.

    Exit status 1 while the gate is shut."""
    found = ServerClient(load_settings(), server).get(f"/api/shadow/{domain}", run=run)
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        _print(found)
    if not found["gate"]["open"]:
        raise typer.Exit(1)


@app.command()
def promote(
    domain: DomainName, run: Run = None, who: Who = "", note: Note = "", server: Url = None, as_json: AsJson = False
) -> None:
    """Bring a candidate into force, if the gate is open (exit status 1 if it is not). No worker is restarted."""
    _decided(domain, "promote", {"run": run, "who": who, "note": note}, server, as_json)


@app.command()
def rollback(domain: DomainName, who: Who = "", note: Note = "", server: Url = None, as_json: AsJson = False) -> None:
    """Take the last promotion back: what was in force before it is in force again."""
    _decided(domain, "rollback", {"who": who, "note": note}, server, as_json)


def _decided(domain: str, act: str, body: dict[str, Any], server: str | None, as_json: bool) -> None:
    try:
        said = ServerClient(load_settings(), server).post(f"/api/shadow/{domain}/{act}", body)
    except Declined as declined:
        if as_json:
            print(json.dumps({"domain": domain, "error": str(declined)}, ensure_ascii=False))
            raise typer.Exit(1) from declined
        raise
    held = said["in_force"]
    _tell(said, as_json, f"{domain}: in force from now on: pack {held['pack']}, models {held['models'] or 'as before'}")


def _print(found: dict[str, Any]) -> None:
    console = Console(highlight=False)
    place = found["partitions"]
    console.print(f"run {found['run']} by {escape(found['by'])}, {found['hours']:.1f} h of city time, "
                  f"running in {found['running']} of {place['of']} partitions")  # fmt: skip
    table = Table("", "only live (A)", "only candidate (B)", "both")
    table.add_row("all", str(found["only_a"]), str(found["only_b"]), str(found["both"]))
    for kind, word in (("detectors", "detector"), ("classes", "sensor class")):
        for name, row in found[kind].items():
            table.add_row(escape(f"  {word} {name}"), str(row["only_a"]), str(row["only_b"]), str(row["both"]))
    console.print(table)
    alarms, cost = found["alarms"], found["cost"]
    a, b = (_known(alarms[f"{side}_per_operator_day"]) for side in ("a", "b"))
    console.print(f"alarms per operator-day: A {a}, B {b}")
    console.print(f"processor time beside the live one: {_known(cost['cpu_share'])} over {cost['readings']:,} readings")
    for side in ("a", "b"):
        each = found["precision"][side]
        console.print(f"precision {side.upper()}: {_ratio(each)} ({each['true']} true, {each['false']} false)")
    if found["lost_true"]:
        console.print(f"[bold]true alarms lost:[/] {', '.join(map(escape, found['lost_true']))}")
    for line in found["failed"]:
        console.print(f"[bold]failed:[/] {escape(line)}")
    for each in found["gate"]["rulings"]:
        mark = "ok  " if each["ok"] else "SHUT"
        console.print(f"{mark} {each['text']['en']}: {_known(each['got'])} ({each['rule']} {each['required']:g})")


def _known(figure: float | None) -> str:
    return "not known yet" if figure is None else f"{figure:g}"


def _ratio(each: dict[str, Any]) -> str:
    if each["ratio"] is None:
        return "nobody has judged"
    return f"{each['ratio']:.2f} [{each['low']:.2f}, {each['high']:.2f}]".replace("[", "(").replace("]", ")")


def _tell(said: dict[str, Any], as_json: bool, sentence: str) -> None:
    print(json.dumps(said, ensure_ascii=False) if as_json else sentence)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path}: expected a file that can be read, got: {error}") from error


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_bytes(path).decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{path}: expected TOML, got: {error}") from error
