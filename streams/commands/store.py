"""`citybrain store`: bring the schema of the alarm store up to date."""

import json
from typing import Annotated

import sqlalchemy as sa
import typer

from alerts.store import Store
from streams.commands.cluster import AsJson
from streams.settings import load_settings

app = typer.Typer(help="The alarm store: bring its schema up to date.", no_args_is_help=True, add_completion=False)

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
