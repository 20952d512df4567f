"""`citybrain city-time`: tick the city's time into every partition until told to stop."""

import datetime as dt
import sys
import time
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from streams.citytime import CityClock, Leg, TickWriter, real_time
from streams.commands.asking import serve
from streams.commands.cluster import Brokers, Domains, settings_of
from streams.packs import load_packs
from topics.errors import ConfigurationError
from topics.families import CARRIAGE
from topics.positions import TOPIC as POSITIONS


def command(
    brokers: Brokers = None,
    domains: Domains = None,
    start: Annotated[str | None, typer.Option(help="city time to start at, ISO 8601; default: now")] = None,
    speed: Annotated[float, typer.Option(help="city seconds per second; 1 is real time")] = 1.0,
) -> None:
    settings = settings_of(brokers, domains=domains)
    packs = load_packs(settings.domains)
    topics = [pack.topic for pack in packs] + [pack.events_topic for pack in packs if pack.events]
    topics += [POSITIONS] if any(CARRIAGE in pack.facts for pack in packs) else []
    writer = TickWriter(settings.kafka, clock_of(start, speed, now_ms(), ZoneInfo(settings.zone)), topics, now_ms)

    def say_ready() -> None:
        print(f"city-time ready for {len(topics)} topics", file=sys.stderr, flush=True)

    serve(settings, writer.run(say_ready))


def clock_of(start: str | None, speed: float, wall_ms: float, zone: ZoneInfo) -> CityClock:
    """Real time, unless a start or another speed is asked for. Raises ``ConfigurationError``."""
    if start is None and speed == 1.0:
        return real_time()
    if start is None:
        return CityClock(int(wall_ms), wall_ms, [Leg(speed)])
    try:
        moment = dt.datetime.fromisoformat(start)
    except ValueError:
        raise ConfigurationError(f"--start: expected an ISO 8601 time, got {start!r}") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return CityClock(int(moment.timestamp() * 1000), wall_ms, [Leg(speed)])


def now_ms() -> float:
    """Wall time in ms UTC."""
    return time.time_ns() / 1_000_000
