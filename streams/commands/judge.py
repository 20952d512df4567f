"""`citybrain judge`: judge hours and days formally until told to stop."""

import sys

from streams.commands.asking import serve
from streams.commands.cluster import Brokers, settings_of
from streams.judgement_keeper import JudgementKeeper


def command(brokers: Brokers = None) -> None:
    settings = settings_of(brokers)
    keeper = JudgementKeeper(settings.kafka)

    def say_ready() -> None:
        print("judge ready", file=sys.stderr, flush=True)

    serve(settings, keeper.run(say_ready))
