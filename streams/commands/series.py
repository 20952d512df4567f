"""`citybrain series`: what a person has to say of one series to the detectors that watch it."""

import json
import time
from typing import Annotated, Any

import typer

from streams.commands.asking import ask
from streams.commands.cluster import AsJson, Brokers, settings_of
from streams.log_reading import put, reader, writer
from streams.packs import domains_of, read_packs
from streams.registry_feed import load_registry
from streams.specs import SpecBook
from topics.codec import encode, partition_of
from topics.connection import KafkaConnection
from topics.domain import Domain
from topics.errors import ConfigurationError
from topics.reading import Control, parse_series

app = typer.Typer(help="Say something of one series to its detectors.", no_args_is_help=True, add_completion=False)


@app.callback()
def series() -> None:
    """Say something of one series to its detectors."""


@app.command("new-normal")
def new_normal(
    name: Annotated[str, typer.Argument(help="series id: site/device/quantity/statistic")],
    by: Annotated[str, typer.Option(help="who says so")],
    reason: Annotated[str, typer.Option(help="why, for the record")],
    brokers: Brokers = None,
    as_json: AsJson = False,
) -> None:
    """What the series shows now is healthy: its detectors learn it at once instead of after six hours.

    The word goes into the log of the series' readings, so that every replay hears it at the same place; open findings
    of the series, and so their alarms, say who said it and why. Limits stay as they are.
    """
    for option, said in (("--by", by), ("--reason", reason)):
        if not said.strip():
            raise ConfigurationError(f"{option}: expected some words, got {said!r}")
    settings = settings_of(brokers)
    told = _told(settings.kafka, name, ask(settings, _domain_of(settings.kafka, name)), by.strip(), reason.strip())
    print(json.dumps(told, ensure_ascii=False) if as_json else f"{name}: new normal from now on, said {by}")


async def _domain_of(connection: KafkaConnection, name: str) -> Domain:
    """The domain whose topic the series' readings are on. Raises ``ConfigurationError`` if it is not registered."""
    now = time.time_ns() // 1_000_000
    registry = await load_registry(connection)
    reasons = []
    for domain in domains_of(read_packs(connection)):
        spec, detail = SpecBook(registry, domain).look_up(name, now)
        if not isinstance(spec, str):
            site = registry.site_called(spec.site)
            if site is not None and site.domain == domain.name:
                return domain
        reasons.append(str(detail))
    raise ConfigurationError(f"series: expected one that is registered, got {name!r}: {reasons[-1] if reasons else ''}")


def _told(connection: KafkaConnection, name: str, domain: Domain, by: str, reason: str) -> dict[str, Any]:
    """Put the word into the series' partition; where it went."""
    word = Control("~normal", time.time_ns() // 1_000_000, subject=name, by=by, reason=reason)
    with writer(connection) as producer, reader(connection) as consumer:
        partitions = len(consumer.partitions_for_topic(domain.topic) or ())
        if not partitions:
            raise ConfigurationError(f"series: expected the topic {domain.topic} on the broker, got none")
        partition = partition_of(parse_series(name).site, partitions)
        put(producer, domain.topic, value=encode(word), partition=partition)
    return {"series": name, "topic": domain.topic, "partition": partition, "by": by, "reason": reason}
