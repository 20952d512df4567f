"""`citybrain history`: keep readings as Parquet until told to stop."""

import sys
from typing import Annotated

import typer

from streams.commands.asking import serve
from streams.commands.cluster import Brokers, Domains, settings_of
from streams.history import HistoryKeeper, history_topics
from streams.packs import load_packs
from topics.raw_frame import TOPIC as RAW_FRAMES


def command(
    brokers: Brokers = None,
    domains: Domains = None,
    retention_days: Annotated[int | None, typer.Option(min=1, help="days of city time that are kept")] = None,
) -> None:
    settings = settings_of(brokers, domains=domains)
    keeper = HistoryKeeper(
        settings.kafka,
        settings.data / "history",
        history_topics(load_packs(settings.domains)),
        retention_days=retention_days or settings.history_retention_days,
        frames=RAW_FRAMES,
    )

    def say_ready() -> None:
        print(f"history ready in {keeper.root}", file=sys.stderr, flush=True)

    serve(settings, keeper.run(say_ready))
