"""Recalls in the store: opened by custody events or by hand, drawn anew as events come, each word chained."""

import hashlib
from collections.abc import Callable, Collection, Sequence
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from alerts.case_events import CaseEvents
from alerts.city import City
from alerts.custody import tables
from alerts.custody.corrections import found_wrong, is_wrong
from alerts.custody.holder_page import HolderPage, page_of
from alerts.custody.holders import Holding, holders, told_elements
from alerts.custody.notices import outcomes, owed, signed
from alerts.custody.recall_folds import RecallFolds
from alerts.custody.recall_rows import Traced, due_of, holder_row, recall_terms, summary, word_of
from alerts.custody.record import CustodyRecord
from alerts.custody.stored_links import StoredLinks
from alerts.store import Store
from records.digital_link import one_name
from records.recall import Recall, Terms, drawn_anew, step
from records.recall_cause import cause_of
from records.recall_events import Event, Notified, Opened, Refuted, Signed, Withdrawn
from records.trace import Affected, forward
from topics.events import Custody

_EVENT: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)
WorkT = TypeVar("WorkT")


class Recalls:
    """``wall_ms`` gives the wall time; the clocks of recalls run in city time."""

    def __init__(self, store: Store, city: City, wall_ms: Callable[[], int]) -> None:
        self.store = store
        self.city = city
        self.record = CustodyRecord(store)
        self._wall_ms = wall_ms
        self._events = CaseEvents(tables.recall_event, _EVENT.decode, wall_ms)
        self._folds = RecallFolds(store, self._events)
        #: Recall → the names its trace went over; what touches none of them changes nothing.
        self._over: dict[str, set[str]] = {}
        #: Open recall → its last trace, until what it went over is told of anew.
        self._traced: dict[str, Traced] = {}
        self._taken = 0

    def take(self, events: Sequence[Custody], topic: str = "", partition: int = 0, next_offset: int = 0) -> list[str]:
        """Custody events come: open the recalls they call for, say of those whose cause they declare wrong that it
        is, draw anew those they touch, and only then read on. Gives the ids of recalls that changed.
        """
        touched = self.record.take(events)
        self._taken += 1  # what is being traced now may not know of them
        changed = []
        for event in events:
            opened = cause_of(event)
            if opened is not None and not is_wrong(self.store, event.id):
                changed += self.open(recall_id(event.id), opened)
        changed += self._refute(events)
        changed += self.draw_anew(touched)
        if topic:
            self.record.take([], topic, partition, next_offset)
        return changed

    def terms(self, level: str) -> Terms | None:
        """The clocks of a level by the packs, ``None`` where none gives them."""
        return recall_terms(self.city, level)

    def open(self, name: str, opened: Opened) -> list[str]:
        """Open a recall and tell its holders; one of this name that is there is left as it is."""
        made = step(None, opened)

        def work(connection: sa.Connection) -> bool:
            row = {"id": name, "opened": opened.time, "due": due_of(made, self.terms(opened.level)), "closed": None}
            new = bool(connection.execute(self.store.insert_new(tables.recall).values(row)).rowcount)
            if new:
                self._write(connection, name, 1, opened)
            return new

        if not self.store.write(work):
            return []
        self._draw(name)
        return [name]

    def act(self, name: str, *events: Event) -> Recall:
        """Words on a recall, all or none. Raises ``Refused`` where its state does not allow one, ``LookupError``
        without one.
        """
        return self.write(name, lambda connection: self.add(connection, name, *events))

    def write(self, name: str, work: Callable[[sa.Connection], WorkT]) -> WorkT:
        """A transaction that may ``add`` words to a recall. What was said of it since it was last read is read first:
        within the transaction it would be read again and again, as nothing of that is remembered.

        Raises ``LookupError`` where there is no such recall.
        """
        self._folds.read(name)
        return self.store.write(work)

    def add(self, connection: sa.Connection, name: str, *events: Event) -> Recall:
        """As ``act``, within a transaction that does more."""
        count, after = self._folds.within(connection, name)
        for number, event in enumerate(events, start=count + 1):
            after = step(after, event)
            self._write(connection, name, number, event)
            if isinstance(event, Signed):
                signed(connection, name, event)
        values = {"due": due_of(after, self.terms(after.opened.level)), "closed": after.closed}
        connection.execute(sa.update(tables.recall).where(tables.recall.c.id == name).values(values))
        if after.closed is not None:
            self._traced.pop(name, None)
        return after

    def draw_anew(self, touched: set[str]) -> list[str]:
        """Trace again every open recall that these names concern."""
        if not touched:
            return []
        table = tables.recall.c
        with self.store.read() as connection:
            names = list(connection.execute(sa.select(table.id).where(table.closed.is_(None))).scalars())
        return [name for name in names if self._concerns(name, touched) and self._draw(name)]

    def trace(self, name: str) -> tuple[Affected, dict[str, Holding]]:
        """What is affected and who holds it, by the record as it is now."""
        recall = self.recall(name)
        with self.store.read() as connection:
            links = StoredLinks(connection)
            affected = forward(links, [each.seed() for each in recall.opened.sources])
            return affected, holders(connection, self.city, affected, links)

    def recall(self, name: str) -> Recall:
        """Where it stands. Raises ``LookupError`` where there is none of this name."""
        return self._folds.read(name).recall

    def said(self, name: str, number: int) -> tuple[Opened, Event]:
        """Its opening and its ``number``-th event. Raises ``LookupError`` where there is none of these."""
        with self.store.read() as connection:
            opened, event = self._events.one(connection, name, 1), self._events.one(connection, name, number)
        if not isinstance(opened, Opened) or event is None:
            raise LookupError(f"no event {number} of recall {name!r}")
        return opened, event

    def events(self, name: str) -> list[Event]:
        """Its events in order. Raises ``LookupError`` where there is none of this name."""
        with self.store.read() as connection:
            events = self._events.read(connection, name)
        if not events:
            raise LookupError(f"no recall {name!r}")
        return events

    def notices(self, name: str, holders: Collection[str] | None = None) -> list[dict[str, Any]]:
        """Each notice (of these holders) and what came of it, in order; the word to sign by is left out."""
        with self.store.read() as connection:
            return outcomes(connection, name, holders)

    def listed(self, names: Sequence[str] | None = None) -> list[dict[str, Any]]:
        """These recalls with their figures; without names every one, the youngest first (recall_list.py: by pages)."""
        if names is None:
            table = tables.recall.c
            asked = sa.select(table.id).order_by(table.opened.desc(), table.id.desc())
            with self.store.read() as connection:
                names = connection.execute(asked).scalars().all()
        return [self._summary(name, self.recall(name)) for name in names]

    def view(
        self, name: str, most: int | None = None, *, at_once: bool = False, page: HolderPage | None = None
    ) -> dict[str, Any]:
        """A recall as people see it: holders now and past, what each was told, and every word. ``most`` names of each
        list are given, with a count of all. Tracing very many things takes seconds: ``at_once`` gives what is known
        without (``traced`` false, ``affected`` empty, nothing of where goods are) unless the last trace still holds.
        ``page``: these holders and their notices alone, and no words.
        """
        recall = self.recall(name)
        traced = self._traced.get(name) or (None if at_once else self._trace(name, recall))
        affected = traced.affected if traced is not None else []
        holders_of = traced.holding if traced is not None else {}
        shown = page_of(recall.holders, page)
        return self._summary(name, recall) | {
            "sources": msgspec.to_builtins(recall.opened.sources),
            "traced": traced is not None,
            "affected": affected[:most],
            "affected_count": len(affected),
            "holders": [
                holder_row(self.city, holder, each, holders_of.get(holder, Holding()), most)
                for holder, each in shown.holders
            ],
            "holders_count": shown.count,
            "next": shown.next,
            "notices": self.notices(name, None if page is None else [holder for holder, _ in shown.holders]),
            "events": [word_of(each, most) for each in self.events(name)] if page is None else [],
        }

    def _trace(self, name: str, recall: Recall) -> Traced:
        taken = self._taken
        affected, holding = self.trace(name)
        traced = Traced(sorted(affected.since), holding)
        if taken == self._taken and recall.closed is None:  # those that are closed are not drawn anew
            self._traced[name] = traced
        return traced

    def _summary(self, name: str, recall: Recall) -> dict[str, Any]:
        return {"id": name} | summary(recall, self.terms(recall.opened.level), self.city.time)

    def _draw(self, name: str) -> bool:
        affected, holding = self.trace(name)
        recall = self.recall(name)
        if recall.closed is None:
            self._traced[name] = Traced(sorted(affected.since), holding)
        self._over[name] = {one_name(each.name) for each in recall.opened.sources} | set(affected.carrying)
        now = max(self.city.time, recall.opened.time)
        found = drawn_anew(recall, told_elements(holding), now)
        if found:
            self.act(name, *sorted(found, key=lambda each: isinstance(each, Withdrawn)))
        return bool(found)

    def _concerns(self, name: str, touched: set[str]) -> bool:
        if name not in self._over:  # after a restart nothing is known: trace once
            return True
        return not self._over[name].isdisjoint(touched)

    def _refute(self, events: Sequence[Custody]) -> list[str]:
        """Once of each recall, however often the declaration comes: a person still closes it."""
        with self.store.read() as connection:
            causes = {recall_id(event): event for event in found_wrong(connection, events)}
        return [name for name, event in causes.items() if self._is_refuted(name, event)]

    def _is_refuted(self, name: str, event: str) -> bool:
        def work(connection: sa.Connection) -> bool:
            recall = self._folds.within(connection, name).recall
            if recall.refuted is None:
                self.add(connection, name, Refuted(max(self.city.time, recall.opened.time), event))
            return recall.refuted is None

        try:
            return self.write(name, work)
        except LookupError:  # it called for none
            return False

    def _write(self, connection: sa.Connection, name: str, number: int, event: Event) -> None:
        self._events.write(connection, name, number, event)
        if isinstance(event, Notified | Withdrawn):
            connection.execute(sa.insert(tables.recall_notice).values(owed(name, number, event, self._wall_ms())))


def recall_id(cause: str) -> str:
    """The name of the recall that an event, or a request, calls for: the same whenever it comes again."""
    return hashlib.sha256(cause.encode()).hexdigest()[:16]
