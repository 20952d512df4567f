"""The alert server: findings in, alarms and warnings out. The only process that writes the store.

It wires what alerts/ offers: the desks of every subject with what goes on beside them (``*_parts.py``), and the
interface with its pages, all in one event loop; work on the store runs in threads.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
import structlog

from alerts.accounts.access import Access
from alerts.api import Server, create_app, require_loopback
from alerts.city import City
from alerts.desk import AT_ONCE
from alerts.judgements.board import Board
from alerts.ledger.gb_names import GbNames
from alerts.promotions.gate import read_gate
from alerts.promotions.promotions import Promotions
from alerts.sinks import Addresses
from alerts.stations.log import StationLog
from alerts.store import Store
from records.history import History
from streams.alarm_parts import AlarmParts
from streams.cargo_parts import CargoParts
from streams.declaration_parts import DeclarationParts
from streams.food_parts import FoodParts
from streams.http_server import HttpServer
from streams.judgement_reader import JudgementReader
from streams.kafka_trials import KafkaTrials
from streams.lazy_producer import LazyProducer
from streams.registry_feed import REGISTRY_TOPIC, RegistryFeed
from streams.safety_parts import SafetyParts
from streams.server_parts import Ground, Work
from streams.server_place import Place
from streams.station_reader import StationReader
from streams.told_parts import ToldParts
from streams.yard_parts import YardParts
from topics.connection import KafkaConnection
from topics.errors import ConfigurationError
from topics.judgement import TOPIC as JUDGEMENTS

log = structlog.get_logger(__name__)

WARNINGS = "warnings"
#: How often, in wall time, the desks are asked what city time has done to what they hold.
TICK_EVERY_S = 0.5


def wall_ms() -> int:
    """Milliseconds UTC of this machine's clock."""
    return time.time_ns() // 1_000_000


class AlertServer:
    """All parts of the alert server; ``run`` until ``stop``. ``prefix`` stands before the names of its topics,
    ``clock`` gives the wall time (ms UTC).

    Raises ``ConfigurationError`` or ``PartMissing`` in one sentence for a host, port or store it cannot have.
    """

    def __init__(
        self,
        connection: KafkaConnection,
        place: Place,
        history: History,
        *,
        prefix: str = "",
        clock: Callable[[], int] = wall_ms,
    ) -> None:
        self._stopping = asyncio.Event()
        self.city = City(simulated=place.simulated)
        self.store = Store(place.store_url)
        self.access = Access(self.store, place.terms, local_key=place.local_key)
        self._require_shelter(place)
        self._producer = LazyProducer(connection)
        ground = Ground(connection, self._producer, self.store, self.city, history, clock, prefix)
        self._registry = RegistryFeed(connection, topic=prefix + REGISTRY_TOPIC)
        self._safety = SafetyParts(ground)
        where = self._addresses(place, prefix)
        self._alarms = AlarmParts(ground, place, where)
        self._alarms.metrics.watch_firms(lambda: self._safety.risks.counts_lately(clock()))
        self._food = FoodParts(ground, self._safety.tickets, self._safety.desk.watch, where)
        self._declarations = DeclarationParts(ground)
        self._yards = YardParts(ground)
        self._cargo = CargoParts(ground, self._yards.yards)
        self._told = ToldParts(ground)
        self._others = (self._safety, self._declarations, self._food, self._yards, self._cargo, self._told)
        self._teller = self._safety.teller(self._food.coding.on_time, self._food.kitchens.on_time)
        self._stations = StationReader(connection, self.city, StationLog(self.store), clock, prefix=prefix)
        board = Board(self.store, self.city, clock)
        self._judgements = JudgementReader(connection, board, self._safety.tickets, topic=prefix + JUDGEMENTS)
        trials = KafkaTrials(connection, prefix=prefix)
        self._promotions = Promotions(self.store, self.city, trials, read_gate(place.gate), clock)
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
            publish=self._producer.put,
            gb_names=GbNames(self.store, addresses.gbt35965_sender).names,
            mail_of=self._safety.desk.guarantors.mail_of,
        )

    def _interface(self, place: Place, history: History) -> Server:
        alarms, safety, food = self._alarms, self._safety, self._food
        return Server(
            self.store,
            self.city,
            alarms.desk,
            alarms.wall,
            alarms.feed,
            alarms.ledger,
            alarms.outbox.wake,
            history,
            alarms.metrics.page,
            alertmanager=alarms.alertmanager,
            figures=alarms.figures,
            stream=alarms.stream,
            sender=place.sender,
            promotions=self._promotions,
            judgements=self._judgements.board,
            send_mark=self._told.send_mark,
            tickets=safety.tickets,
            recalls=food.recalls,
            coding=food.coding,
            kitchens=food.kitchens,
            safety=safety.desk,
            declarations=self._declarations.desk,
            cards=self._yards.cards,
            cargo=self._cargo.desk,
            accidents=safety.accidents,
        )

    @property
    def port(self) -> int:
        """The port it listens on; it is held from the first moment on."""
        return self._http.port

    def stop(self) -> None:
        """End in good order; call it in the event loop."""
        self._stopping.set()

    async def run(self, on_ready: Any = lambda: None) -> None:
        """Serve until stopped. Raises what a part of it raised; ``on_ready`` is called once all parts work."""
        try:
            await self._start()
            parts: list[Work] = [
                self._http.run(),
                self._keep_time(),
                *self._alarms.run(),
                *(work for subject in self._others for work in subject.run()),
                self._teller.run(),
                self._judgements.run(),
                self._stations.run(),
            ]
            tasks = [asyncio.create_task(part) for part in parts]
            stopping = asyncio.create_task(self._stopping.wait())
            on_ready()
            try:
                done, _ = await asyncio.wait([stopping, *tasks], return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            finally:
                self._alarms.feed.close()
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
        await self._alarms.start()

    async def _end(self) -> None:
        await self._alarms.stop()
        await self._registry.stop()
        await self._producer.stop()
        self._http.close()
        self.store.close()

    async def _keep_time(self) -> None:
        """Let city time act on what desks hold, sooner again where much has come of it."""
        while True:
            try:
                changed = await asyncio.to_thread(self._on_time)
            except sa.exc.OperationalError as error:
                log.error("store_waits", error=str(error.orig))
                changed = []
            if changed:
                self._alarms.changed()
            if len(changed) < AT_ONCE:
                await asyncio.sleep(TICK_EVERY_S)

    def _on_time(self) -> Sequence[str]:
        """Delays, the end of shelving, re-alarms, deadlines; the alarms that have changed."""
        changed = self._alarms.desk.on_time()
        for subject in self._others:
            subject.on_time()
        return changed
