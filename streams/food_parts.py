"""What the alert server needs for food: kitchens and their cameras, coded goods, recalls and their notices."""

from alerts.coding.desk import Coding
from alerts.custody.desk import Recalls
from alerts.custody.sending import NoticeSender
from alerts.kitchens.desk import Kitchens
from alerts.safety.watch import Watch
from alerts.sinks import Addresses
from alerts.tickets.desk import Tickets
from streams.custody_reader import CustodyReader
from streams.kitchen_reader import KitchenReader
from streams.server_parts import Ground, ServerParts, Work


class FoodParts(ServerParts):
    """Desks of kitchens, coding and recalls. What the first two find is kept in ``watch`` and told from there; notices
    of recalls go to the holders in ``where``.
    """

    def __init__(self, ground: Ground, tickets: Tickets, watch: Watch, where: Addresses) -> None:
        store, city = ground.store, ground.city
        self.coding = Coding(store, city, watch)
        self.kitchens = Kitchens(store, city, tickets, watch, ground.wall_ms)
        self.recalls = Recalls(store, city, ground.wall_ms)
        self._notices = NoticeSender(self.recalls, where, ground.wall_ms)
        self._cameras = KitchenReader(ground.connection, city, self.kitchens, prefix=ground.prefix)
        self._custody = CustodyReader(ground.connection, city, self.recalls, self.coding, prefix=ground.prefix)

    def run(self) -> tuple[Work, ...]:
        """The readers of cameras and of custody, and the sender of notices."""
        return self._cameras.run(), self._custody.run(), self._notices.run()
