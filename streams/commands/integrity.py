"""`citybrain integrity`: look for signs of manipulated data once a day of city time; or at one day, now."""

import datetime as dt
import json
import sys
import time
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
import typer

from detectors.integrity.pack_facts import integrity_facts
from records.registry import Registry
from streams.commands.asking import ask, serve
from streams.commands.cluster import AsJson, Brokers, Domains, settings_of
from streams.integrity.findings import Told
from streams.integrity.look import look
from streams.integrity.watch import IntegrityWatch
from streams.packs import load_packs
from streams.registry_feed import load_registry
from streams.settings import Settings
from topics.errors import ConfigurationError


def command(
    brokers: Brokers = None,
    day: Annotated[str | None, typer.Option(help="judge this day only (YYYY-MM-DD), print it, publish nothing")] = None,
    domains: Domains = None,
    as_json: AsJson = False,
) -> None:
    """Without --day it follows city time until told to stop."""
    settings = settings_of(brokers, domains=domains)
    root = settings.data / "history"
    if day is not None:
        found = _one_day(settings, root, _moment(day, ZoneInfo(settings.zone)))
        print(json.dumps(found, ensure_ascii=False) if as_json else "\n".join(_lines(found)))
        return
    watch = IntegrityWatch(settings.kafka, root, settings.data / "integrity.json", lambda: time.time_ns() // 1_000_000)

    def say_ready() -> None:
        print(f"integrity watch ready, history in {root}", file=sys.stderr, flush=True)

    serve(settings, watch.run(say_ready))


def _moment(day: str, zone: ZoneInfo) -> int:
    try:
        return int(dt.datetime.combine(dt.date.fromisoformat(day), dt.time(), zone).timestamp()) * 1000
    except ValueError:
        raise ConfigurationError(f"--day: expected YYYY-MM-DD, got {day!r}") from None


def _one_day(settings: Settings, root: Path, day_ms: int) -> dict[str, Any]:
    registry: Registry = ask(settings, load_registry(settings.kafka))
    told: list[Told] = []
    for domain in load_packs(settings.domains):
        facts = integrity_facts(domain)
        if facts is not None:
            told += look(root, domain, facts, registry, day_ms)
    return {"day_ms": day_ms, "findings": [msgspec.to_builtins(each.findings[0]) for each in told]}


def _lines(found: dict[str, Any]) -> list[str]:
    lines = [f"{each['severity']:8} {each['text']['zh']}\n{'':8} {each['text']['en']}" for each in found["findings"]]
    return [*lines, f"{len(found['findings'])} findings"]
