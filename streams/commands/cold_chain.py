"""`citybrain cold-chain`: watch over what goods endure until told to stop."""

from streams.cold_chain_keeper import ColdChainKeeper
from streams.commands.cluster import Brokers, settings_of
from streams.commands.keeping import keep_on


def command(brokers: Brokers = None) -> None:
    settings = settings_of(brokers)
    keeper = ColdChainKeeper(settings.kafka)
    keep_on(settings, keeper, lambda: f"cold chain watch ready, {len(keeper.lanes)} partitions")
