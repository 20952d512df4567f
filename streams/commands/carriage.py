"""`citybrain carriage`: watch over carriers of goods until told to stop."""

import sys

from streams.carriage_keeper import CarriageKeeper
from streams.commands.asking import serve
from streams.commands.cluster import Brokers, settings_of
from streams.metrics import serve_metrics


def command(brokers: Brokers = None) -> None:
    settings = settings_of(brokers)
    keeper = CarriageKeeper(settings.kafka)
    if settings.metrics_port:
        serve_metrics(settings.metrics_port, keeper.metrics, host=settings.metrics_host)

    def say_ready() -> None:
        print(f"carriage watch ready, {len(keeper.lanes)} partitions", file=sys.stderr, flush=True)

    serve(settings, keeper.run(say_ready))
