"""`citybrain cargo-conditions`: watch over boxes and tanks by their sensors until told to stop."""

import sys

from streams.cargo_conditions_keeper import CargoConditionsKeeper
from streams.commands.asking import serve
from streams.commands.cluster import Brokers, settings_of
from streams.metrics import serve_metrics


def command(brokers: Brokers = None) -> None:
    settings = settings_of(brokers)
    keeper = CargoConditionsKeeper(settings.kafka)
    if settings.metrics_port:
        serve_metrics(settings.metrics_port, keeper.metrics, host=settings.metrics_host)

    def say_ready() -> None:
        print(f"cargo conditions watch ready, {len(keeper.lanes)} partitions", file=sys.stderr, flush=True)

    serve(settings, keeper.run(say_ready))
