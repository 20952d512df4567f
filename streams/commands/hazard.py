"""`citybrain hazard`: watch over units of major hazard sources until told to stop."""

from streams.commands.cluster import Brokers, settings_of
from streams.commands.keeping import keep_on
from streams.hazard_keeper import HazardKeeper


def command(brokers: Brokers = None) -> None:
    settings = settings_of(brokers)
    keeper = HazardKeeper(settings.kafka)
    keep_on(settings, keeper, lambda: f"hazard watch ready, {len(keeper.lanes)} partitions")
