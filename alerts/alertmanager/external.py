"""Alerts from outside into the store: each becomes messages of a finding, taken in by the same transaction."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts.alertmanager.episode import Kept, Message, hear, lapse
from alerts.alertmanager.external_pack import ExternalPack
from alerts.alertmanager.labels import fingerprint
from alerts.alertmanager.posted import Posted, filled, problem
from alerts.alertmanager.tables import external_alert
from alerts.intake import Arrived, Intake, Taken
from alerts.store import Store

#: An alert that says no end is over when it has not been said again for this long.
RESOLVE_TIMEOUT_MS = 300_000

_TEXTS = msgspec.json.Decoder(dict[str, str])


class External:
    """The alerts from outside of one store; time is wall time, since their senders know no other."""

    def __init__(
        self,
        store: Store,
        intake: Intake,
        pack: ExternalPack,
        wall_ms: Callable[[], int],
        resolve_timeout_ms: int = RESOLVE_TIMEOUT_MS,
    ) -> None:
        self._store = store
        self._intake = intake
        self.pack = pack
        self._wall_ms = wall_ms
        self.resolve_timeout_ms = resolve_timeout_ms

    def post(self, alerts: Iterable[Posted]) -> tuple[list[str], Taken]:
        """Take all that are valid; gives for each of the others why it is not taken, and what was taken."""
        now, valid, problems = self._wall_ms(), [], []
        for each in alerts:
            alert, timed_out = filled(each, now, self.resolve_timeout_ms)
            if why := problem(alert):
                problems.append(why)
            else:
                valid.append((fingerprint(alert.labels), alert, timed_out))
        if not valid:
            return problems, Taken()
        return problems, self._store.write(lambda connection: self._take(connection, valid, now))

    def lapse(self) -> Taken:
        """Close what has not been heard of for too long."""
        now, table = self._wall_ms(), external_alert.c
        due = table.is_open.is_(True) & (table.ends_at <= now)
        with self._store.read() as connection:
            if connection.execute(sa.select(table.fingerprint).where(due).limit(1)).first() is None:
                return Taken()
        return self._store.write(lambda connection: self._lapse(connection, due, now))

    def firing(self, connection: sa.Connection) -> list[Kept]:
        """What stands now, by fingerprint."""
        table = external_alert.c
        stands = table.is_open.is_(True) & (table.ends_at > self._wall_ms())
        return _kept(connection, stands)

    def _take(self, connection: sa.Connection, valid: list[tuple[str, Posted, bool]], now_ms: int) -> Taken:
        names = sorted({name for name, _, _ in valid})
        known = {each.fingerprint: each for each in _kept(connection, external_alert.c.fingerprint.in_(names))}
        messages: list[Message] = []
        for name, alert, timed_out in valid:
            known[name], said = hear(known.get(name), alert, timed_out, name, now_ms)
            messages += said
        return self._write(connection, known.values(), messages)

    def _lapse(self, connection: sa.Connection, due: sa.ColumnElement[bool], now_ms: int) -> Taken:
        messages: list[Message] = []
        left = []
        for each in _kept(connection, due):
            kept, said = lapse(each, now_ms)
            left.append(kept)
            messages += said
        return self._write(connection, left, messages)

    def _write(self, connection: sa.Connection, kept: Iterable[Kept], messages: Iterable[Message]) -> Taken:
        rows = [_to_row(each) for each in kept]
        connection.execute(self._store.upsert(external_alert), rows)
        return self._intake.take_within(connection, [Arrived(self.pack.finding(each)) for each in messages])


def _kept(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> list[Kept]:
    query = sa.select(external_alert).where(condition).order_by(external_alert.c.fingerprint)
    return [_from_row(dict(row)) for row in connection.execute(query).mappings()]


def _to_row(kept: Kept) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.structs.asdict(kept)
    return row | {
        "labels": msgspec.json.encode(kept.labels, order="sorted").decode(),
        "annotations": msgspec.json.encode(kept.annotations, order="sorted").decode(),
        "generator_url": kept.generator_url.replace("\x00", "\ufffd"),
    }


def _from_row(row: Mapping[str, Any]) -> Kept:
    return Kept(
        **(dict(row) | {"labels": _TEXTS.decode(row["labels"]), "annotations": _TEXTS.decode(row["annotations"])})
    )
