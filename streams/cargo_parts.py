"""What the alert server needs to say where goods are: the desk for the interface, the reader of positions."""

from alerts.carriage.desk import CargoDesk
from alerts.responder.yards import Yards
from streams.positions_reader import PositionsReader
from streams.server_parts import Ground, ServerParts, Work


class CargoParts(ServerParts):
    """On the road and, by ``yards``, in them."""

    def __init__(self, ground: Ground, yards: Yards) -> None:
        self.desk = CargoDesk(ground.store, ground.city, yards)
        self._reader = PositionsReader(ground.connection, ground.city, self.desk.book, prefix=ground.prefix)

    def run(self) -> tuple[Work, ...]:
        """The reader of positions."""
        return (self._reader.run(),)
