"""The record of custody in the store: events in, in any order, corrections too; what a trace asks, out."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import msgspec
import numpy as np
import sqlalchemy as sa

from alerts.custody import tables
from alerts.custody.asking import many, parts_of
from alerts.custody.corrections import declared_wrong, said_in_store
from alerts.custody.numbering import NAMELESS, names_of, numbered
from alerts.kept_from_log import KeptFromLog
from records.custody import ORDER, Facts, facts, lot_code
from records.digital_link import one_name
from topics.events import Custody

_DERIVED = (tables.custody_seen, tables.custody_link, tables.custody_use)


class CustodyRecord(KeptFromLog):
    """Keeps what the events topic says; an event that comes again changes nothing."""

    def take(self, events: Sequence[Custody], topic: str = "", partition: int = 0, next_offset: int = 0) -> set[str]:
        """Store what is new of these in one transaction, with where to read on. Gives the names of all elements of
        which something is known now, or no longer, that was not known before: as they were told first, and that which
        all wordings have in common.
        """

        def work(connection: sa.Connection) -> set[str]:
            touched = self._take(connection, {event.id: event for event in events})
            self._reached(connection, topic, partition, next_offset)
            return touched

        return self.store.write(work)

    def elements(self, code: str) -> list[str]:
        """The elements a lot code, or an element's own name in whatever wording, stands for, as told first."""
        lot, seen, name = tables.custody_lot.c, tables.custody_seen.c, tables.custody_name.c
        of_lot = sa.select(name.wording).where(lot.lot == code, name.name == lot.element).order_by(name.wording)
        told = sa.exists().where(seen.element == name.number)
        with self.store.read() as connection:
            found = list(connection.execute(of_lot).scalars())
            return found or list(
                connection.execute(sa.select(name.wording).where(name.name == one_name(code), told)).scalars()
            )

    def _take(self, connection: sa.Connection, events: Mapping[str, Custody]) -> set[str]:
        table = tables.custody_event.c
        known = {row[0] for row in many(connection, table.id, sa.select(table.id).where, events)}
        new = [facts(event) for name, event in events.items() if name not in known]
        if not new:
            return set()
        wrong = {each.retracts for each in new if each.retracts}
        ids = [each.id for each in new]
        said = many(connection, table.retracts, sa.select(table.retracts).where, ids)
        retracted = wrong | {row[0] for row in said} | declared_wrong(connection, new)
        last = connection.execute(sa.select(sa.func.max(table.number))).scalar() or 0
        rows = [
            _event_row(each, events[each.id], each.id in retracted) | {"number": number}
            for number, each in enumerate(new, start=last + 1)
        ]
        connection.execute(sa.insert(tables.custody_event), rows)
        touched = self._retract(connection, wrong & known | wrong - set(ids) | said_in_store(connection, new))
        good = [each for each in new if not each.retracts and each.id not in retracted]
        number = numbered(connection, (name for each in good for name in _names(each)))
        called = {row["id"]: row["number"] for row in rows}
        for target, found in _derived(good, number, called).items():
            if found:
                connection.execute(self.store.insert_new(target), found)
        seen = {name for each in good for name in each.seen}
        first = names_of(connection, np.array(sorted({number[name] for name in seen}), np.int64))
        return touched | set(first.values()) | {one_name(name) for name in seen}

    def _retract(self, connection: sa.Connection, wrong: Collection[str]) -> set[str]:
        """Take what these events said out again; the events themselves stay, marked."""
        seen, event, name = tables.custody_seen.c, tables.custody_event, tables.custody_name.c
        touched: set[str] = set()
        for part in parts_of(wrong):
            numbers = sa.select(event.c.number).where(event.c.id.in_(part))
            told = sa.select(name.name, name.wording).where(name.number == seen.element, seen.event.in_(numbers))
            touched.update(chain.from_iterable(connection.execute(told)))
            for table in _DERIVED:
                connection.execute(sa.delete(table).where(table.c.event.in_(numbers)))
            connection.execute(sa.update(event).where(event.c.id.in_(part)).values(retracted=True))
        return touched


def _event_row(event: Facts, whole: Custody, retracted: bool) -> dict[str, Any]:
    return {
        "id": event.id, "time": event.time, "site": whole.site, "kind": event.kind, "step": event.step,
        "retracts": event.retracts, "retracted": retracted, "body": msgspec.json.encode(whole.epcis).decode(),
        "content": event.content,
    }  # fmt: skip


def _names(event: Facts) -> Iterator[str]:
    """All that has a number where the event is kept."""
    yield from (event.place, event.party, *event.seen)
    if event.inputs or event.outputs:
        yield event.process


def _derived(
    events: Sequence[Facts], number: Mapping[str, int], called: Mapping[str, int]
) -> dict[sa.Table, list[dict[str, Any]]]:
    """The rows that follow from events, by the numbers of their names and of the events themselves."""
    rows: dict[sa.Table, list[dict[str, Any]]] = {table: [] for table in (*_DERIVED, tables.custody_lot)}
    for each in events:
        at = {"event": called[each.id], "time": each.time}
        there = at | {"place": number[each.place], "party": number[each.party]}
        rows[tables.custody_seen] += ({"element": number[name]} | there for name in each.seen)
        rows[tables.custody_link] += (
            {"parent": number[parent], "child": number[child] if child else NAMELESS, "action": ORDER[action]} | at
            for parent, child, action in each.links
        )
        for side, names in ((tables.IN, each.inputs), (tables.OUT, each.outputs)):
            rows[tables.custody_use] += (
                {"element": number[name], "side": side, "process": number[each.process]} | at for name in names
            )
        coded = ((lot_code(name), name) for name in each.seen)
        rows[tables.custody_lot] += (
            {"lot": lot, "element": one_name(name)} for lot, name in [*each.lots, *coded] if lot
        )
    return rows
