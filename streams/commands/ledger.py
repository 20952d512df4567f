"""`citybrain ledger`: is the log what it was when it was written? Reads a store by itself; needs no server."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, TypeAlias

import msgspec
import typer

from alerts.ledger.chain import head_of
from alerts.ledger.known_heads import KnownHead, from_published, heads_in
from alerts.ledger.opened import opened_for_reading
from alerts.ledger.verify import Verdict, verify
from streams.commands.cluster import AsJson, Brokers
from streams.ledger_heads import published_heads
from streams.settings import Settings, load_settings

app = typer.Typer(help="The tamper-evident log.", no_args_is_help=True, add_completion=False)

StoreUrl: TypeAlias = Annotated[
    str | None, typer.Option("--store", help="SQLAlchemy URL of the store or of a copy, e.g. sqlite:///store.db")
]

#: What stands for the topic where a file is asked for.
TOPIC = "topic"


@app.command("verify")
def verify_ledger(
    store: StoreUrl = None,
    heads: Annotated[
        list[str] | None,
        typer.Option("--heads", help="`topic`, or a file or folder with published heads or CAP messages; repeatable"),
    ] = None,
    brokers: Brokers = None,
    as_json: AsJson = False,
) -> None:
    """Find every edit, insertion, removal and cut-off tail; exit status 1 if there is any."""
    settings = load_settings(store_url=store, brokers=brokers)
    known = [head for place in heads or [] for head in _heads(place, settings)]
    with opened_for_reading(settings.store) as connection:
        verdict = verify(connection, known)
    if as_json:
        print(json.dumps(msgspec.to_builtins(verdict), ensure_ascii=False))
    else:
        _tell(verdict)
    if verdict.broken:
        raise typer.Exit(1)


@app.command()
def head(store: StoreUrl = None, as_json: AsJson = False) -> None:
    """The youngest entry's number and hash, to be written down elsewhere."""
    with opened_for_reading(load_settings(store_url=store).store) as connection:
        found = head_of(connection)
    print(json.dumps(msgspec.to_builtins(found)) if as_json else str(found))


def _heads(place: str, settings: Settings) -> Iterator[KnownHead]:
    if place != TOPIC:
        yield from heads_in(Path(place))
        return
    for each in published_heads(settings.kafka):
        yield from_published(each, f"topic ledger-heads at {each.published} ms")


def _tell(verdict: Verdict) -> None:
    for fault in verdict.broken:
        print(f"{fault.fault}: {fault.what}")
    state = f"{len(verdict.broken)} faults" if verdict.broken else "whole"
    print(f"{verdict.entries} entries, head {verdict.head}: {state}")
    if verdict.heads_of_other_stores:
        print(f"{verdict.heads_of_other_stores} heads are of other stores and were left aside", file=sys.stderr)
    if not verdict.heads_checked:
        print("held against no published head: a tail cut off or made anew would not show", file=sys.stderr)
