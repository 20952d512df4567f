"""`citybrain packs`: put domain packs in force."""

import json
import time

import typer

from streams.commands.cluster import AsJson, Brokers, Domains, settings_of
from streams.packs import load_packs, publish_packs

app = typer.Typer(help="Domain packs: put them in force.", no_args_is_help=True, add_completion=False)


@app.callback()
def packs() -> None:
    """Domain packs."""


@app.command()
def publish(brokers: Brokers = None, domains: Domains = None, as_json: AsJson = False) -> None:
    """Check the packs whole and publish those that are news, to hold from now; may be run again."""
    settings = settings_of(brokers, domains=domains)
    news = publish_packs(settings.kafka, load_packs(settings.domains), time.time_ns() // 1_000_000)
    names = [pack.name for pack in news]
    print(json.dumps({"published": names}) if as_json else f"published: {', '.join(names) or 'nothing new'}")
