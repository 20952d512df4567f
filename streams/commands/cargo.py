"""`citybrain cargo`: where goods are and were; the ways in for positions and permits."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import httpx
import msgspec
import typer
from rich.console import Console

from records.carriage.rows import Line, permit_rows, told_rows
from streams.commands.asking import ask
from streams.commands.cargo_shown import show_carrier, show_carriers, show_container, show_trip
from streams.commands.cluster import AsJson, Brokers, settings_of
from streams.permit_feed import publish_permits
from streams.server_client import Declined, ServerClient
from streams.settings import load_settings
from topics.errors import ConfigurationError, PartMissing
from topics.positions import Permit

app = typer.Typer(
    help="Goods on road and water: where they are, with whom, since when.", no_args_is_help=True, add_completion=False
)

#: What goes to the gateway in one body.
AT_ONCE = 2_000

File = Annotated[Path, typer.Argument(help="CSV with a head, or JSON Lines; see docs/cargo-tracing.md")]


@app.command("send")
def send(
    file: File,
    gateway: Annotated[str | None, typer.Option(help="address of the gateway's HTTP intake")] = None,
    as_json: AsJson = False,
) -> None:
    """Bring positions, waybills and handovers to the gateway (exit status 1 if any was refused)."""
    settings = load_settings()
    url = (gateway or f"http://127.0.0.1:{settings.intake_port}").rstrip("/")
    lines = list(told_rows(_text(file)))
    refused = _problems(lines)
    good = [each for each in lines if each.row is not None]
    accepted = 0
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        for start in range(0, len(good), AT_ONCE):
            part = good[start : start + AT_ONCE]
            for line, item in zip(part, _posted(client, url, [each.row for each in part]), strict=True):
                accepted += item["ok"]
                if not item["ok"]:
                    required = f"{item['where']}: required {item['required']}, got {item['got']}"
                    refused.append({"line": line.number, "problem": required})
    _tell(accepted, refused, as_json)


@app.command("permits")
def permits(file: File, brokers: Brokers = None, as_json: AsJson = False) -> None:
    """Put permits on the register: role, holder, kind, number, valid_from, valid_to, classes, suspended."""
    settings = settings_of(brokers)
    lines = list(permit_rows(_text(file)))
    good = [msgspec.convert(each.row, Permit) for each in lines if each.row is not None]
    ask(settings, publish_permits(settings.kafka, good))
    _tell(len(good), _problems(lines), as_json)


@app.command("track")
def track(
    name: Annotated[str, typer.Argument(help="a container, a waybill's number or a carrier")],
    at: Annotated[str | None, typer.Option(help="a past moment: 2026-03-02T09:20:00 in the city, or ms UTC")] = None,
    server: Annotated[str | None, typer.Option("--server", help="the alert server")] = None,
    as_json: AsJson = False,
) -> None:
    """Where it is, with whom, since when, on what evidence (exit status 1 where nothing is known of it)."""
    client = ServerClient(load_settings(), server)
    for kind, show in (("containers", show_container), ("trips", show_trip), ("carriers", show_carrier)):
        try:
            found = client.get(f"/api/cargo/{kind}/{quote(name, safe='')}", at=at if kind == "containers" else None)
        except Declined as error:
            if ": 404:" in str(error):
                continue
            raise
        if as_json:
            print(json.dumps({"kind": kind.removesuffix("s")} | found, ensure_ascii=False))
        else:
            show(Console(highlight=False), found)
        return
    print(f"nothing is known of {name}", file=sys.stderr)
    raise typer.Exit(1)


@app.command("list")
def under_way(
    server: Annotated[str | None, typer.Option("--server", help="the alert server")] = None,
    as_json: AsJson = False,
) -> None:
    """Carriers heard of in the last day, those under way first."""
    found = ServerClient(load_settings(), server).get("/api/cargo/carriers")
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        show_carriers(Console(highlight=False), found)


def _posted(client: httpx.Client, url: str, rows: list[dict[str, Any] | None]) -> list[dict[str, Any]]:
    try:
        response = client.post("/intake/positions", json=rows)
    except httpx.HTTPError as error:
        raise PartMissing(f"gateway: expected one that answers at {url}, got: {error}") from error
    if response.status_code not in (200, 207, 422):
        raise PartMissing(f"gateway: {response.status_code}: {response.text[:200]}")
    items: list[dict[str, Any]] = response.json()["items"]
    return items


def _problems(lines: list[Line]) -> list[dict[str, Any]]:
    return [{"line": each.number, "problem": each.problem} for each in lines if each.row is None]


def _tell(accepted: int, refused: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print(json.dumps({"accepted": accepted, "refused": refused}, ensure_ascii=False))
    else:
        for each in refused:
            print(f"line {each['line']}: {each['problem']}", file=sys.stderr)
        print(f"{accepted} taken, {len(refused)} refused", file=sys.stderr)
    raise typer.Exit(1 if refused else 0)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"cargo: expected to read {file} as UTF-8, got: {error}") from error
