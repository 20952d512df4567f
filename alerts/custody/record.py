"""The record of custody in the store: events in, in any order, corrections too; what a trace asks, out."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts.custody import tables
from alerts.custody.asking import many, parts_of
from alerts.custody.corrections import declared_wrong, said_in_store
from alerts.kept_from_log import KeptFromLog
from records.custody import ALL, Change, Facts, Stay, facts, lot_code, pair_stays, put_in
from records.links import Use
from topics.events import Custody

_DERIVED = (tables.custody_seen, tables.custody_link, tables.custody_use)


class CustodyRecord(KeptFromLog):
    """Keeps what the events topic says; an event that comes again changes nothing."""

    def take(self, events: Sequence[Custody], topic: str = "", partition: int = 0, next_offset: int = 0) -> set[str]:
        """Store what is new of these in one transaction, with where to read on. Gives the names of all elements of
        which something is known now, or no longer, that was not known before.
        """

        def work(connection: sa.Connection) -> set[str]:
            touched = self._take(connection, {event.id: event for event in events})
            self._reached(connection, topic, partition, next_offset)
            return touched

        return self.store.write(work)

    def elements(self, code: str) -> list[str]:
        """The elements a lot code, or an element's own name, stands for."""
        lot, seen = tables.custody_lot.c, tables.custody_seen.c
        with self.store.read() as connection:
            found = list(
                connection.execute(sa.select(lot.element).where(lot.lot == code).order_by(lot.element)).scalars()
            )
            if not found and connection.execute(sa.select(seen.element).where(seen.element == code).limit(1)).first():
                return [code]
        return found

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
        rows = [_event_row(each, events[each.id], each.id in retracted) for each in new]
        connection.execute(sa.insert(tables.custody_event), rows)
        touched = self._retract(connection, wrong & known | wrong - set(ids) | said_in_store(connection, new))
        good = [each for each in new if not each.retracts and each.id not in retracted]
        for target, found in _derived(good).items():
            if found:
                connection.execute(self.store.insert_new(target), found)
        return touched | {name for each in good for name in each.seen}

    def _retract(self, connection: sa.Connection, wrong: Collection[str]) -> set[str]:
        """Take what these events said out again; the events themselves stay, marked."""
        seen, event = tables.custody_seen.c, tables.custody_event
        touched: set[str] = set()
        for part in parts_of(wrong):
            touched |= set(connection.execute(sa.select(seen.element).where(seen.event.in_(part))).scalars())
            for table in _DERIVED:
                connection.execute(sa.delete(table).where(table.c.event.in_(part)))
            connection.execute(sa.update(event).where(event.c.id.in_(part)).values(retracted=True))
        return touched


class StoredLinks:
    """What a trace asks (records/links.py), answered over one connection. What things were in is asked again for where
    they are now, so those answers are kept.
    """

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._containers: dict[str, Sequence[Stay]] = {}

    def contents(self, parents: Collection[str]) -> Mapping[str, Sequence[Stay]]:
        return self._stays(parents, tables.custody_link.c.parent, child_named=False)

    def containers(self, children: Collection[str]) -> Mapping[str, Sequence[Stay]]:
        if new := [name for name in children if name not in self._containers]:
            found = self._stays(new, tables.custody_link.c.child, child_named=True)
            self._containers.update((name, found.get(name, ())) for name in new)
        return {name: self._containers[name] for name in children}

    def used(self, elements: Collection[str]) -> Mapping[str, Sequence[Use]]:
        return self._uses(elements, "element", "in")

    def made(self, elements: Collection[str]) -> Mapping[str, Sequence[Use]]:
        return self._uses(elements, "element", "out")

    def inputs(self, processes: Collection[str]) -> Mapping[str, Sequence[Use]]:
        return self._uses(processes, "process", "in")

    def outputs(self, processes: Collection[str]) -> Mapping[str, Sequence[Use]]:
        return self._uses(processes, "process", "out")

    def _uses(self, names: Collection[str], key: str, side: str) -> Mapping[str, Sequence[Use]]:
        table = tables.custody_use.c
        by, other = (table.element, table.process) if key == "element" else (table.process, table.element)
        asked = sa.select(by, other, table.time).where(table.side == side)
        found: dict[str, list[Use]] = defaultdict(list)
        for name, there, time in many(self._connection, by, asked.where, names):
            found[name].append(Use(there, time))
        return found

    def _stays(self, names: Collection[str], by: sa.ColumnElement[str], *, child_named: bool) -> dict[str, list[Stay]]:
        table = tables.custody_link.c
        asked = sa.select(table.parent, table.child, table.time, table.action)
        said: dict[tuple[str, str], tuple[int, str]] = {}  # of nearly all pairs one word is said: they make no lists
        more: dict[tuple[str, str], list[Change]] = {}
        emptied: dict[str, list[int]] = defaultdict(list)
        for parent, child, time, action in many(self._connection, by, asked.where, names):
            pair = parent, child
            if child == ALL:
                emptied[parent].append(time)
            elif pair not in said:
                said[pair] = time, action
            else:
                more.setdefault(pair, [Change(*said[pair])]).append(Change(time, action))
        if child_named:  # asked by the parent, its emptying has come with the rest
            whole = sa.select(table.parent, table.time).where(table.child == ALL)
            for parent, time in many(self._connection, table.parent, whole.where, {parent for parent, _ in said}):
                emptied[parent].append(time)
        for times in emptied.values():
            times.sort()
        found: dict[str, list[Stay]] = defaultdict(list)
        for pair, (time, action) in said.items():
            here, there = pair[::-1] if child_named else pair
            gone = emptied.get(pair[0], ())
            if action == "ADD" and pair not in more:
                found[here].append(Stay(there, time, put_in(time, gone)))
            else:
                words = more.get(pair) or [Change(time, action)]
                found[here] += [Stay(there, *each) for each in pair_stays(words, gone)]
        return found


def _event_row(event: Facts, whole: Custody, retracted: bool) -> dict[str, Any]:
    return {
        "id": event.id, "time": event.time, "site": whole.site, "kind": event.kind, "step": event.step,
        "retracts": event.retracts, "retracted": retracted, "body": msgspec.json.encode(whole.epcis).decode(),
        "content": event.content,
    }  # fmt: skip


def _derived(events: Sequence[Facts]) -> dict[sa.Table, list[dict[str, Any]]]:
    """The rows that follow from events."""
    rows: dict[sa.Table, list[dict[str, Any]]] = {table: [] for table in (*_DERIVED, tables.custody_lot)}
    for each in events:
        at = {"event": each.id, "time": each.time}
        rows[tables.custody_seen] += (
            {"element": name, "place": each.place, "party": each.party} | at for name in each.seen
        )
        rows[tables.custody_link] += (
            {"parent": parent, "child": child, "action": action} | at for parent, child, action in each.links
        )
        for side, names in (("in", each.inputs), ("out", each.outputs)):
            rows[tables.custody_use] += (
                {"element": name, "side": side, "process": each.process} | at for name in names
            )
        coded = ((lot_code(name), name) for name in each.seen)
        rows[tables.custody_lot] += ({"lot": lot, "element": name} for lot, name in [*each.lots, *coded] if lot)
    return rows
