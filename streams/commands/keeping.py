"""Running a judge beside the worker as a command, until told to stop."""

import sys
from collections.abc import Callable
from typing import Any

from streams.commands.asking import serve
from streams.keeper import Keeper
from streams.metrics import Metrics, serve_metrics
from streams.settings import Settings


def keep_on(settings: Settings, keeper: Keeper[Any], said: Callable[[], str], metrics: Metrics | None = None) -> None:
    """``said``: what it says once it reads. ``metrics`` are served where ``settings`` name a port."""

    def say_ready() -> None:
        print(said(), file=sys.stderr, flush=True)

    served = None
    if metrics is not None and settings.metrics_port:
        served = serve_metrics(settings.metrics_port, metrics, host=settings.metrics_host)
    try:
        serve(settings, keeper.run(say_ready))
    finally:
        if served is not None:
            served.close()
