"""The worker's own parts put together: what it follows, its two judging paths, its outlets and its pulse."""

import asyncio
from collections.abc import Callable, Sequence

import structlog
from aiokafka import TopicPartition

from streams.artefacts import Artefacts
from streams.clients import UNNAMED, Membership
from streams.events_service import EventsService
from streams.followers import Follower
from streams.liveness import Liveness, watch_progress
from streams.metrics import Metrics
from streams.outlet import Outlet
from streams.pulse import PulseWriter
from streams.readings_service import ReadingsService
from streams.registry_feed import RegistryFeed
from streams.tally import Tally
from streams.worker_metrics import report
from topics.connection import KafkaConnection
from topics.domain import Domain
from topics.errors import PartMissing
from topics.shadow import CANDIDATES

CONFIG = "config"
MODELS = "models"

#: How long a stop may take. Without a broker nothing can be written, and nothing is worth waiting for.
STOP_WITHIN_S = 3.0

#: How often pulse and metrics are told.
BEAT_S = 1.0

log = structlog.get_logger(__name__)


class Judging:
    """Starts in the order of need, runs both paths, stops in the opposite order.

    ``group`` names the consumer groups (``<group>-readings``, ``<group>-events``); ``worker`` names this process
    in pulse and dead letters; ``only`` limits it to these domains (empty = all packs on the config topic).
    """

    def __init__(
        self,
        connection: KafkaConnection,
        group: str,
        worker: str,
        now_ms: Callable[[], int],
        *,
        only: Sequence[str] = (),
        membership: Membership = UNNAMED,
        liveness: Liveness | None = None,
        snapshot_interval_s: float = 2.0,
        metrics: Metrics | None = None,
    ) -> None:
        self.connection = connection
        self.group = group
        self.worker = worker
        self.now_ms = now_ms
        self.only = tuple(only)
        self.membership = membership
        self.liveness = liveness
        self.snapshot_interval_s = snapshot_interval_s
        self.metrics = metrics or Metrics()
        self.artefacts = Artefacts()
        self.feed = RegistryFeed(connection)
        takers = {CONFIG: self.artefacts.take_config, MODELS: self.artefacts.take_model}
        self.follower = Follower(connection, takers | {CANDIDATES: self.artefacts.take_candidate})
        #: Each path has its own way out: when one judges again, the other's messages must not be given up.
        self.outlets = [Outlet(connection, worker, now_ms) for _ in range(3)]
        self.pulse = PulseWriter(self.outlets[2], worker, self.tallies, now_ms)
        self.readings: ReadingsService | None = None
        self.events: EventsService | None = None
        self.stopped = False

    async def start(self) -> None:
        """Read config, models and registry, then join the groups.

        Raises ``PartMissing`` if a topic is not declared or a pack not published.
        """
        await self.follower.start()
        await self.feed.start()
        domains = self._domains()
        for outlet in self.outlets:
            await outlet.start()
        self.readings = ReadingsService(
            self.connection,
            f"{self.group}-readings",
            domains,
            self.feed,
            self.artefacts,
            self.outlets[0],
            membership=self.membership,
            snapshot_interval_s=self.snapshot_interval_s,
            on_snapshot=self._snapshot_took,
        )
        self.events = EventsService(
            self.connection, f"{self.group}-events", domains, self.outlets[1], membership=self.membership
        )
        await self.readings.start()
        await self.events.start()

    async def run(self) -> None:
        """Judge until ``stop``. Raises what should not happen; the process then ends and is started anew."""
        assert self.readings is not None and self.events is not None
        async with asyncio.TaskGroup() as group:
            pulse = group.create_task(self._beat(), name="pulse")
            readings = group.create_task(self.readings.run(), name="readings")
            events = group.create_task(self.events.run(), name="events")
            looking = [pulse]
            if self.liveness is not None:
                looking.append(
                    group.create_task(watch_progress(self.connection, self.liveness, self._reached), name="liveness")
                )
            await asyncio.wait([readings, events])
            for each in looking:
                each.cancel()

    async def stop(self) -> None:
        """Write what is to be written and leave the groups; returns after ``STOP_WITHIN_S`` at the latest.

        What has not come to its end then is as after a crash: the next owner judges it again.
        """
        stopping = asyncio.create_task(self._stop())
        done, _ = await asyncio.wait([stopping], timeout=STOP_WITHIN_S)
        self.stopped = True
        if not done:
            log.warning("stopped_early", within_s=STOP_WITHIN_S)
        for each in done:
            await each

    async def _stop(self) -> None:
        await asyncio.gather(*(each.stop() for each in (self.readings, self.events) if each is not None))
        await asyncio.gather(*(outlet.stop() for outlet in self.outlets))
        await asyncio.gather(self.feed.stop(), self.follower.stop())

    def tallies(self) -> dict[str, Tally]:
        """What has been counted, by domain."""
        sums: dict[str, Tally] = {}
        for service in (self.readings, self.events):
            for name, tally in service.tallies().items() if service is not None else ():
                sums.setdefault(name, Tally()).add(tally)
        return sums

    def _reached(self) -> dict[TopicPartition, int]:
        """How far each partition of ours is judged; one that is still being taken over is not in it."""
        reached: dict[TopicPartition, int] = {}
        if self.readings is not None:
            reached |= {place: each.lane.next_offset for place, each in self.readings.owned.items()}
        if self.events is not None:
            reached |= {place: lane.next_offset for place, lane in self.events.lanes.items()}
        return reached

    async def _beat(self) -> None:
        while True:
            await self.pulse.beat()
            report(self.metrics, self.tallies())
            await asyncio.sleep(BEAT_S)

    def _snapshot_took(self, domain: str, seconds: float) -> None:
        self.metrics.observe("citybrain_snapshot_seconds", seconds, domain=domain)

    def _domains(self) -> list[Domain]:
        packs = self.artefacts.packs
        if missing := [name for name in self.only if name not in packs]:
            raise PartMissing(f"expected packs {missing} on topic {CONFIG}, got {sorted(packs)}; publish them first")
        if not packs:
            raise PartMissing(f"expected domain packs on topic {CONFIG}, got none; give --domains DIR to publish them")
        return [packs[name] for name in sorted(packs) if not self.only or name in self.only]
