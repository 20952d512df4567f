"""The fitter: models fitted anew at event-time points, off the path, and put in force in the log.

It follows city time. What is due is a function of city time and of what stands on the `models` topic, so a fitter
that is killed and started again goes on where it was: a bundle that has been published is put in force and not fitted
again, one that is in force is left alone.
"""

import datetime as dt
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

import structlog

from streams.city_follower import CityFollower
from streams.citytime import CITY_TIME
from streams.fit_points import FitPoints
from streams.fit_report import fresh_classes
from streams.fitting_process import Made
from streams.history_days import reached
from streams.model_release import publish, put_in_force, withdraw
from streams.model_shelf import ModelShelf
from topics.connection import KafkaConnection
from topics.domain import Domain
from topics.errors import CityBrainError
from topics.reading import Control

Fit: TypeAlias = Callable[[str, int], Awaitable[Made]]

#: Longer than readings are kept on their topic: no log names an older bundle.
KEPT_MS = 8 * 86_400_000

log = structlog.get_logger(__name__)


class Fitter(CityFollower):
    """Fits the models of every domain on the `config` topic.

    ``root``: the history's folder; ``fit`` makes the bundle of a domain and point, elsewhere than on this path.
    """

    name = "fitter"

    def __init__(
        self, connection: KafkaConnection, root: Path, points: FitPoints, fit: Fit, *, city_topic: str = CITY_TIME
    ) -> None:
        super().__init__(connection, city_topic=city_topic)
        self.root = root
        self.points = points
        self.fit = fit
        self.shelf = ModelShelf(connection)
        #: Points that were tried and led to nothing, and those that were found waiting, by domain.
        self._given_up: dict[str, int] = {}
        self._waiting: dict[str, int] = {}

    async def open(self) -> None:
        await self.shelf.start()

    async def close(self) -> None:
        await self.shelf.stop()

    async def heed(self, name: str, domain: Domain) -> None:
        """Bring the domain's models of the newest point in force, if they are not."""
        point = self.points.newest(self.city_time) if self.city_time else None
        held = self.shelf.in_force(name)
        if point is None or point <= max(held.time if held else 0, self._given_up.get(name, 0)):
            return
        await self.shelf.catch_up()
        version = self.shelf.version(name, point)
        ref = version.ref if version else await self._made(name, domain, point)
        if ref and await put_in_force(self.connection, self.shelf, domain, Control("~model", point, ref=ref)):
            log.info("models_in_force", domain=name, point=_clock(point), ref=ref)
            if old := self.shelf.outdated(name, KEPT_MS):
                await withdraw(self.connection, old)
                log.info("models_withdrawn", domain=name, keys=old)

    async def _made(self, name: str, domain: Domain, point: int) -> str:
        """Fit and publish the bundle of this point; empty where there is none to put in force (yet)."""
        if not reached(self.root, name, domain.partitions, point):
            if self._waiting.get(name) != point:
                log.info("fit_waits_for_history", domain=name, point=_clock(point))
            self._waiting[name] = point
            return ""
        try:
            made = await self.fit(name, point)
            fresh = fresh_classes(made.report)
            if fresh:
                ref = await publish(self.connection, name, point, made.body)
                log.info("models_fitted", domain=name, point=_clock(point), ref=ref, size=len(made.body), classes=fresh)
                return ref
            rows = {each: facts["rows"] for each, facts in made.report["classes"].items()}
            log.warning("too_few_rows_to_fit", domain=name, point=_clock(point), rows=rows, stays=self._held(name))
        except CityBrainError as error:
            log.error("fit_failed", domain=name, point=_clock(point), error=str(error), stays=self._held(name))
        self._given_up[name] = point
        return ""

    def _held(self, name: str) -> str:
        held = self.shelf.in_force(name)
        return held.ref if held else "the cautious prior"


def _clock(time_ms: int) -> str:
    return dt.datetime.fromtimestamp(time_ms / 1000, dt.UTC).isoformat(timespec="seconds")
