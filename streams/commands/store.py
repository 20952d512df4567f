"""`citybrain store`: bring the schema of the alarm store up to date, keep copies of it, put a copy in its place."""

import json
import time
from pathlib import Path
from typing import Annotated

import msgspec
import sqlalchemy as sa
import typer

from alerts.store import Store
from streams.backup import Manifest, back_up, read_manifest
from streams.backup import restore as restore_backup
from streams.commands.cluster import AsJson
from streams.settings import load_settings

app = typer.Typer(help="The alarm store: its schema, its copies.", no_args_is_help=True, add_completion=False)

StoreUrl = Annotated[str | None, typer.Option("--store", help="SQLAlchemy URL of the store; else as the settings say")]


@app.callback()
def store() -> None:
    """The alarm store."""


@app.command()
def migrate(store: StoreUrl = None, as_json: AsJson = False) -> None:
    """Run the steps that are missing, in one transaction, and say where the schema stands; may be run again."""
    settings = load_settings(store_url=store)
    if settings.store.startswith("sqlite"):
        settings.data.mkdir(parents=True, exist_ok=True)
    opened = Store(settings.store)
    try:
        with opened.read() as connection:
            revision = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one()
        found = {"store": opened.id, "revision": revision}
    finally:
        opened.close()
    print(json.dumps(found) if as_json else f"store {found['store']}: schema {found['revision']}")


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where the copy goes; a new file")],
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Copy the whole store as it is at one moment into one file, while the server works."""
    _tell("kept", back_up(load_settings(store_url=store).store, file, _now_ms()), as_json)


@app.command()
def show(file: Annotated[Path, typer.Argument(help="A copy")], as_json: AsJson = False) -> None:
    """Say what a copy holds."""
    _tell("holds", read_manifest(file), as_json)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="The copy to put in place")],
    by: Annotated[str, typer.Option("--by", help="Who does it; stands in the log")],
    why: Annotated[str, typer.Option("--why", help="Why; stands in the log")],
    replace: Annotated[bool, typer.Option("--replace", help="Set a store that is there aside")] = False,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Put a copy in place of the store, its server stopped. The server then reads on from where the copy ends."""
    done = restore_backup(load_settings(store_url=store).store, file, _now_ms(), by=by, why=why, replace=replace)
    if as_json:
        print(json.dumps(msgspec.to_builtins(done)))
        return
    _tell("restored", done.manifest, as_json)
    if done.aside:
        print(f"what stood there before: {done.aside}")
    print("how much was done after the copy: citybrain ledger verify --heads topic")


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _tell(verb: str, manifest: Manifest, as_json: bool) -> None:
    if as_json:
        print(json.dumps(msgspec.to_builtins(manifest)))
        return
    made = time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime(manifest.made / 1000))
    print(f"{verb} store {manifest.store} as of {made}: schema {manifest.revision}, {manifest.head.sequence} entries,")
    print(f"  head {manifest.head}, {manifest.size:,} bytes")
