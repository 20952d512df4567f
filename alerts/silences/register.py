"""The register of silences: writes them, ends them, and sees that what they held back is announced in the end.

Each deed is a line of the ledger, in the transaction that does it. Nothing is ever deleted.
"""

import uuid
from collections.abc import Callable

import sqlalchemy as sa

from alerts.city import City
from alerts.ledger.chain import append
from alerts.silences import tables
from alerts.silences.rows import active, from_row, to_row
from alerts.silences.silence import Deed, Policy, Silence, Unknown, written
from alerts.store import Store
from alerts.workbench import Workbench

#: The kind of the ledger's lines about silences.
KIND = "silence"
#: Expired silences are listed for this long, as Alertmanager does by default.
LISTED_AFTER_END_MS = 120 * 3600 * 1000
LONGEST_MS = 8 * 3600 * 1000


class Silences:
    """Silences of one store. ``wall_ms`` gives the wall time, ``longest_ms`` is how long one may last."""

    def __init__(
        self, store: Store, city: City, sender: str, wall_ms: Callable[[], int], longest_ms: int = LONGEST_MS
    ) -> None:
        self._store = store
        self._city = city
        self._sender = sender
        self._wall_ms = wall_ms
        self._longest_ms = longest_ms

    def listed(self) -> list[Silence]:
        """All that hold, will hold, or ended within the last five days."""
        table = tables.silence
        query = sa.select(table).where(table.c.ends_at > self._wall_ms() - LISTED_AFTER_END_MS)
        with self._store.read() as connection:
            return [from_row(dict(row)) for row in connection.execute(query).mappings()]

    def active(self) -> list[Silence]:
        """Those that hold now."""
        with self._store.read() as connection:
            return active(connection, self._wall_ms())

    def get(self, name: str) -> Silence:
        """The silence with this id, however old. Raises ``Unknown``."""
        with self._store.read() as connection:
            return self._found(connection, name)

    def write(self, wanted: Silence, *, may_cover_red: bool = False) -> str:
        """Take a silence, new (no id) or changed, and give its id; a change of what it did so far makes a new one.

        ``may_cover_red``: whoever writes it has a role that may silence the top severity.
        Raises ``Unknown``, ``Invalid`` or ``Refused``.
        """
        return self._store.write(lambda connection: self._write(connection, wanted, may_cover_red))

    def expire(self, name: str, who: str = "") -> None:
        """End it now, and announce what it held back; once is enough. Raises ``Unknown``."""
        self._store.write(lambda connection: self._expire(connection, name, who))

    def settle(self) -> list[str]:
        """Announce what silences that have ended held back and is still there; the ids of the alarms that changed."""
        with self._store.read() as connection:
            if not self._ended(connection):
                return []
        return self._store.write(self._settle)

    def _write(self, connection: sa.Connection, wanted: Silence, may_cover_red: bool) -> str:
        previous = self._found(connection, wanted.id) if wanted.id else None
        policy = Policy(self._longest_ms, self._top())
        wanted = Silence(
            wanted.id,
            wanted.matchers,
            wanted.starts_at,
            wanted.ends_at,
            wanted.created_by,
            wanted.comment,
            may_cover_top=may_cover_red,
            annotations=wanted.annotations,
        )
        deeds = written(wanted, previous, self._wall_ms(), policy, str(uuid.uuid4()))
        for deed, silence in deeds:
            self._store_one(connection, deed, silence, wanted.created_by)
        self._settle(connection)
        return deeds[-1][1].id

    def _expire(self, connection: sa.Connection, name: str, who: str) -> None:
        silence, now = self._found(connection, name), self._wall_ms()
        if silence.state(now) != "expired":
            self._store_one(connection, "expired", silence.ended(now), who)
            self._settle(connection)

    def _store_one(self, connection: sa.Connection, deed: Deed, silence: Silence, who: str) -> None:
        row = to_row(silence)
        connection.execute(self._store.upsert(tables.silence), [row])
        line = {key: value for key, value in row.items() if key != "settled"}
        append(connection, KIND, line | {"deed": deed, "who": who, "wall": self._wall_ms()})

    def _settle(self, connection: sa.Connection) -> list[str]:
        ended = self._ended(connection)
        if not ended:
            return []
        table, hold = tables.silence, tables.silence_hold.c
        held = connection.execute(sa.select(hold.alarm_id).where(hold.silence_id.in_(ended)).distinct()).scalars().all()
        bench = Workbench(connection, self._store, self._city, self._sender, self._wall_ms())
        for name in sorted(held):
            alarm = bench.alarm(name)
            if alarm is not None and alarm.life.closed is None:
                bench.review(name, max(self._city.time, alarm.life.updated))
        connection.execute(sa.update(table).where(table.c.id.in_(ended)).values(settled=True))
        return bench.finish()

    def _ended(self, connection: sa.Connection) -> list[str]:
        table = tables.silence.c
        query = sa.select(table.id).where(table.settled.is_(False), table.ends_at <= self._wall_ms())
        return list(connection.execute(query).scalars())

    def _found(self, connection: sa.Connection, name: str) -> Silence:
        table = tables.silence
        row = connection.execute(sa.select(table).where(table.c.id == name)).mappings().first()
        if row is None:
            raise Unknown("silence not found")
        return from_row(dict(row))

    def _top(self) -> tuple[str, ...]:
        """The codes that are the worst of any scheme in use."""
        schemes = [self._city.scheme(name) for name in (*self._city.domains, "")]
        return tuple(sorted({max(scheme.levels, key=lambda level: level.rank).code for scheme in schemes}))
