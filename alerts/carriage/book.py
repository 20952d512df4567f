"""What is told of carriers, in the store: taken in any order and as often as it comes, asked for any past moment."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts.carriage import tables
from alerts.kept_from_log import KeptFromLog
from records.carriage.custody_line import OVER_MS, Seen
from records.carriage.track import HOUR_MS, Point, hours, merged
from topics.codec import encode
from topics.positions import Handover, Position, Told, Waybill


class CarriageBook(KeptFromLog):
    """One for each store."""

    def take(self, told: Sequence[Told], topic: str = "", partition: int = 0, next_offset: int = 0) -> None:
        """Store these in one transaction, with where to read on."""

        def work(connection: sa.Connection) -> None:
            self._positions(connection, [each for each in told if isinstance(each, Position)])
            for each in told:
                if isinstance(each, Waybill):
                    self._waybill(connection, each)
                elif isinstance(each, Handover):
                    self._handover(connection, each)
            self._reached(connection, topic, partition, next_offset)

        self.store.write(work)

    def carriers(self, since_ms: int) -> list[Position]:
        """The newest position of each carrier heard of since then, the newest first."""
        table = tables.cargo_carrier.c
        asked = sa.select(table.body).where(table.time >= since_ms).order_by(table.time.desc(), table.carrier)
        with self.store.read() as connection:
            return [msgspec.json.decode(body, type=Position) for body in connection.execute(asked).scalars()]

    def under_way(self, time_ms: int) -> list[Waybill]:
        """The trips that had left and were not over at a moment, the newest first."""
        table = tables.cargo_trip.c
        asked = sa.select(table.body).where(table.departs <= time_ms, table.over > time_ms)
        with self.store.read() as connection:
            found = [_waybill(body) for body in connection.execute(asked.order_by(table.departs.desc())).scalars()]
        return [each for each in found if not each.cancelled]

    def trip(self, number: str) -> Waybill | None:
        """A waybill by its number."""
        table = tables.cargo_trip.c
        with self.store.read() as connection:
            body = connection.execute(sa.select(table.body).where(table.id == number)).scalar()
        return _waybill(body) if body is not None else None

    def trips_of(self, carrier: str, limit: int = 20) -> list[Waybill]:
        """A carrier's trips, the newest first."""
        table = tables.cargo_trip.c
        asked = sa.select(table.body).where(table.carrier == carrier).order_by(table.departs.desc()).limit(limit)
        with self.store.read() as connection:
            return [_waybill(body) for body in connection.execute(asked).scalars()]

    def about(self, container: str) -> tuple[tuple[Waybill, ...], tuple[Handover, ...], tuple[Seen, ...]]:
        """What waybills (``time`` = first said), handovers and terminals say of a container."""
        aboard, trip, handed = tables.cargo_aboard.c, tables.cargo_trip.c, tables.cargo_handover.c
        with self.store.read() as connection:
            rows = connection.execute(sa.select(tables.cargo_aboard).where(aboard.container == container)).all()
            refs: dict[str, list[str]] = defaultdict(list)
            for row in rows:
                refs[row.kind].append(row.ref)
            trips = connection.execute(sa.select(trip.body).where(trip.id.in_(refs["trip"]))).scalars().all()
            hands = connection.execute(sa.select(handed.body).where(handed.id.in_(refs["handover"]))).scalars().all()
        seen = tuple(
            Seen(row.ref.partition("/")[2], "ship" if row.ref.startswith("ship/") else "road", row.first, row.last)
            for row in rows
            if row.kind == "carrier"
        )
        said = {row.ref: row.first for row in rows if row.kind == "trip"}
        papers = [each for body in trips if container in (each := _waybill(body)).containers]
        waybills = tuple(msgspec.structs.replace(each, time=said[each.id]) for each in papers)
        return waybills, tuple(msgspec.json.decode(body, type=Handover) for body in hands), seen

    def track(self, carrier: str, first_ms: int, last_ms: int) -> list[Point]:
        """Where a carrier was between two moments, both included."""
        table = tables.cargo_track.c
        asked = sa.select(table.points).where(
            table.carrier == carrier, table.hour >= first_ms - first_ms % HOUR_MS, table.hour <= last_ms
        )
        with self.store.read() as connection:
            found = connection.execute(asked.order_by(table.hour)).scalars().all()
        return [row for points in found for row in _points(points) if first_ms <= row[0] <= last_ms]

    def _positions(self, connection: sa.Connection, positions: Sequence[Position]) -> None:
        by_carrier: dict[str, list[Position]] = defaultdict(list)
        for each in positions:
            if each.located:
                by_carrier[each.carrier].append(each)
        for carrier, rows in by_carrier.items():
            for hour, points in hours(rows).items():
                self._track(connection, carrier, hour, points)
            self._newest(connection, max(rows, key=lambda each: each.time))
            for each in rows:
                for container in each.containers:
                    self._aboard(connection, container, "carrier", f"{each.kind}/{carrier}", each.time)

    def _track(self, connection: sa.Connection, carrier: str, hour: int, points: list[Point]) -> None:
        table = tables.cargo_track
        asked = sa.select(table.c.points).where(table.c.carrier == carrier, table.c.hour == hour)
        known = connection.execute(asked).scalar()
        rows = merged(_points(known) if known else (), points)
        row = {"carrier": carrier, "hour": hour, "points": msgspec.json.encode(rows).decode()}
        connection.execute(self.store.upsert(table), [row])

    def _newest(self, connection: sa.Connection, position: Position) -> None:
        table = tables.cargo_carrier
        known = connection.execute(sa.select(table.c.time).where(table.c.carrier == position.carrier)).scalar()
        if known is None or position.time >= known:
            row = {
                "carrier": position.carrier, "site": position.site, "domain": position.domain, "time": position.time,
                "body": encode(position).decode(),
            }  # fmt: skip
            connection.execute(self.store.upsert(table), [row])

    def _waybill(self, connection: sa.Connection, waybill: Waybill) -> None:
        table = tables.cargo_trip
        known = connection.execute(sa.select(table.c.said).where(table.c.id == waybill.id)).scalar()
        for container in waybill.containers:
            self._aboard(connection, container, "trip", waybill.id, waybill.time)
        if known is not None and known > waybill.time:
            return
        row = {
            "id": waybill.id, "carrier": waybill.carrier, "site": waybill.site, "said": waybill.time,
            "departs": waybill.departs, "over": waybill.ended or waybill.arrives + OVER_MS,
            "body": encode(waybill).decode(),
        }  # fmt: skip
        connection.execute(self.store.upsert(table), [row])

    def _handover(self, connection: sa.Connection, handover: Handover) -> None:
        row = {
            "id": handover.id, "carrier": handover.carrier, "site": handover.site, "time": handover.time,
            "body": encode(handover).decode(),
        }  # fmt: skip
        connection.execute(self.store.insert_new(tables.cargo_handover), [row])
        for container in handover.containers:
            self._aboard(connection, container, "handover", handover.id, handover.time)

    def _aboard(self, connection: sa.Connection, container: str, kind: str, ref: str, time: int) -> None:
        table = tables.cargo_aboard
        is_it = (table.c.container == container) & (table.c.kind == kind) & (table.c.ref == ref)
        known = connection.execute(sa.select(table.c.first, table.c.last).where(is_it)).first()
        first, last = (min(known.first, time), max(known.last, time)) if known is not None else (time, time)
        row = {"container": container, "kind": kind, "ref": ref, "first": first, "last": last}
        if known is None or (first, last) != (known.first, known.last):
            connection.execute(self.store.upsert(table), [row])


def _points(text: str) -> list[Point]:
    return msgspec.json.decode(text, type=list[Point])


def _waybill(body: Any) -> Waybill:
    return msgspec.json.decode(body, type=Waybill)
