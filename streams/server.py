"""The alert server: findings in, alarms and warnings out. The only process that writes the store.

It wires what alerts/ offers: the reader of findings, the store, the outbox with its sinks, and the
interface with its pages, all in one event loop; work on the store runs in threads.
"""

import asyncio
import contextlib
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
import structlog
from aiokafka.errors import KafkaError

from alerts.accounts.access import Access
from alerts.accounts.terms import Terms
from alerts.alertmanager.parts import Rules, alertmanager_over
from alerts.api import Server, create_app, require_loopback
from alerts.changes import Changes
from alerts.city import City
from alerts.desk import AT_ONCE, Desk
from alerts.feed import Feed
from alerts.flood.digests import Digests
from alerts.flood.patience import Patience
from alerts.flood.urgency import Urgency
from alerts.intake import Intake, Taken
from alerts.kpi.desks import DutyDesks
from alerts.kpi.follow import DeskFigures
from alerts.latency import Latency
from alerts.ledger import Ledger, Tried
from alerts.ledger.gb_names import GbNames
from alerts.outbox import Outbox
from alerts.report import stored_latency
from alerts.sinks import Addresses, open_sinks
from alerts.store import Store
from alerts.stream import Broadcaster
from alerts.wall import Wall
from records.history import History
from streams.clients import lone_consumer, sure_producer
from streams.findings_reader import FindingsReader
from streams.followers import Follower
from streams.http_server import HttpServer
from streams.lazy_producer import LazyProducer
from streams.ledger_heads import HeadsPublisher
from streams.metrics import Metrics
from streams.outside import keep_ends
from streams.partitions import partitions_of
from streams.registry_feed import REGISTRY_TOPIC, RegistryFeed
from streams.server_metrics import ServerMetrics
from topics.connection import KafkaConnection
from topics.dead_letter import TOPIC as DEAD_LETTERS
from topics.dead_letter import DeadLetter, to_headers
from topics.domain import PublishedPack, from_published
from topics.errors import ConfigurationError
from topics.ledger_head import TOPIC as HEADS

log = structlog.get_logger(__name__)

CONFIG = "config"
WARNINGS = "warnings"
LOOK_EVERY_S = 2.0
#: What the product decides about silences and alerts from outside where its owner does not.
OUTSIDE = Rules()
#: Where nobody says otherwise each domain is a duty desk.
BY_DOMAIN = DutyDesks()
#: How often, in wall time, the alarms are asked what city time has done to them.
TICK_EVERY_S = 0.5


def wall_ms() -> int:
    """Milliseconds UTC of this machine's clock."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where the server listens, keeps and delivers. ``simulated``: what it sees is played, and it says so. ``terms``:
    on what people are let in; ``local_key``: what this machine's administrator shows (alerts/accounts/local_key.py).
    ``desks``: how its alarms are split among duty desks. ``channels``: where else it delivers to, and how.
    """

    store_url: str
    bureau_url: str
    folder: Path
    sender: str
    host: str = "127.0.0.1"
    port: int = 0
    simulated: bool = False
    terms: Terms = Terms()  # noqa: RUF009  # frozen, so nobody shares a changed one
    cert_file: str = ""
    key_file: str = ""
    local_key: str | None = None
    outside: Rules = OUTSIDE
    desks: DutyDesks = BY_DOMAIN
    digest_interval_s: float = 60.0
    channels: Addresses | None = None


class AlertServer:
    """All parts of the alert server; ``run`` until ``stop``. ``prefix`` stands before the names of its topics.

    Raises ``ConfigurationError`` or ``PartMissing`` in one sentence for a host, port or store it cannot have.
    """

    def __init__(self, connection: KafkaConnection, place: Place, history: History, *, prefix: str = "") -> None:
        self._connection = connection
        self._stopping = asyncio.Event()
        self.city = City(simulated=place.simulated)
        self.store = Store(place.store_url)
        self.access = Access(self.store, place.terms, local_key=place.local_key)
        try:
            sheltered = bool(place.cert_file or place.terms.proxies)
            require_loopback(place.host, accounts=self.access.directory.any(), sheltered=sheltered)
        except ConfigurationError:
            self.store.close()
            raise
        self.latency: Latency = stored_latency(self.store)
        self.feed = Feed()
        self.figures = DeskFigures(self.store, self.city, place.desks, wall_ms)
        self.wall = Wall(self.store, self.city, self.latency, wall_ms, self.figures.panel)
        self.metrics = ServerMetrics(Metrics(), self.store, self.figures.panel)
        self._publisher = LazyProducer(connection)
        addresses = place.channels or Addresses(place.bureau_url, place.folder)
        addresses = msgspec.structs.replace(
            addresses,
            topic=prefix + WARNINGS,
            publish=self._publisher.put,
            gb_names=GbNames(self.store, addresses.gbt35965_sender).names,
        )
        self._sinks = open_sinks(addresses)
        self._heads = HeadsPublisher(self.store, self._publisher.put, wall_ms, topic=prefix + HEADS)
        ledger = Ledger(self.store)
        urgency = Urgency(self.city)
        patience = Patience(
            place.digest_interval_s,
            self.figures.flooded_lately,
            self.figures.desk_of,
            urgency.least_rank,
            self.wall.speed,
        )
        self.city.first_try = patience.until
        digests = Digests(self.store, place.sender, self.city.colour)
        self.outbox = Outbox(ledger, self._sinks, wall_ms, self._on_tried, digests)
        self._desk = Desk(self.store, self.city, place.sender, wall_ms)
        intake = Intake(self.store, self.city, place.sender, wall_ms)
        self.alertmanager = alertmanager_over(
            self.store,
            self.city,
            intake=intake,
            sender=place.sender,
            wall_ms=wall_ms,
            rules=place.outside,
            on_taken=self._on_taken,
            changed=self._changed,
        )
        self.city.put(self.alertmanager.external.pack.domain)
        self.reader = FindingsReader(
            connection,
            intake,
            self.wall,
            on_taken=self._on_taken,
            refuse=self._refuse,
            urgent=lambda finding: not finding.late and urgency.urgent(finding.domain, finding.severity),
            on_unexpected=lambda: self.metrics.unexpected("findings"),
            prefix=prefix,
        )
        self._registry = RegistryFeed(connection, topic=prefix + REGISTRY_TOPIC)
        self._packs = Follower(connection, {prefix + CONFIG: self._take_pack})
        self._dead_letters = prefix + DEAD_LETTERS
        self._new_packs: set[str] = set()
        self._producer: Any = None
        self.stream = Broadcaster(Changes(self.store, self.city), self.feed, self.wall.show, self.figures, urgency)
        self.metrics.watch(self.stream)
        server = Server(
            self.store,
            self.city,
            self._desk,
            self.wall,
            self.feed,
            ledger,
            self.outbox.wake,
            history,
            self.metrics.page,
            alertmanager=self.alertmanager,
            figures=self.figures,
            stream=self.stream,
            sender=place.sender,
        )
        app = create_app(server, self.access)
        self._http = HttpServer(app, place.host, place.port, cert_file=place.cert_file, key_file=place.key_file)

    @property
    def port(self) -> int:
        return self._http.port

    def stop(self) -> None:
        """End in good order; call it in the event loop."""
        self._stopping.set()

    async def run(self, on_ready: Any = lambda: None) -> None:
        """Serve until stopped. Raises what a part of it raised; ``on_ready`` is called once all parts work."""
        try:
            await self._start()
            parts: list[Coroutine[Any, Any, None]] = [
                self._http.run(), self.reader.run(), self.outbox.run(), self._watch(), self._keep_time(),
                keep_ends(self.alertmanager, self._changed), self._heads.run(),
            ]  # fmt: skip
            tasks = [asyncio.create_task(part) for part in parts]
            stopping = asyncio.create_task(self._stopping.wait())
            on_ready()
            try:
                done, _ = await asyncio.wait([stopping, *tasks], return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            finally:
                self.feed.close()
                self._http.stop()
                stopping.cancel()
                for task in tasks[1:]:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            await self._end()

    async def _start(self) -> None:
        await self._registry.start()
        self.city.registry = self._registry.registry
        await self._packs.start()
        await self._review()
        await self.reader.start()

    async def _end(self) -> None:
        await self.reader.stop()
        await self._packs.stop()
        await self._registry.stop()
        if self._producer is not None:
            await self._producer.stop()
        await self._publisher.stop()
        for sink in self._sinks.values():
            await sink.close()
        self._http.close()
        self.store.close()

    def _take_pack(self, key: str, value: bytes | None) -> None:
        """A withdrawn pack stays: alarms of its domain are still to be read and answered."""
        if value:
            pack = from_published(msgspec.json.decode(value, type=PublishedPack))
            self.city.put(pack)
            self._new_packs.add(pack.name)
            log.info("pack_taken", key=key)

    async def _review(self) -> None:
        """Tell those whom a new pack names of what is open already."""
        while self._new_packs:
            if await asyncio.to_thread(self._desk.review, self._new_packs.pop()):
                self.feed.wake()
                self.outbox.wake()

    async def _watch(self) -> None:
        """Look after what comes without a call: new packs, and the count of all dead letters there ever were."""
        consumer = lone_consumer(self._connection)
        await consumer.start()
        try:
            places = await partitions_of(consumer, [self._dead_letters], "server")
            while True:
                await self._review()
                with contextlib.suppress(KafkaError):
                    self.wall.dead_lettered = sum((await consumer.end_offsets(places)).values())
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            await consumer.stop()

    async def _keep_time(self) -> None:
        """Let city time act on the alarms: delays, the end of shelving, re-alarms, deadlines."""
        while True:
            try:
                changed = await asyncio.to_thread(self._desk.on_time)
            except sa.exc.OperationalError as error:
                log.error("store_waits", error=str(error.orig))
                changed = []
            if changed:
                self.feed.wake()
                self.outbox.wake()
            if len(changed) < AT_ONCE:
                await asyncio.sleep(TICK_EVERY_S)

    def _changed(self) -> None:
        self.feed.wake()
        self.outbox.wake()

    def _on_taken(self, taken: Taken) -> None:
        self.latency.record(taken.latencies_ms)
        self.metrics.taken(taken)
        if taken.alarms:
            self.feed.wake()
            self.outbox.wake()

    def _on_tried(self, tried: Tried) -> None:
        self.metrics.tried(tried)
        self.feed.wake()

    async def _refuse(self, record: Any, reason: str, detail: str) -> None:
        """Keep a record of the findings topic that is no finding; waits for the broker as long as it takes."""
        letter = DeadLetter(record.topic, record.partition, record.offset, reason, detail, "server", wall_ms())
        while True:
            try:
                if self._producer is None:
                    self._producer = sure_producer(self._connection)
                    await self._producer.start()
                await self._producer.send_and_wait(
                    self._dead_letters, record.value, key=record.key, headers=to_headers(letter)
                )
                return
            except KafkaError as error:
                log.warning("dead_letter_waits", error=str(error))
                with contextlib.suppress(KafkaError):
                    await self._producer.stop()
                self._producer = None
                await asyncio.sleep(1)
