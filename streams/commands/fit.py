"""`citybrain fit`: fit a domain's models from the history once, and say what that changes."""

import asyncio
import datetime as dt
import json
import sys
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from streams.commands.asking import ask
from streams.commands.cluster import AsJson, Brokers, settings_of
from streams.fit_report import fit_report, fresh_classes, lines
from streams.fitting_days import DAY_MS, Fitted, fit_from_history
from streams.history_days import HistoryDays
from streams.model_release import publish, put_in_force
from streams.model_shelf import ModelShelf
from streams.packs import domains_of, read_packs
from streams.registry_feed import load_registry
from streams.settings import Settings
from topics.domain import Domain
from topics.errors import ConfigurationError
from topics.reading import Control


def command(
    domain: Annotated[str, typer.Option(help="whose models")],
    until: Annotated[str, typer.Option(help="event time, ISO 8601: what was read before it teaches them")],
    brokers: Brokers = None,
    days: Annotated[
        int | None, typer.Option(min=1, help="how many days before that time; default: the setting")
    ] = None,
    save: Annotated[Path | None, typer.Option(help="write the bundle to this file")] = None,
    publish: Annotated[bool, typer.Option("--publish", help="put it in force; without, it is only shown")] = False,
    as_json: AsJson = False,
) -> None:
    settings = settings_of(brokers)
    point = _moment(until, ZoneInfo(settings.zone))
    pack = _pack(settings, domain)
    report = ask(settings, _fit(settings, pack, point, days or settings.fit_days, save, publish))
    if as_json:
        print(json.dumps(report, ensure_ascii=False))
        return
    print(f"{domain}, fitted until {until}")
    print("\n".join(lines(report)))
    print(f"in force from now on: {report['in_force']}" if report["in_force"] else "nothing was changed")


async def _fit(
    settings: Settings, domain: Domain, point: int, days: int, save: Path | None, release: bool
) -> dict[str, Any]:
    registry = await load_registry(settings.kafka)
    shelf = ModelShelf(settings.kafka, bodies=True)
    await shelf.start()
    try:
        held = shelf.in_force(domain.name)
        before = shelf.models(held.ref) if held else None
        with HistoryDays(settings.data / "history", domain.name) as history:
            window = (point - days * DAY_MS, point)
            fitted = await asyncio.to_thread(
                fit_from_history, domain, registry, history, window, settings.fit_most_series, before
            )
        report = fit_report(fitted, before)
        report |= {"domain": domain.name, "until": point, "bytes": len(fitted.models), "in_force": ""}
        if save is not None:
            await asyncio.to_thread(save.write_bytes, fitted.models)
        if release:
            report["in_force"] = await _release(settings, shelf, domain, point, fitted, fresh_classes(report))
        return report
    finally:
        await shelf.stop()


async def _release(
    settings: Settings, shelf: ModelShelf, domain: Domain, point: int, fitted: Fitted, fresh: list[str]
) -> str:
    """What is in force now. Raises ``ConfigurationError`` where the point is not after that of what was."""
    held = shelf.in_force(domain.name)
    if held is not None and held.time >= point:
        raise ConfigurationError(f"--until: expected a time after {held.time} (of {held.ref}, in force), got {point}")
    if not fresh:
        print(f"fit: too few rows in every class of {domain.name}; what is in force stays", file=sys.stderr)
        return ""
    ref = await publish(settings.kafka, domain.name, point, fitted.models)
    await put_in_force(settings.kafka, shelf, domain, Control("~model", point, ref=ref))
    return ref


def _pack(settings: Settings, name: str) -> Domain:
    packs = {each.name: each for each in domains_of(read_packs(settings.kafka))}
    if name not in packs:
        raise ConfigurationError(f"--domain: expected one of {sorted(packs)}, got {name!r}")
    return packs[name]


def _moment(text: str, zone: ZoneInfo) -> int:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(f"--until: expected an ISO 8601 time, got {text!r}") from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp() * 1000)
