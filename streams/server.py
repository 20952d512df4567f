"""The alert server: findings in, alarms and warnings out. The only process that writes the store.

It wires what alerts/ offers: the reader of findings, the store, the outbox with its sinks, and the
interface with its pages, all in one event loop; work on the store runs in threads.
"""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

import msgspec
import sqlalchemy as sa
import structlog

from alerts.accidents.desk import Accidents
from alerts.accounts.access import Access
from alerts.alertmanager.parts import alertmanager_over
from alerts.api import Server, create_app, require_loopback
from alerts.changes import Changes
from alerts.city import City
from alerts.coding.desk import Coding
from alerts.custody.desk import Recalls
from alerts.custody.sending import NoticeSender
from alerts.desk import AT_ONCE, Desk
from alerts.feed import Feed
from alerts.firm_risk.board import FirmRisks
from alerts.flood.digests import Digests
from alerts.flood.patience import Patience
from alerts.flood.urgency import Urgency
from alerts.intake import Intake, Taken
from alerts.judgements.board import Board
from alerts.kitchens.desk import Kitchens
from alerts.kpi.follow import DeskFigures
from alerts.latency import Latency
from alerts.ledger import Ledger, Tried
from alerts.ledger.gb_names import GbNames
from alerts.outbox import Outbox
from alerts.overdue import Overdue
from alerts.promotions.gate import read_gate
from alerts.promotions.promotions import Promotions
from alerts.report import stored_latency
from alerts.responder.cards import ResponderCards
from alerts.responder.yards import Yards
from alerts.safety.desk import SafetyDesk
from alerts.safety_figures.read import FactsReader
from alerts.sinks import Addresses, open_sinks
from alerts.stations.log import StationLog
from alerts.store import Store
from alerts.stream import Broadcaster
from alerts.tickets.desk import Tickets
from alerts.wall import Wall
from records.history import History
from streams.alarm_event_publisher import AlarmEventPublisher
from streams.cargo_parts import CargoParts
from streams.custody_reader import CustodyReader
from streams.declaration_parts import DeclarationParts
from streams.findings_reader import FindingsReader
from streams.http_server import HttpServer
from streams.judgement_reader import JudgementReader
from streams.judges.yard_grades import YardGrades
from streams.kafka_trials import KafkaTrials
from streams.kitchen_reader import KitchenReader
from streams.lazy_producer import LazyProducer
from streams.ledger_heads import HeadsPublisher
from streams.metrics import Metrics
from streams.outside import keep_ends
from streams.refused_findings import RefusedFindings
from streams.registry_feed import REGISTRY_TOPIC, RegistryFeed
from streams.safety_reader import SafetyReader, SafetyTeller
from streams.server_metrics import ServerMetrics
from streams.server_packs import ServerPacks
from streams.server_place import Place
from streams.station_reader import StationReader
from streams.unit_state_reader import UnitStateReader
from streams.verdict_publisher import VerdictPublisher
from streams.yard_reader import YardReader
from topics.alarm_event import TOPIC as ALARM_EVENTS
from topics.codec import encode
from topics.connection import KafkaConnection
from topics.dead_letter import TOPIC as DEAD_LETTERS
from topics.errors import ConfigurationError
from topics.judgement import TOPIC as JUDGEMENTS
from topics.ledger_head import TOPIC as HEADS
from topics.mark import TOPIC as MARKS
from topics.mark import Mark
from topics.verdict import TOPIC as VERDICTS

log = structlog.get_logger(__name__)

CONFIG = "config"
WARNINGS = "warnings"
#: How often, in wall time, the alarms are asked what city time has done to them.
TICK_EVERY_S = 0.5


def wall_ms() -> int:
    """Milliseconds UTC of this machine's clock."""
    return time.time_ns() // 1_000_000


class AlertServer:
    """All parts of the alert server; ``run`` until ``stop``. ``prefix`` stands before the names of its topics.

    Raises ``ConfigurationError`` or ``PartMissing`` in one sentence for a host, port or store it cannot have.
    """

    def __init__(self, connection: KafkaConnection, place: Place, history: History, *, prefix: str = "") -> None:
        self._stopping = asyncio.Event()
        self.city = City(simulated=place.simulated)
        self.store = Store(place.store_url)
        self.access = Access(self.store, place.terms, local_key=place.local_key)
        self._require_shelter(place)
        self.latency: Latency = stored_latency(self.store)
        self.feed = Feed()
        self.figures = DeskFigures(self.store, self.city, place.desks, wall_ms)
        self.wall = Wall(self.store, self.city, self.latency, wall_ms, self.figures.panel)
        self.metrics = ServerMetrics(Metrics(), self.store, self.figures.panel)
        self._publisher = LazyProducer(connection)
        self._heads = HeadsPublisher(self.store, self._publisher.put, wall_ms, topic=prefix + HEADS)
        self._urgency = Urgency(self.city)
        self._ledger = Ledger(self.store)
        self._sinks = open_sinks(self._addresses(place, prefix))
        self.outbox = self._outbox(place)
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
        self._dead_letters = prefix + DEAD_LETTERS
        self.reader = self._reader(connection, intake, prefix)
        self._registry = RegistryFeed(connection, topic=prefix + REGISTRY_TOPIC)
        self._tickets = Tickets(self.store, self.city, wall_ms)
        self._accidents = Accidents(self.store, self.city, wall_ms)
        risks = FirmRisks(FactsReader(self.store, self.city, self._accidents))
        self.metrics.watch_firms(lambda: risks.counts_lately(wall_ms()))
        self._safety = SafetyDesk(self.store, self.city, self._tickets, wall_ms, history, risks.site_weights)
        self._firms = SafetyReader(connection, self.city, self._safety, prefix=prefix)
        self._coding = Coding(self.store, self.city, self._safety.watch)
        overdue = Overdue(self._tickets, self._accidents, self.city, self._safety.watch)
        others = (self._coding.on_time, overdue.on_time)
        self._kitchens = Kitchens(self.store, self.city, self._tickets, self._safety.watch, wall_ms)
        self._cameras = KitchenReader(connection, self.city, self._kitchens, prefix=prefix)
        told, ready, every = f"{prefix}findings", self._firms.caught_up, (*others, self._kitchens.on_time)
        self._duties = SafetyTeller(self._safety, self._publisher.put, topic=told, others=every, ready=ready)
        self._stations = StationReader(connection, self.city, StationLog(self.store), wall_ms, prefix=prefix)
        self._recalls = Recalls(self.store, self.city, wall_ms)
        self._notices = NoticeSender(self._recalls, self._addresses(place, prefix), wall_ms)
        put = self._publisher.put
        self._declarations = DeclarationParts(connection, self.store, self.city, put, wall_ms, prefix=prefix)
        self._custody = CustodyReader(connection, self.city, self._recalls, self._coding, prefix=prefix)
        yards = Yards()
        self._cards = ResponderCards(self.store, self.city, yards, history, wall_ms, YardGrades())
        self._yards = YardReader(connection, self.city, yards, prefix=prefix)
        self._cargo = CargoParts(connection, self.store, self.city, yards, prefix=prefix)
        board = Board(self.store, self.city, wall_ms)
        self._judgements = JudgementReader(connection, board, self._tickets, topic=prefix + JUDGEMENTS)
        self._marks = prefix + MARKS
        trials = KafkaTrials(connection, prefix=prefix)
        self._promotions = Promotions(self.store, self.city, trials, read_gate(place.gate), wall_ms)
        self._verdicts = VerdictPublisher(self.store, self._publisher.put, topic=prefix + VERDICTS)
        self._alarm_events = AlarmEventPublisher(self.store, self._publisher.put, topic=prefix + ALARM_EVENTS)
        self._packs = ServerPacks(connection, prefix + CONFIG, self.city, self._desk, self._changed)
        self._units = UnitStateReader(connection, self._desk, self._changed, prefix=prefix)
        self.stream = Broadcaster(
            Changes(self.store, self.city), self.feed, self.wall.show, self.figures, self._urgency
        )
        self.metrics.watch(self.stream)
        app = create_app(self._interface(place, history), self.access)
        self._http = HttpServer(app, place.host, place.port, cert_file=place.cert_file, key_file=place.key_file)

    def _require_shelter(self, place: Place) -> None:
        try:
            sheltered = bool(place.cert_file or place.terms.proxies)
            require_loopback(place.host, accounts=self.access.directory.any(), sheltered=sheltered)
        except ConfigurationError:
            self.store.close()
            raise

    def _addresses(self, place: Place, prefix: str) -> Addresses:
        addresses = place.channels or Addresses(place.bureau_url, place.folder)
        return msgspec.structs.replace(
            addresses,
            topic=prefix + WARNINGS,
            publish=self._publisher.put,
            gb_names=GbNames(self.store, addresses.gbt35965_sender).names,
            mail_of=lambda authority: self._safety.guarantors.mail_of(authority),
        )

    def _outbox(self, place: Place) -> Outbox:
        patience = Patience(
            place.digest_interval_s,
            self.figures.flooded_lately,
            self.figures.desk_of,
            self._urgency.least_rank,
            self.wall.speed,
        )
        self.city.first_try = patience.until
        digests = Digests(self.store, place.sender, self.city.colour)
        return Outbox(self._ledger, self._sinks, wall_ms, self._on_tried, digests)

    def _reader(self, connection: KafkaConnection, intake: Intake, prefix: str) -> FindingsReader:
        return FindingsReader(
            connection,
            intake,
            self.wall,
            on_taken=self._on_taken,
            refuse=RefusedFindings(self._publisher, self._dead_letters, wall_ms).keep,
            urgent=lambda finding: not finding.late and self._urgency.urgent(finding.domain, finding.severity),
            on_unexpected=lambda: self.metrics.unexpected("findings"),
            prefix=prefix,
        )

    def _interface(self, place: Place, history: History) -> Server:
        return Server(
            self.store,
            self.city,
            self._desk,
            self.wall,
            self.feed,
            self._ledger,
            self.outbox.wake,
            history,
            self.metrics.page,
            alertmanager=self.alertmanager,
            figures=self.figures,
            stream=self.stream,
            sender=place.sender,
            promotions=self._promotions,
            judgements=self._judgements.board,
            send_mark=self._send_mark,
            tickets=self._tickets,
            recalls=self._recalls,
            coding=self._coding,
            kitchens=self._kitchens,
            safety=self._safety,
            declarations=self._declarations.desk,
            cards=self._cards,
            cargo=self._cargo.desk,
            accidents=self._accidents,
        )

    async def _send_mark(self, mark: Mark) -> None:
        await self._publisher.put(self._marks, mark.id.encode(), encode(mark))

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
                self._http.run(), self.reader.run(), self.outbox.run(), self._keep_time(),
                self._packs.watch(self.wall, self._dead_letters),
                self._judgements.run(), self._custody.run(), self._firms.run(), self._duties.run(), self._yards.run(),
                self._cameras.run(), self._stations.run(),
                keep_ends(self.alertmanager, self._changed), self._heads.run(), self._verdicts.run(),
                self._alarm_events.run(), self._notices.run(),
                self._units.run(),
                *self._declarations.run(), self._cargo.run(),
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
        await self.reader.start()

    async def _end(self) -> None:
        await self.reader.stop()
        await self._packs.stop()
        await self._registry.stop()
        await self._publisher.stop()
        for sink in self._sinks.values():
            await sink.close()
        self._http.close()
        self.store.close()

    async def _keep_time(self) -> None:
        """Let city time act on alarms and tickets: delays, the end of shelving, re-alarms, deadlines."""
        while True:
            try:
                changed = await asyncio.to_thread(self._desk.on_time)
                await asyncio.to_thread(self._tickets.on_time)
                await asyncio.to_thread(self._declarations.desk.on_time)
                await asyncio.to_thread(self._accidents.on_time)
            except sa.exc.OperationalError as error:
                log.error("store_waits", error=str(error.orig))
                changed = []
            if changed:
                self._changed()
            if len(changed) < AT_ONCE:
                await asyncio.sleep(TICK_EVERY_S)

    def _changed(self) -> None:
        self.feed.wake()
        self.outbox.wake()

    def _on_taken(self, taken: Taken) -> None:
        self.latency.record(taken.latencies_ms)
        self.metrics.taken(taken)
        if taken.alarms:
            self._changed()

    def _on_tried(self, tried: Tried) -> None:
        self.metrics.tried(tried)
        self.feed.wake()
