"""The record of acts: who did or tried what, on what, from where, when, and what came of it.

Each line is appended to the ledger's hash chain in the same transaction, so none can be changed or left out later.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any, Literal

import sqlalchemy as sa

from alerts.accounts.tables import audit
from alerts.alarm_row import storable
from alerts.ledger.chain import write_chained
from alerts.store import Store

Outcome = Literal["done", "denied", "refused", "failed"]

#: What the chain calls these lines.
KIND = "audit"
#: So many denials of one address are listed in a minute; of the others only their number is.
LISTED_A_MINUTE = 30
MINUTE_MS = 60_000
ADDRESSES = 10_000


@dataclass(frozen=True, slots=True)
class Line:
    """``denied``: stopped for want of permission; ``refused``: permitted, but not possible (a 4xx);
    ``failed``: the server broke. ``target`` is method and path, never the query or the body.
    """

    who: str
    means: str
    act: str
    target: str
    address: str
    outcome: Outcome
    status: int
    reason: str = ""
    account: int | None = None


class AuditLog:
    """Writes and reads lines. ``wall_ms`` gives the wall time."""

    def __init__(self, store: Store, wall_ms: Callable[[], int]) -> None:
        self._store = store
        self._wall_ms = wall_ms
        self._denials = Denials()

    def write(self, line: Line) -> None:
        """Append one line. A flood of denials from one address is counted instead of listed."""
        now = self._wall_ms()
        more = self._denials.unlisted(line.address, now) if line.outcome == "denied" else 0
        if more is None:
            return
        reason = f"{line.reason}; {more} more of this address were not listed" if more else line.reason
        row = {
            "wall": now, "account_id": line.account, "who": storable(line.who), "means": line.means, "act": line.act,
            "target": storable(line.target)[:500], "address": storable(line.address)[:100], "outcome": line.outcome,
            "status": line.status, "reason": storable(reason)[:500],
        }  # fmt: skip
        self._store.write(lambda connection: write_chained(connection, audit, KIND, [row]))

    def listed(
        self,
        limit: int,
        before: int | None = None,
        who: str | None = None,
        act: str | None = None,
        outcome: str | None = None,
    ) -> dict[str, Any]:
        """``{items, next}``, the youngest first; ``next`` is the ``before`` of the following page."""
        query = sa.select(audit).order_by(audit.c.id.desc()).limit(limit + 1)
        for column, wanted in ((audit.c.who, who), (audit.c.act, act), (audit.c.outcome, outcome)):
            if wanted:
                query = query.where(column == wanted)
        if before is not None:
            query = query.where(audit.c.id < before)
        with self._store.read() as connection:
            rows = [dict(row) for row in connection.execute(query).mappings()]
        shown = rows[:limit]
        return {"items": shown, "next": shown[-1]["id"] if len(rows) > limit else None}


class Denials:
    """How many denials of one address are not listed. Pure: the time is passed in."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, tuple[int, int]] = OrderedDict()
        self._lock = Lock()

    def unlisted(self, address: str, now_ms: int) -> int | None:
        """How many to own up to on this line; ``None`` where this one is to be counted only."""
        with self._lock:
            start, count = self._seen.pop(address, (now_ms, 0))
            owed = 0
            if now_ms - start >= MINUTE_MS:
                owed, start, count = max(0, count - LISTED_A_MINUTE), now_ms, 0
            self._seen[address] = (start, count + 1)
            while len(self._seen) > ADDRESSES:
                self._seen.popitem(last=False)
            return owed if count < LISTED_A_MINUTE else None
