"""`citybrain fit`: fit a domain's models from the history once, and say what that changes."""

import datetime as dt
import json
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from streams.commands.asking import ask
from streams.commands.cluster import AsJson, Brokers, settings_of
from streams.fit_once import fit_once
from streams.fit_report import lines
from streams.packs import domains_of, read_packs
from streams.settings import Settings
from topics.domain import Domain
from topics.errors import ConfigurationError


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
    point = moment(until, ZoneInfo(settings.zone))
    pack = _pack(settings, domain)
    report = ask(settings, fit_once(settings, pack, point, days=days, save=save, release=publish))
    if as_json:
        print(json.dumps(report, ensure_ascii=False))
        return
    print(f"{domain}, fitted until {until}")
    print("\n".join(lines(report)))
    print(f"in force from now on: {report['in_force']}" if report["in_force"] else "nothing was changed")


def _pack(settings: Settings, name: str) -> Domain:
    packs = {each.name: each for each in domains_of(read_packs(settings.kafka))}
    if name not in packs:
        raise ConfigurationError(f"--domain: expected one of {sorted(packs)}, got {name!r}")
    return packs[name]


def moment(text: str, zone: ZoneInfo) -> int:
    """A time in ms UTC; without an offset of its own it is the city's. Raises ``ConfigurationError``."""
    try:
        said = dt.datetime.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(f"--until: expected an ISO 8601 time, got {text!r}") from None
    return int((said if said.tzinfo else said.replace(tzinfo=zone)).timestamp() * 1000)
