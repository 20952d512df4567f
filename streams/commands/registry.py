"""`citybrain registry`: import sites and devices line by line, list and show them."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from records.registry import Device, Registry, Site
from records.registry_import import Import, plan_import
from records.registry_rows import Form
from streams.commands.asking import ask
from streams.commands.cluster import AsJson, Brokers, Domains, settings_of
from streams.commands.unregistered import play_again, replayed_json
from streams.packs import load_packs
from streams.registry_feed import load_registry, publish_records
from streams.unregistered import Replayed
from topics.connection import KafkaConnection
from topics.errors import ConfigurationError

app = typer.Typer(help="Import and show sites and devices.", no_args_is_help=True, add_completion=False)


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV, JSON or JSON Lines; see docs/registry.md")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what would be done, publish nothing")] = False,
    no_replay: Annotated[bool, typer.Option("--no-replay", help="leave unregistered readings where they are")] = False,
    brokers: Brokers = None,
    domains: Domains = None,
    as_json: AsJson = False,
) -> None:
    """Take the good lines and refuse each bad one with its reasons (exit status 1 if any was refused)."""
    settings = settings_of(brokers, domains=domains)
    names = [pack.name for pack in load_packs(settings.domains)]
    data, form = read_file(file)
    work = import_records(settings.kafka, data, form, names, ZoneInfo(settings.zone), dry_run, not no_replay)
    plan, replayed = ask(settings, work)
    _tell(plan, replayed, dry_run, as_json)
    raise typer.Exit(1 if plan.refusals else 0)


@app.command("list")
def list_records(
    domain: Annotated[str | None, typer.Option(help="only sites of this domain")] = None,
    brokers: Brokers = None,
    as_json: AsJson = False,
) -> None:
    """The sites with their devices."""
    registry = _registry(brokers)
    sites = [site for site in registry.sites() if domain in (None, site.domain)]
    if as_json:
        print(json.dumps({"sites": [_shown(site, registry) for site in sites]}, ensure_ascii=False))
        return
    table = Table("site", "domain", "名称", "title", "firm", "district", "devices")
    for site in sites:
        devices = ", ".join(device.id for device in registry.devices(site.id))
        cells = (site.id, site.domain, site.title.zh, site.title.en, site.firm, site.district, devices)
        table.add_row(*(escape(cell) for cell in cells))
    Console().print(table)


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="id or alias of a site or device")],
    brokers: Brokers = None,
    as_json: AsJson = False,
) -> None:
    """All that is known of one site or device (exit status 1 if it is in no registry)."""
    registry = _registry(brokers)
    record: Site | Device | None = registry.site_called(name) or registry.device_called(name)
    if record is None:
        print(f"registry: expected the id or alias of a site or device, got {name!r}", file=sys.stderr)
        raise typer.Exit(1)
    shown = _shown(record, registry) if isinstance(record, Site) else msgspec.to_builtins(record)
    print(json.dumps(shown, ensure_ascii=False, indent=None if as_json else 2))


def read_file(file: Path) -> tuple[bytes, Form]:
    """A file's bytes and form. Raises ``ConfigurationError`` if it cannot be read or its name says no form."""
    forms: dict[str, Form] = {".csv": "csv", ".json": "json", ".jsonl": "json", ".ndjson": "json"}
    form = forms.get(file.suffix.lower())
    if form is None:
        raise ConfigurationError(f"registry import: expected a file ending in {', '.join(forms)}, got {file.name!r}")
    try:
        return file.read_bytes(), form
    except OSError as error:
        raise ConfigurationError(f"registry import: expected to read {file}, got: {error.strerror}") from error


async def import_records(
    connection: KafkaConnection,
    data: bytes,
    form: Form,
    domains: list[str],
    zone: ZoneInfo,
    dry_run: bool,
    and_replay: bool,
) -> tuple[Import, Replayed | None]:
    """Publish what the file brings and play the readings again that waited for it; nothing at all if ``dry_run``."""
    plan = plan_import(data, form, await load_registry(connection), domains, zone)
    if dry_run:
        return plan, None
    await publish_records(connection, plan.records)
    return plan, await play_again(connection) if and_replay else None


def _registry(brokers: str | None) -> Registry:
    settings = settings_of(brokers)
    return ask(settings, load_registry(settings.kafka))


def _tell(plan: Import, replayed: Replayed | None, dry_run: bool, as_json: bool) -> None:
    if as_json:
        told = {
            "lines": plan.lines,
            "published": 0 if dry_run else len(plan.records),
            "would_publish": len(plan.records) if dry_run else 0,
            "unchanged": plan.unchanged,
            "refused": [msgspec.structs.asdict(refusal) for refusal in plan.refusals],
            "replay": None if replayed is None else replayed_json(replayed),
        }
        print(json.dumps(told, ensure_ascii=False))
        return
    for refusal in plan.refusals:
        print(refusal, file=sys.stderr)
    verb = "would be published" if dry_run else "published"
    print(f"{len(plan.records)} records {verb}, {plan.unchanged} as before, {len(plan.refusals)} refusals")
    if replayed is not None and replayed.replayed:
        print(f"{replayed.replayed} readings that waited for them were played again")


def _shown(site: Site, registry: Registry) -> dict[str, Any]:
    shown: dict[str, Any] = msgspec.to_builtins(site)
    return shown | {"devices": [msgspec.to_builtins(device) for device in registry.devices(site.id)]}
