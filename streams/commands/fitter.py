"""`citybrain fitter`: fit models anew at the settings' points of event time, until told to stop."""

import sys
from zoneinfo import ZoneInfo

from streams.commands.asking import serve
from streams.commands.cluster import Brokers, settings_of
from streams.fit_points import FitPoints
from streams.fitter import Fitter
from streams.fitting_process import FittingProcess


def command(brokers: Brokers = None) -> None:
    settings = settings_of(brokers)
    points = FitPoints(ZoneInfo(settings.zone), settings.fit_hour, settings.fit_every_h)
    fitter = Fitter(settings.kafka, settings.data / "history", points, FittingProcess(settings))

    def say_ready() -> None:
        print(f"fitter ready, history in {fitter.root}", file=sys.stderr, flush=True)

    serve(settings, fitter.run(say_ready))
