"""`citybrain hazard`: watch over units of major hazard sources until told to stop."""

import sys

from streams.commands.asking import serve
from streams.commands.cluster import Brokers, settings_of
from streams.hazard_keeper import HazardKeeper


def command(brokers: Brokers = None) -> None:
    settings = settings_of(brokers)
    keeper = HazardKeeper(settings.kafka)

    def say_ready() -> None:
        print(f"hazard watch ready, {len(keeper.lanes)} partitions", file=sys.stderr, flush=True)

    serve(settings, keeper.run(say_ready))
