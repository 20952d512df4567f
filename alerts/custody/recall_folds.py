"""Where each open recall stood when it was last read: one more word reads the words since, not all that were ever said.

A recall of thousands of holders has a word for each notice and for each delivery of one. Only what is committed is
remembered, and words are never changed, so what is remembered stays true; a restart reads all once.
"""

from typing import NamedTuple

import sqlalchemy as sa

from alerts.case_events import CaseEvents
from alerts.store import Store
from records.recall import Recall, fold, went_on
from records.recall_events import Event


class Folded(NamedTuple):
    """A recall after so many ``words``."""

    words: int
    recall: Recall


class RecallFolds:
    """Folds of the recalls in ``store``; asked by several threads."""

    def __init__(self, store: Store, events: CaseEvents[Event]) -> None:
        self._store = store
        self._events = events
        self._known: dict[str, Folded] = {}

    def read(self, name: str) -> Folded:
        """By all that is committed, which is remembered. Raises ``LookupError`` where there is none of this name."""
        with self._store.read() as connection:
            found = self.within(connection, name)
        if found.recall.closed is None:
            self._known[name] = found
        else:
            self._known.pop(name, None)  # it is rarely asked for, and nothing more can be said of it
        return found

    def within(self, connection: sa.Connection, name: str) -> Folded:
        """By all that this transaction sees, its own words among them: they may yet be rolled back, so nothing is
        remembered. Raises ``LookupError`` where there is none of this name.
        """
        known = self._known.get(name)
        more = self._events.read(connection, name, known.words if known is not None else 0)
        if known is not None:
            return Folded(known.words + len(more), went_on(known.recall, more)) if more else known
        if not more:
            raise LookupError(f"no recall {name!r}")
        return Folded(len(more), fold(more))
