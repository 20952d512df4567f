"""`citybrain sequences`: watch over sequences of events until told to stop."""

from dataclasses import replace
from typing import Annotated

import typer

from streams.commands.cluster import Brokers, settings_of
from streams.commands.keeping import keep_on
from streams.keepers import judges_by_group
from streams.metrics import Metrics
from streams.sequence_keeper import SequenceKeeper


def command(
    brokers: Brokers = None,
    metrics_port: Annotated[int | None, typer.Option(help="port for /metrics of this part; 0 = none")] = None,
) -> None:
    settings = settings_of(brokers)
    if metrics_port is not None:
        settings = replace(settings, metrics_port=metrics_port)
    metrics = Metrics()
    keeper = SequenceKeeper(settings.kafka, judges=judges_by_group(), metrics=metrics)

    def said() -> str:
        names = sorted(f"{domain}/{watch.name}" for domain, each in keeper.watches.items() for watch in each)
        return f"sequences ready: {', '.join(names) or 'none declared'}"

    keep_on(settings, keeper, said, metrics)
