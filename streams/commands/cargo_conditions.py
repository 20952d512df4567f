"""`citybrain cargo-conditions`: watch over boxes and tanks by their sensors until told to stop."""

from streams.cargo_conditions_keeper import CargoConditionsKeeper
from streams.commands.cluster import Brokers, settings_of
from streams.commands.keeping import keep_on


def command(brokers: Brokers = None) -> None:
    settings = settings_of(brokers)
    keeper = CargoConditionsKeeper(settings.kafka)
    keep_on(settings, keeper, lambda: f"cargo conditions watch ready, {len(keeper.lanes)} partitions", keeper.metrics)
