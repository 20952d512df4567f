"""What the alert server needs for alarms: findings in, the desk and its figures, warnings out, the stream to pages."""

from alerts.alertmanager.parts import Alertmanager, alertmanager_over
from alerts.changes import Changes
from alerts.desk import Desk
from alerts.feed import Feed
from alerts.flood.digests import Digests
from alerts.flood.patience import Patience
from alerts.flood.urgency import Urgency
from alerts.intake import Intake, Taken
from alerts.kpi.follow import DeskFigures
from alerts.latency import Latency
from alerts.ledger import Ledger, Tried
from alerts.outbox import Outbox
from alerts.report import stored_latency
from alerts.sinks import Addresses, open_sinks
from alerts.stream import Broadcaster
from alerts.wall import Wall
from streams.findings_reader import FindingsReader
from streams.metrics import Metrics
from streams.outside import keep_ends
from streams.refused_findings import RefusedFindings
from streams.server_metrics import ServerMetrics
from streams.server_packs import ServerPacks
from streams.server_parts import Ground, ServerParts, Work
from streams.server_place import Place
from streams.unit_state_reader import UnitStateReader
from topics.dead_letter import TOPIC as DEAD_LETTERS

CONFIG = "config"


class AlarmParts(ServerParts):
    """Everything an alarm passes from its finding to the warning that somebody signs for; ``where`` warnings go.

    Raises ``ConfigurationError`` in one sentence for a channel or a pack of alerts from outside that cannot be used.
    """

    def __init__(self, ground: Ground, place: Place, where: Addresses) -> None:
        store, city, wall_ms = ground.store, ground.city, ground.wall_ms
        self._ground = ground
        self._dead_letters = ground.prefix + DEAD_LETTERS
        self.latency: Latency = stored_latency(store)
        self.feed = Feed()
        self.figures = DeskFigures(store, city, place.desks, wall_ms)
        self.wall = Wall(store, city, self.latency, wall_ms, self.figures.panel)
        self.metrics = ServerMetrics(Metrics(), store, self.figures.panel)
        self._urgency = Urgency(city)
        self.ledger = Ledger(store)
        self._sinks = open_sinks(where)
        self.outbox = self._outbox(place)
        self.desk = Desk(store, city, place.sender, wall_ms)
        intake = Intake(store, city, place.sender, wall_ms)
        self.alertmanager = self._outside(place, intake)
        self._findings = self._reader(intake)
        self._packs = ServerPacks(ground.connection, ground.prefix + CONFIG, city, self.desk, self.changed)
        self._units = UnitStateReader(ground.connection, self.desk, self.changed, prefix=ground.prefix)
        self.stream = Broadcaster(Changes(store, city), self.feed, self.wall.show, self.figures, self._urgency)
        self.metrics.watch(self.stream)

    def _outbox(self, place: Place) -> Outbox:
        city = self._ground.city
        patience = Patience(
            place.digest_interval_s,
            self.figures.flooded_lately,
            self.figures.desk_of,
            self._urgency.least_rank,
            self.wall.speed,
        )
        city.first_try = patience.until
        digests = Digests(self._ground.store, place.sender, city.colour)
        return Outbox(self.ledger, self._sinks, self._ground.wall_ms, self._on_tried, digests)

    def _outside(self, place: Place, intake: Intake) -> Alertmanager:
        parts = alertmanager_over(
            self._ground.store,
            self._ground.city,
            intake=intake,
            sender=place.sender,
            wall_ms=self._ground.wall_ms,
            rules=place.outside,
            on_taken=self._on_taken,
            changed=self.changed,
        )
        self._ground.city.put(parts.external.pack.domain)
        return parts

    def _reader(self, intake: Intake) -> FindingsReader:
        return FindingsReader(
            self._ground.connection,
            intake,
            self.wall,
            on_taken=self._on_taken,
            refuse=RefusedFindings(self._ground.producer, self._dead_letters, self._ground.wall_ms).keep,
            urgent=lambda finding: not finding.late and self._urgency.urgent(finding.domain, finding.severity),
            on_unexpected=lambda: self.metrics.unexpected("findings"),
            prefix=self._ground.prefix,
        )

    async def start(self) -> None:
        """Read the packs in force and find the place of findings. Raises ``PartMissing`` where a topic is not there."""
        await self._packs.start()
        await self._findings.start()

    def run(self) -> tuple[Work, ...]:
        """Findings in, warnings out; packs, units and what comes from outside the city's own detectors."""
        return (
            self._findings.run(),
            self.outbox.run(),
            self._packs.watch(self.wall, self._dead_letters),
            keep_ends(self.alertmanager, self.changed),
            self._units.run(),
        )

    async def stop(self) -> None:
        """End reading and close the channels."""
        await self._findings.stop()
        await self._packs.stop()
        for sink in self._sinks.values():
            await sink.close()

    def changed(self) -> None:
        """There may be something new to show and to deliver; call it in the event loop."""
        self.feed.wake()
        self.outbox.wake()

    def _on_taken(self, taken: Taken) -> None:
        self.latency.record(taken.latencies_ms)
        self.metrics.taken(taken)
        if taken.alarms:
            self.changed()

    def _on_tried(self, tried: Tried) -> None:
        self.metrics.tried(tried)
        self.feed.wake()
