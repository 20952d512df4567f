"""`citybrain judge`: judge hours and days formally until told to stop."""

from streams.commands.cluster import Brokers, settings_of
from streams.commands.keeping import keep_on
from streams.judgement_keeper import JudgementKeeper


def command(brokers: Brokers = None) -> None:
    settings = settings_of(brokers)
    keep_on(settings, JudgementKeeper(settings.kafka), lambda: "judge ready")
