"""What is kept of kitchens: sights, the last word of each camera, visits."""

import hashlib
from collections.abc import Callable, Sequence

import msgspec
import sqlalchemy as sa

from alerts.kept_from_log import KeptFromLog
from alerts.kitchens.tables import kitchen_camera, kitchen_sight, kitchen_visit
from alerts.ledger.chain import append
from alerts.store import Store
from records.kitchens.cameras import Camera, first_word
from topics.kitchen_events import Kitchen, KitchenSight

KIND = "kitchen"


class Visited(msgspec.Struct, frozen=True):
    """A visit: at ``time`` by ``who``, with what was found; ``score`` is what the kitchen had by then."""

    id: str
    site: str
    time: int
    who: str
    text: str
    score: float


class Book(KeptFromLog):
    """``changes`` counts the portions of sights, and the visits, that have come since the start."""

    def __init__(self, store: Store, wall_ms: Callable[[], int]) -> None:
        super().__init__(store)
        self.changes = 0
        self._wall_ms = wall_ms

    def take(self, events: Sequence[Kitchen], topic: str = "", partition: int = 0, next_offset: int = 0) -> None:
        """Keep these in one transaction with where to read on; what is there already changes nothing."""

        def work(connection: sa.Connection) -> None:
            sights = [
                {"id": each.id, "site": each.site, "time": each.time, "camera": each.camera, "what": each.what,
                 "confidence": each.confidence, "picture": each.picture}
                for each in events if isinstance(each, KitchenSight)
            ]  # fmt: skip
            if sights:
                connection.execute(self.store.insert_new(kitchen_sight), sights)
            if events:
                connection.execute(self.store.upsert(kitchen_camera), self._told(connection, events))
            self._reached(connection, topic, partition, next_offset)

        self.store.write(work)
        self.changes += any(isinstance(each, KitchenSight) for each in events)

    def sights(self, since: int, until: int, site: str = "", limit: int | None = None) -> list[KitchenSight]:
        """What was seen in ``[since, until)``, the youngest first."""
        table = kitchen_sight.c
        asked = sa.select(kitchen_sight).where(table.time >= since, table.time < until)
        if site:
            asked = asked.where(table.site == site)
        with self.store.read() as connection:
            rows = connection.execute(asked.order_by(table.time.desc(), table.id).limit(limit)).all()
        return [KitchenSight(**row._mapping) for row in rows]

    def cameras(self) -> list[tuple[Camera, int]]:
        """Every camera that was ever heard of, with when it first was."""
        with self.store.read() as connection:
            rows = connection.execute(sa.select(kitchen_camera).order_by(kitchen_camera.c.site)).all()
        return [(Camera(row.site, row.camera, row.heard, row.state, row.since), row.first) for row in rows]

    def visit(self, site: str, time: int, who: str, text: str, score: float) -> Visited:
        """Keep a visit, chained in the ledger."""
        name = hashlib.sha256(f"{site}|{time}|{who}|{text}".encode()).hexdigest()[:16]
        made = Visited(name, site, time, who, text, score)

        def work(connection: sa.Connection) -> None:
            known = sa.select(kitchen_visit.c.id).where(kitchen_visit.c.id == name)
            if connection.execute(known).first() is None:
                head = append(connection, KIND, {"visit": msgspec.to_builtins(made)})
                row = msgspec.to_builtins(made) | {"wall": self._wall_ms(), "entry": head.sequence}
                connection.execute(sa.insert(kitchen_visit), [row])

        self.store.write(work)
        self.changes += 1
        return made

    def last_visits(self) -> dict[str, Visited]:
        """The last visit of each kitchen."""
        table = kitchen_visit.c
        columns = [table[name] for name in Visited.__struct_fields__]
        with self.store.read() as connection:
            rows = connection.execute(sa.select(*columns).order_by(table.time, table.id)).all()
        return {row.site: Visited(**row._mapping) for row in rows}

    def _told(self, connection: sa.Connection, events: Sequence[Kitchen]) -> list[dict[str, object]]:
        names = {(each.site, each.camera) for each in events}
        table = kitchen_camera.c
        asked = sa.select(kitchen_camera).where(table.site.in_({site for site, _ in names}))
        known = {
            (row.site, row.camera): (Camera(row.site, row.camera, row.heard, row.state, row.since), row.first)
            for row in connection.execute(asked)
        }
        for event in sorted(events, key=lambda each: each.time):
            name = (event.site, event.camera)
            camera, first = known.get(name, (first_word(event), event.time))
            known[name] = camera.told(event), min(first, event.time)
        return [
            msgspec.to_builtins(camera) | {"first": first} for name, (camera, first) in known.items() if name in names
        ]
