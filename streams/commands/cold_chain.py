"""`citybrain cold-chain`: watch over what goods endure until told to stop."""

import sys

from streams.cold_chain_keeper import ColdChainKeeper
from streams.commands.asking import serve
from streams.commands.cluster import Brokers, settings_of


def command(brokers: Brokers = None) -> None:
    settings = settings_of(brokers)
    keeper = ColdChainKeeper(settings.kafka)

    def say_ready() -> None:
        print(f"cold chain watch ready, {len(keeper.lanes)} partitions", file=sys.stderr, flush=True)

    serve(settings, keeper.run(say_ready))
