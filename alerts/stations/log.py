"""The log of stations in the store: every form of every entry, each chained in the ledger."""

from collections.abc import Collection, Sequence

import msgspec
import sqlalchemy as sa

from alerts.kept_from_log import KeptFromLog
from alerts.ledger.chain import append
from alerts.stations.tables import station_entry
from topics.station_entry import Kind, StationEntry

KIND = "station"


class StationLog(KeptFromLog):
    """Keeps entries and gives them back."""

    def enter(self, entry: StationEntry, wall_ms: int) -> bool:
        """Keep one more form of an entry; whether it is new. ``wall_ms``: the machine's time."""
        return bool(self.take([entry], wall_ms))

    def take(
        self, entries: Sequence[StationEntry], wall_ms: int, topic: str = "", partition: int = 0, next_offset: int = 0
    ) -> int:
        """The same for several, in one transaction with where to read on; how many were new."""

        def work(connection: sa.Connection) -> int:
            new = sum(self._enter(connection, each, wall_ms) for each in entries)
            self._reached(connection, topic, partition, next_offset)
            return new

        return self.store.write(work)

    def entries(
        self,
        site: str,
        start: int = 0,
        end: int = 2**62,
        *,
        kinds: Collection[Kind] = (),
        devices: Collection[str] = (),
        forms: bool = False,
    ) -> list[StationEntry]:
        """Entries of a site that touch ``[start, end)``, the earliest first: in their newest form, what was withdrawn
        left out, or all ``forms``. With ``devices`` those of these and of the site as a whole.
        """
        table = station_entry.c
        # A moment is a point; a camera without an end is there until further notice.
        lasts = sa.or_(
            table.end > start, sa.and_(table.end.is_(None), sa.or_(table.start >= start, table.kind == "camera"))
        )
        asked = sa.select(table.body).where(table.site == site, table.start < end, lasts)
        if kinds:
            asked = asked.where(table.kind.in_(kinds))
        if devices:
            asked = asked.where(table.device.in_(["", *devices]))
        if not forms:
            asked = asked.where(table.newest)
        with self.store.read() as connection:
            bodies = connection.execute(asked.order_by(table.start, table.id, table.made, table.number)).scalars()
            found = [msgspec.json.decode(body, type=StationEntry) for body in bodies]
        return [each for each in found if forms or not each.withdrawn]

    def _enter(self, connection: sa.Connection, entry: StationEntry, wall_ms: int) -> bool:
        table = station_entry
        body = msgspec.json.encode(entry).decode()
        asked = sa.select(table.c.made, table.c.body).where(table.c.id == entry.id).order_by(table.c.number)
        forms = connection.execute(asked).all()
        if any(each.body == body for each in forms):
            return False
        newest = all(entry.made >= each.made for each in forms)  # what was on its way for long is no news
        if newest and forms:
            connection.execute(sa.update(table).where(table.c.id == entry.id).values(newest=False))
        said = {"entry": entry.id, "number": len(forms) + 1, "form": msgspec.to_builtins(entry)}
        head = append(connection, KIND, said)
        row = {
            "id": entry.id, "number": len(forms) + 1, "newest": newest, "site": entry.site, "device": entry.device,
            "kind": entry.kind, "start": entry.start, "end": entry.end, "made": entry.made, "wall": wall_ms,
            "who": entry.who, "body": body, "entry": head.sequence,
        }  # fmt: skip
        connection.execute(sa.insert(table).values(row))
        return True
