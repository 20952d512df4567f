"""`citybrain topics`: the one table of topics, and how it stands on a broker."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from streams.commands.cluster import (
    AsJson,
    Brokers,
    CaFile,
    CertFile,
    Domains,
    KeyFile,
    Mechanism,
    Password,
    Protocol,
    Username,
    settings_of,
)
from streams.packs import load_packs
from streams.schema_files import own_schemas, pairs, schemas_in
from topics import declare as declaring
from topics.catalog import catalog
from topics.evolution import compare
from topics.topic import DAY_MS, Topic

app = typer.Typer(help="List, declare or check the topics.", no_args_is_help=True, add_completion=False)


@app.command("list")
def list_topics(domains: Domains = None, as_json: AsJson = False) -> None:
    """The catalogue: key, partitions, retention and why. Asks no broker."""
    topics = catalog(load_packs(settings_of(domains=domains).domains))
    if as_json:
        print(json.dumps({"topics": [_row(topic) for topic in topics]}, ensure_ascii=False))
        return
    table = Table("topic", "key", "partitions", "kept", "why")
    for topic in topics:
        table.add_row(topic.name, topic.key, str(topic.partitions), kept(topic), topic.why.split(". ")[0])
    Console().print(table)


@app.command()
def check(
    brokers: Brokers = None,
    protocol: Protocol = None,
    mechanism: Mechanism = None,
    username: Username = None,
    password: Password = None,
    ca_file: CaFile = None,
    cert_file: CertFile = None,
    key_file: KeyFile = None,
    domains: Domains = None,
    as_json: AsJson = False,
) -> None:
    """Compare the catalogue with a broker and change nothing; exit status 1 if anything is missing or differs."""
    settings = settings_of(brokers, protocol, mechanism, username, password, ca_file, cert_file, key_file, domains)
    _tell(declaring.check(settings.kafka, catalog(load_packs(settings.domains))), as_json)


@app.command()
def declare(
    brokers: Brokers = None,
    protocol: Protocol = None,
    mechanism: Mechanism = None,
    username: Username = None,
    password: Password = None,
    ca_file: CaFile = None,
    cert_file: CertFile = None,
    key_file: KeyFile = None,
    domains: Domains = None,
    copies: int = typer.Option(
        declaring.CLUSTER_DEFAULT, "--replication-factor", help="copies of each partition; -1 = the cluster's default"
    ),
    as_json: AsJson = False,
) -> None:
    """Create what is missing; what differs is reported (exit status 1) and never overwritten."""
    settings = settings_of(brokers, protocol, mechanism, username, password, ca_file, cert_file, key_file, domains)
    _tell(declaring.declare(settings.kafka, catalog(load_packs(settings.domains)), copies), as_json)


@app.command("compare")
def compare_schemas(
    old: Annotated[
        Path, typer.Argument(exists=True, help="docs/schemas of the version that runs, or one of its files")
    ],
    new: Annotated[Path | None, typer.Argument(exists=True, help="the same of another; left out: this version")] = None,
    as_json: AsJson = False,
) -> None:
    """What a change of schemas does to readers and writers; exit status 1 if messages in the logs may be refused."""
    found = {
        name: compare(*pair) for name, pair in pairs(schemas_in(old), schemas_in(new) if new else own_schemas()).items()
    }
    good = not any(each.breaks for each in found.values())
    if as_json:
        rows = {name: {"breaks": each.breaks, "readers_first": each.readers_first} for name, each in found.items()}
        print(json.dumps({"ok": good, "topics": rows}, ensure_ascii=False))
    else:
        for name, each in found.items():
            for line in each.breaks:
                print(f"{name}: new readers may refuse old messages: {line}")
            for line in each.readers_first:
                print(f"{name}: upgrade readers first, old ones may refuse new messages: {line}")
        print(f"{len(found)} schemas compared", file=sys.stderr)
    raise typer.Exit(0 if good else 1)


def kept(topic: Topic) -> str:
    """How long a topic keeps its messages, in words."""
    if topic.compacted:
        return "the last of each key"
    return "for ever" if topic.retention_ms < 0 else f"{topic.retention_ms // DAY_MS} d"


def _row(topic: Topic) -> dict[str, Any]:
    return {
        "name": topic.name,
        "key": topic.key,
        "partitions": topic.partitions,
        "retention_ms": topic.retention_ms,
        "compacted": topic.compacted,
        "max_message_bytes": topic.max_message_bytes,
        "why": topic.why,
    }


def _tell(standings: Sequence[declaring.Standing], as_json: bool) -> None:
    good = all(standing.good for standing in standings)
    if as_json:
        rows = [{"topic": each.topic, "state": each.state, "differences": each.differences} for each in standings]
        print(json.dumps({"ok": good, "topics": rows}, ensure_ascii=False))
    else:
        table = Table("topic", "state", "differences")
        for each in standings:
            table.add_row(each.topic, each.state, "\n".join(each.differences))
        Console().print(table)
    raise typer.Exit(0 if good else 1)
