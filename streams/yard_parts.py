"""What the alert server needs of the yards: what stands in them by the log, and the cards for who goes in."""

from alerts.responder.cards import ResponderCards
from alerts.responder.yards import Yards
from streams.judges.yard_grades import YardGrades
from streams.server_parts import Ground, ServerParts, Work
from streams.yard_reader import YardReader


class YardParts(ServerParts):
    """``yards`` are kept by the reader of events; ``cards`` show them to responders."""

    def __init__(self, ground: Ground) -> None:
        self.yards = Yards()
        self.cards = ResponderCards(ground.store, ground.city, self.yards, ground.history, ground.wall_ms, YardGrades())
        self._reader = YardReader(ground.connection, ground.city, self.yards, prefix=ground.prefix)

    def run(self) -> tuple[Work, ...]:
        """The reader of what comes, goes and is moved."""
        return (self._reader.run(),)
