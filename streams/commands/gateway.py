"""`citybrain gateway`: take events in, over every wire there is a source for."""

import asyncio
import contextlib
import itertools
import logging
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from streams.logs import configure_logs
from streams.metrics import Metrics, serve_metrics
from streams.process_memory import settle_memory
from streams.settings import Settings, load_settings
from streams.sources import SOURCES
from streams.sources.base import Source
from streams.sources.city_feed import CityFeed
from streams.sources.device_limits import LIMITS, Limits
from streams.sources.hj212.device_keys import load_device_keys
from streams.sources.hj212.gateway import Hj212Gateway
from streams.sources.hj212.reached import REACHED, read_reached, write_reached
from streams.sources.hj212.upper import Duties, UpperComputer
from streams.sources.http_intake import HttpIntake
from streams.sources.intake_messages import City
from streams.sources.jt808.framing import LARGEST_DATA
from streams.sources.jt808.gateway import Jt808Gateway
from streams.sources.jt808.terminals import Terminals, load_terminals
from streams.sources.jt808.verdicts import REFUSED
from streams.sources.publisher import KafkaPublisher
from streams.sources.spool import Spool
from streams.sources.spooled_publisher import SpooledPublisher
from topics.errors import ConfigurationError

#: How long the first messages wait for the broker rather than go through the spool.
FIRST_CONTACT_S = 10.0
METRICS_EVERY_S = 1.0
#: Looks at the metrics between two writings of how far devices' data reach.
REMEMBER_EVERY = 10

FRAMES = "citybrain_gateway_frames_total"


def command(
    brokers: Annotated[str | None, typer.Option(help="Kafka cluster, host:port[,host:port…]")] = None,
    host: Annotated[str, typer.Option(help="address to listen on; there are no accounts yet")] = "127.0.0.1",
    hj212_port: Annotated[int | None, typer.Option(help="port for HJ 212 devices; 0 = any free one")] = None,
    intake_port: Annotated[int | None, typer.Option(help="port of the HTTP intake; 0 = any free one")] = None,
    jt808_port: Annotated[
        int | None, typer.Option(help="port for JT/T 808 terminals; 0 = they are not listened for")
    ] = None,
    only: Annotated[list[str] | None, typer.Option(help="run only this source; may be given again")] = None,
) -> None:
    settings = load_settings(brokers=brokers, hj212_port=hj212_port, intake_port=intake_port, jt808_port=jt808_port)
    configure_logs(settings.log_level)
    # It says ten times a second that a broker is away; the spool says it once.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    names = [name for name in _chosen(only or []) if name != Jt808Gateway.name or settings.jt808_port or only]
    asyncio.run(_until_told(settings, host, names))


def _chosen(only: list[str]) -> list[str]:
    if unknown := set(only) - set(SOURCES):
        raise ConfigurationError(f"--only: expected one of {sorted(SOURCES)}, got {sorted(unknown)}")
    return [name for name in SOURCES if not only or name in only]


async def _until_told(settings: Settings, host: str, names: list[str]) -> None:
    """Run until SIGINT or SIGTERM, also while still waiting for the broker; a second signal changes nothing."""
    running = asyncio.create_task(_run(settings, host, names))
    told = False

    def tell() -> None:
        nonlocal told
        if not told:
            told = True
            running.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, tell)
    with contextlib.suppress(asyncio.CancelledError):
        await running


async def _run(settings: Settings, host: str, names: list[str]) -> None:
    """Start everything, say so, and stop it in the opposite order: sources first, so that all they took is kept."""
    metrics = Metrics()
    async with contextlib.AsyncExitStack() as stack:
        if settings.metrics_port:
            stack.callback(serve_metrics(settings.metrics_port, metrics, host=settings.metrics_host).close)
        feed = CityFeed(settings.kafka)
        stack.push_async_callback(feed.stop)
        await feed.start()
        kafka = KafkaPublisher(settings.kafka)
        stack.push_async_callback(kafka.stop)
        await kafka.start()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FIRST_CONTACT_S):
                await kafka.connected()
        spool = Spool(settings.data / "spool", settings.spool_max_mb * 1_048_576)
        publisher = SpooledPublisher(kafka, spool)
        stack.push_async_callback(publisher.stop)
        await publisher.start()
        sources = [_make(name, settings, host, feed) for name in names]
        for source in sources:
            stack.push_async_callback(source.stop)
            await source.start(publisher)
        settle_memory()
        print(f"gateway ready: {', '.join(_place(source) for source in sources)}", file=sys.stderr, flush=True)
        stack.callback(_remember, settings, sources)
        for turn in itertools.count():
            _measure(metrics, spool, sources)
            if turn % REMEMBER_EVERY == 0:
                _remember(settings, sources)
            await asyncio.sleep(METRICS_EVERY_S)


def _make(name: str, settings: Settings, host: str, feed: CityFeed) -> Source:
    """One source of the table with what it needs of the settings and the city."""
    kind = SOURCES[name]()
    if issubclass(kind, Hj212Gateway):
        return make_hj212(settings, host, feed)
    if issubclass(kind, HttpIntake):
        return kind(City(feed.registry, feed.domains), now_ms, host=host, port=settings.intake_port)
    if issubclass(kind, Jt808Gateway):
        return make_jt808(settings, host, feed)
    raise ConfigurationError(f"gateway: expected to know how to make the source {name!r}, got no settings for it")


def make_hj212(settings: Settings, host: str, feed: CityFeed) -> Hj212Gateway:
    """The gateway of HJ 212 with its limits and, where a file names them, its devices' keys."""
    keys = load_device_keys(Path(settings.hj212_devices_file)) if settings.hj212_devices_file else None
    limits = Limits(
        connections=settings.hj212_max_connections,
        per_address=settings.hj212_max_per_address,
        idle_s=settings.hj212_idle_s,
        frame_bytes=settings.hj212_frame_max_bytes,
        frames_per_s=settings.hj212_frames_per_s,
    )
    duties = Duties(
        clock_tolerance_s=settings.hj212_clock_tolerance_s,
        clock_every_s=settings.hj212_clock_every_h * 3600,
        ask_back_days=settings.hj212_ask_back_days,
        asks_per_min=settings.hj212_asks_per_min,
    )
    upper = UpperComputer(duties, time.monotonic, now_ms, keys=keys)
    upper.asking.gaps.restore(read_reached(settings.data / REACHED))
    return Hj212Gateway(
        feed.registry,
        host=host,
        port=settings.hj212_port,
        limits=limits,
        domains=feed.domains,
        keys=keys,
        upper=upper,
        keep_raw=settings.hj212_keep_raw,
    )


def make_jt808(settings: Settings, host: str, feed: CityFeed) -> Jt808Gateway:
    """The gateway of vehicle terminals with its limits and, where a file names them, their codes."""
    path = settings.jt808_terminals_file
    limits = Limits(
        connections=settings.jt808_max_connections,
        per_address=settings.jt808_max_connections,
        idle_s=settings.jt808_idle_s,
        frame_bytes=LARGEST_DATA,
        frames_per_s=settings.jt808_frames_per_s,
    )
    terminals = load_terminals(Path(path)) if path else Terminals()
    city = City(feed.registry, feed.domains)
    return Jt808Gateway(city, host=host, port=settings.jt808_port, limits=limits, terminals=terminals)


def _place(source: Source) -> str:
    return f"{source.name} on {getattr(source, 'host', '?')}:{getattr(source, 'port', '?')}"


def _remember(settings: Settings, sources: list[Source]) -> None:
    """Write down how far each device's data reach, so that a gap over a restart is seen."""
    for source in sources:
        if isinstance(source, Hj212Gateway) and isinstance(source.upper, UpperComputer):
            write_reached(settings.data / REACHED, source.upper.asking.gaps)


def _measure(metrics: Metrics, spool: Spool, sources: list[Source]) -> None:
    """Bring the metrics up to what the sources have counted."""
    metrics.set("citybrain_spool_bytes", spool.bytes)
    metrics.set("citybrain_spool_limit_bytes", spool.max_bytes)
    for reason, total in sum((_dead_letters(source) for source in sources), Counter[str]()).items():
        metrics.count_to("citybrain_dead_letters_total", total, reason=reason)
    for source in sources:
        if isinstance(source, Jt808Gateway):
            _measure_terminals(metrics, source)
        if isinstance(source, Hj212Gateway):
            for name, total in source.counts.items():
                if name.startswith("frame_"):
                    metrics.count_to(FRAMES, total, verdict=name.removeprefix("frame_"))
            for limit in LIMITS:
                metrics.count_to("citybrain_gateway_limits_total", source.counts[f"limit_{limit}"], limit=limit)
            if isinstance(source.upper, UpperComputer):
                for (command_name, outcome), total in source.upper.counts.items():
                    if command_name == "incomplete":
                        metrics.count_to("citybrain_gateway_incomplete_sets_total", total)
                    else:
                        metrics.count_to(
                            "citybrain_gateway_exchanges_total", total, command=command_name, outcome=outcome
                        )
            metrics.set("citybrain_gateway_connections", len(source.connections))
            metrics.count_to("citybrain_unexpected_errors_total", source.counts["unexpected_errors"], where="hj212")


def _dead_letters(source: Source) -> Counter[str]:
    """How many dead letters it made, by reason."""
    if isinstance(source, Jt808Gateway):
        return Counter({reason: source.counts[f"frame_{reason}"] for reason in REFUSED})
    if isinstance(source, Hj212Gateway):
        return Counter(bad_frame=source.counts["dead_letters"], bad_credentials=source.counts["bad_credentials"])
    return Counter()


def _measure_terminals(metrics: Metrics, source: Jt808Gateway) -> None:
    for name, total in source.counts.items():
        if name.startswith("frame_"):
            metrics.count_to("citybrain_terminal_messages_total", total, verdict=name.removeprefix("frame_"))
    for limit in LIMITS:
        metrics.count_to("citybrain_terminal_limits_total", source.counts[f"limit_{limit}"], limit=limit)
    metrics.set("citybrain_terminals_connected", len(source.connections))
    metrics.count_to("citybrain_terminal_positions_total", source.counts["positions"])
    metrics.count_to("citybrain_unexpected_errors_total", source.counts["unexpected_errors"], where="jt808")


def now_ms() -> int:
    """Wall time in ms UTC."""
    return time.time_ns() // 1_000_000
