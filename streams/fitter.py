"""The fitter: models fitted anew at event-time points, off the path, and put in force in the log.

It follows city time. What is due is a function of city time and of what stands on the `models` topic, so a fitter
that is killed and started again goes on where it was: a bundle that has been published is put in force and not fitted
again, one that is in force is left alone.
"""

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import structlog
from aiokafka.errors import KafkaError

from streams.artefacts import Artefacts
from streams.citytime import CITY_TIME, last_tick
from streams.clients import lone_consumer
from streams.fit_points import FitPoints
from streams.fit_report import fresh_classes
from streams.fitting_process import Made
from streams.followers import Follower
from streams.history_days import reached
from streams.model_release import publish, put_in_force, withdraw
from streams.model_shelf import ModelShelf
from streams.partitions import partitions_of
from topics.connection import KafkaConnection
from topics.domain import Domain
from topics.errors import CityBrainError
from topics.reading import Control

Fit: TypeAlias = Callable[[str, int], Awaitable[Made]]

#: Longer than readings are kept on their topic: no log names an older bundle.
KEPT_MS = 8 * 86_400_000

log = structlog.get_logger(__name__)


class Fitter:
    """Fits the models of every domain on the `config` topic.

    ``root``: the history's folder; ``fit`` makes the bundle of a domain and point, elsewhere than on this path.
    """

    def __init__(
        self, connection: KafkaConnection, root: Path, points: FitPoints, fit: Fit, *, city_topic: str = CITY_TIME
    ) -> None:
        self.connection = connection
        self.root = root
        self.points = points
        self.fit = fit
        self.city_topic = city_topic
        self.city_time = 0
        self.artefacts = Artefacts()
        self.shelf = ModelShelf(connection)
        self._follower = Follower(connection, {"config": self.artefacts.take_config})
        self._consumer: Any = None
        #: Points that were tried and led to nothing, and those that were found waiting, by domain.
        self._given_up: dict[str, int] = {}
        self._waiting: dict[str, int] = {}

    async def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Fit until the task is cancelled; ``ready`` is called once it follows city time.

        Raises ``PartMissing`` if a topic is not there.
        """
        try:
            await self.start()
            ready()
            while True:
                await self.step()
        finally:
            await self.stop()

    async def start(self) -> None:
        await self._follower.start()
        await self.shelf.start()
        self._consumer = lone_consumer(self.connection)
        await self._consumer.start()
        places = await partitions_of(self._consumer, [self.city_topic], "fitter")
        self._consumer.assign(places)
        await self._consumer.seek_to_end(*places)
        self.city_time = await last_tick(self.connection, self.city_topic) or 0

    async def stop(self) -> None:
        if self._consumer is not None:
            consumer, self._consumer = self._consumer, None
            await consumer.stop()
        await self.shelf.stop()
        await self._follower.stop()

    async def step(self) -> None:
        """Hear the newest tick and do what is due at it."""
        try:
            await self._hear()
            for name, domain in sorted(self.artefacts.packs.items()):
                await self.heed(name, domain)
        except KafkaError as error:  # the next tick tries again: what is due stays due
            log.warning("fitter_waits", error=repr(error))

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

    async def _hear(self) -> None:
        """Take the ticks up to the newest: of the points that a long fit has let pass only the last is due."""
        self._take(await self._consumer.getmany(timeout_ms=500))
        for place, end in (await self._consumer.end_offsets(self._consumer.assignment())).items():
            while await self._consumer.position(place) < end:
                self._take(await self._consumer.getmany(place, timeout_ms=200))

    def _take(self, fetched: Mapping[Any, list[Any]]) -> None:
        for record in (record for records in fetched.values() for record in records):
            try:
                self.city_time = max(self.city_time, msgspec.json.decode(record.value or b"", type=Control).time)
            except msgspec.MsgspecError as error:
                log.warning("tick_refused", offset=record.offset, error=str(error))


def _clock(time_ms: int) -> str:
    return dt.datetime.fromtimestamp(time_ms / 1000, dt.UTC).isoformat(timespec="seconds")
