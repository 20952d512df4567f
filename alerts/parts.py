"""The parts behind the interface: those that the server gives, and for every other one of the application's own, so
that tests and tools serve the whole interface over a store, a city and a desk.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from alerts.accidents.desk import Accidents
from alerts.alertmanager.parts import Alertmanager, alertmanager_over
from alerts.carriage.desk import CargoDesk
from alerts.changes import Changes
from alerts.city import City
from alerts.coding.desk import Coding
from alerts.custody.desk import Recalls
from alerts.declarations.desk import Declarations
from alerts.desk import Desk
from alerts.evidence.build import Evidence
from alerts.feed import Feed
from alerts.flood.urgency import Urgency
from alerts.judgements.api import SendMark
from alerts.judgements.board import Board
from alerts.kitchens.desk import Kitchens
from alerts.kpi.desks import DutyDesks
from alerts.kpi.follow import DeskFigures
from alerts.ledger import Ledger
from alerts.ledger.delivery_queries import DeliveryQueries
from alerts.ledger.inbound import Inbox
from alerts.promotions.promotions import Promotions
from alerts.responder.cards import ResponderCards
from alerts.responder.yards import Yards
from alerts.safety.desk import SafetyDesk
from alerts.safety.watch import Watch
from alerts.safety_figures.read import FactsReader
from alerts.store import Store
from alerts.stream import Broadcaster
from alerts.tickets.desk import Tickets
from alerts.wall import Wall
from records.history import History


@dataclass(frozen=True, slots=True)
class Server:
    """The parts behind the interface. ``wake_outbox`` is called when there is something new to deliver;
    ``metrics`` gives the page of /metrics in Prometheus' text format, ``behind`` how many findings lie on the
    topic that the store does not have yet. Without ``figures`` each domain is a desk; without ``stream`` the
    application makes its own.
    """

    store: Store
    city: City
    desk: Desk
    wall: Wall
    feed: Feed
    ledger: Ledger
    wake_outbox: Callable[[], None]
    history: History
    metrics: Callable[[], bytes]
    behind: Callable[[], int] = lambda: 0
    figures: DeskFigures | None = None
    stream: Broadcaster | None = None
    alertmanager: Alertmanager | None = None
    inbox: Inbox | None = None
    sender: str = "citybrain"
    promotions: Promotions | None = None
    judgements: Board | None = None
    send_mark: SendMark | None = None
    tickets: Tickets | None = None
    recalls: Recalls | None = None
    coding: Coding | None = None
    kitchens: Kitchens | None = None
    safety: SafetyDesk | None = None
    declarations: Declarations | None = None
    cards: ResponderCards | None = None
    cargo: CargoDesk | None = None
    accidents: Accidents | None = None


class Parts:
    """Every part that a route needs, of ``server`` where it has one."""

    def __init__(self, server: Server) -> None:
        store, city = server.store, server.city
        self.server = server
        self.evidence = Evidence(store, city, server.history)
        self.promotions = server.promotions or Promotions(store, city)
        self.deliveries = DeliveryQueries(store)
        self.inbox = server.inbox or Inbox(store, wall_ms)
        self.figures = server.figures or DeskFigures(store, city, DutyDesks(), lambda: 0)
        self.stream = server.stream or broadcaster_of(server, self.figures)
        self.board = server.judgements or Board(store, city, wall_ms)
        self.tickets = server.tickets or Tickets(store, city, wall_ms)
        self.safety = server.safety or SafetyDesk(store, city, self.tickets, wall_ms, server.history)
        self.recalls = server.recalls or Recalls(store, city, wall_ms)
        self.coding = server.coding or Coding(store, city, Watch(store))
        self.kitchens = server.kitchens or Kitchens(store, city, self.tickets, Watch(store), wall_ms)
        self.accidents = server.accidents or Accidents(store, city, wall_ms)
        self.facts = FactsReader(store, city, self.accidents)
        self.cards = server.cards or ResponderCards(store, city, Yards(), server.history, wall_ms)
        self.cargo = server.cargo or CargoDesk(store, city, self.cards.yards)
        self.declarations = server.declarations or Declarations(store, city, wall_ms)
        self.alertmanager = server.alertmanager or alertmanager_over(store, city)

    def changed(self) -> None:
        """There may be something new to show and to deliver."""
        self.server.feed.wake()
        self.server.wake_outbox()


def broadcaster_of(server: Server, figures: DeskFigures) -> Broadcaster:
    """One reader of changes for all who listen to this server."""
    changes = Changes(server.store, server.city)
    return Broadcaster(changes, server.feed, server.wall.show, figures, Urgency(server.city))


def wall_ms() -> int:
    """Wall time in ms UTC."""
    return time.time_ns() // 1_000_000
