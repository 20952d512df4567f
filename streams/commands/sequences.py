"""`citybrain sequences`: watch over sequences of events until told to stop."""

import contextlib
import sys
from typing import Annotated

import typer

from streams.commands.asking import serve
from streams.commands.cluster import Brokers, settings_of
from streams.keepers import judges_by_group
from streams.metrics import Metrics, serve_metrics
from streams.sequence_keeper import SequenceKeeper


def command(
    brokers: Brokers = None,
    metrics_port: Annotated[int | None, typer.Option(help="port for /metrics of this part; 0 = none")] = None,
) -> None:
    settings = settings_of(brokers)
    metrics = Metrics()
    keeper = SequenceKeeper(settings.kafka, judges=judges_by_group(), metrics=metrics)

    def say_ready() -> None:
        names = sorted(f"{domain}/{watch.name}" for domain, each in keeper.watches.items() for watch in each)
        print(f"sequences ready: {', '.join(names) or 'none declared'}", file=sys.stderr, flush=True)

    with contextlib.ExitStack() as stack:
        if port := settings.metrics_port if metrics_port is None else metrics_port:
            stack.callback(serve_metrics(port, metrics, host=settings.metrics_host).close)
        serve(settings, keeper.run(say_ready))
