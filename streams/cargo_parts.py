"""What the alert server needs to say where goods are: the desk for the interface, the reader of positions."""

from collections.abc import Coroutine
from typing import Any

from alerts.carriage.desk import CargoDesk
from alerts.city import City
from alerts.responder.yards import Yards
from alerts.store import Store
from streams.positions_reader import PositionsReader
from topics.connection import KafkaConnection


class CargoParts:
    """``desk`` for the interface, ``run`` for the event loop; ``prefix`` stands before the names of topics."""

    def __init__(
        self, connection: KafkaConnection, store: Store, city: City, yards: Yards, *, prefix: str = ""
    ) -> None:
        self.desk = CargoDesk(store, city, yards)
        self.reader = PositionsReader(connection, city, self.desk.book, prefix=prefix)

    def run(self) -> Coroutine[Any, Any, None]:
        """The work that goes on beside the interface, until cancelled."""
        return self.reader.run()
