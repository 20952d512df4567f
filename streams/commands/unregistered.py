"""`citybrain unregistered`: readings of unknown sites and devices, listed and played again."""

import datetime as dt
import json
import sys
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from streams.commands.asking import ask
from streams.commands.cluster import AsJson, Brokers, settings_of
from streams.registry_feed import load_registry
from streams.unregistered import Replayed, replay, waiting
from topics.connection import KafkaConnection

app = typer.Typer(
    help="Readings of unknown sites and devices: list, replay.", no_args_is_help=True, add_completion=False
)


@app.command("list")
def list_waiting(brokers: Brokers = None, as_json: AsJson = False) -> None:
    """What waits for its site or device to be registered, the most numerous first."""
    settings = settings_of(brokers)
    groups = ask(settings, waiting(settings.kafka))
    if as_json:
        rows = [msgspec.structs.asdict(group) | {"series": sorted(group.series)} for group in groups]
        print(json.dumps({"waiting": sum(group.count for group in groups), "groups": rows}, ensure_ascii=False))
        return
    zone = ZoneInfo(settings.zone)
    table = Table("site or device", "why", "waiting", "from", "to", "played again", "series")
    for group in groups:
        series = sorted(group.series)
        more = f" … {len(series)}" if len(series) > 3 else ""
        times = (_shown(group.first, zone), _shown(group.last, zone))
        cells = (group.key, group.reason, str(group.count), *times, str(group.replayed), ", ".join(series[:3]) + more)
        table.add_row(*(escape(cell) for cell in cells))
    Console().print(table)


@app.command("replay")
def replay_known(brokers: Brokers = None, as_json: AsJson = False) -> None:
    """Play again every reading whose site and device are registered by now; each once, however often this is run."""
    settings = settings_of(brokers)
    tell(ask(settings, play_again(settings.kafka)), as_json)


async def play_again(connection: KafkaConnection) -> Replayed:
    """A replay against the registry as the topic has it now."""
    return await replay(connection, await load_registry(connection))


def tell(report: Replayed, as_json: bool) -> None:
    """Say what a replay did."""
    if as_json:
        print(json.dumps(replayed_json(report), ensure_ascii=False))
        return
    print(f"{report.replayed} readings of {len(report.series)} series played again, {report.waiting} still wait")
    for count, said in (
        (report.repeated, "had been put aside twice and were played once"),
        (report.unreadable, "are no readings and stay where they are"),
        (report.no_topic, "belong to a domain that has no readings topic; declare it (citybrain topics declare)"),
    ):
        if count:
            print(f"{count} {said}", file=sys.stderr)


def replayed_json(report: Replayed) -> dict[str, Any]:
    """The report with the keys that others read."""
    return {
        name: getattr(report, name) for name in ("replayed", "waiting", "repeated", "unreadable", "no_topic", "series")
    }


def _shown(time_ms: int, zone: ZoneInfo) -> str:
    return dt.datetime.fromtimestamp(time_ms / 1000, zone).strftime("%Y-%m-%d %H:%M:%S") if time_ms else ""
