"""`citybrain carriage`: watch over carriers of goods until told to stop."""

from streams.carriage_keeper import CarriageKeeper
from streams.commands.cluster import Brokers, settings_of
from streams.commands.keeping import keep_on


def command(brokers: Brokers = None) -> None:
    settings = settings_of(brokers)
    keeper = CarriageKeeper(settings.kafka)
    keep_on(settings, keeper, lambda: f"carriage watch ready, {len(keeper.lanes)} partitions", keeper.metrics)
