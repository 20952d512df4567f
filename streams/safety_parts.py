"""What the alert server needs for the safety of firms: tickets, accidents, safety work, and how risky each firm is."""

from alerts.accidents.desk import Accidents
from alerts.firm_risk.board import FirmRisks
from alerts.overdue import Overdue
from alerts.safety.desk import SafetyDesk
from alerts.safety_figures.read import FactsReader
from alerts.tickets.desk import Tickets
from streams.safety_reader import OnTime, SafetyReader, SafetyTeller
from streams.server_parts import Ground, ServerParts, Work


class SafetyParts(ServerParts):
    """Desks of tickets, accidents and safety work; ``risks`` weighs firms by what all three hold."""

    def __init__(self, ground: Ground) -> None:
        store, city, wall_ms = ground.store, ground.city, ground.wall_ms
        self._ground = ground
        self.tickets = Tickets(store, city, wall_ms)
        self.accidents = Accidents(store, city, wall_ms)
        self.risks = FirmRisks(FactsReader(store, city, self.accidents))
        self.desk = SafetyDesk(store, city, self.tickets, wall_ms, ground.history, self.risks.site_weights)
        self._overdue = Overdue(self.tickets, self.accidents, city, self.desk.watch)
        self._reader = SafetyReader(ground.connection, city, self.desk, prefix=ground.prefix)

    def run(self) -> tuple[Work, ...]:
        """The reader of commitments and permits."""
        return (self._reader.run(),)

    def on_time(self) -> None:
        """Deadlines of tickets and of accident cases."""
        self.tickets.on_time()
        self.accidents.on_time()

    def teller(self, *others: OnTime) -> SafetyTeller:
        """Who brings to the topic of findings what the watch keeps: of safety work, what is overdue, and of ``others``
        that keep what they say in the same watch.
        """
        return SafetyTeller(
            self.desk,
            self._ground.put,
            topic=f"{self._ground.prefix}findings",
            others=(*others, self._overdue.on_time),
            ready=self._reader.caught_up,
        )
