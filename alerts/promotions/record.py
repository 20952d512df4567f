"""The record of what was tried, promoted and taken back: lines that are chained into the ledger as they are written."""

from collections.abc import Callable
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts.alarm_row import storable
from alerts.ledger.chain import write_chained
from alerts.promotions.tables import KIND, promotion
from alerts.store import Store


class PromotionRecord:
    """``wall_ms`` and ``now`` give wall time and city time."""

    def __init__(self, store: Store, wall_ms: Callable[[], int], now: Callable[[], int]) -> None:
        self._store = store
        self._wall_ms = wall_ms
        self._now = now

    def write(
        self, domain: str, act: str, outcome: str, run: str, who: str, note: str, before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None, evidence: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """Append a line; what is not given is empty."""
        texts = {
            name: msgspec.json.encode(what or {}, order="deterministic").decode()
            for name, what in (("before", before), ("after", after), ("evidence", evidence))
        }
        row = {
            "wall": self._wall_ms(), "time": self._now(), "domain": domain, "act": act, "outcome": outcome, "run": run,
            "who": storable(who), "note": storable(note)[:2000], **texts,
        }  # fmt: skip
        self._store.write(lambda connection: write_chained(connection, promotion, KIND, [row]))

    def listed(self, domain: str | None, limit: int) -> list[dict[str, Any]]:
        """The acts, the youngest first, without the whole packs."""
        query = sa.select(promotion).order_by(promotion.c.id.desc()).limit(limit)
        if domain:
            query = query.where(promotion.c.domain == domain)
        with self._store.read() as connection:
            rows = [dict(row) for row in connection.execute(query).mappings()]
        for row in rows:
            evidence = msgspec.json.decode(row["evidence"])
            row["evidence"] = {
                name: evidence[name] for name in ("since", "until", "gate", "lost_true") if name in evidence
            }
            row["before"], row["after"] = (_brief(msgspec.json.decode(row[name])) for name in ("before", "after"))
        return rows

    def last_promoted(self, domain: str) -> dict[str, Any] | None:
        """The youngest promotion of the domain that has not been taken back."""
        table = promotion.c
        query = (
            sa.select(promotion)
            .where(table.domain == domain, table.outcome == "done", table.act.in_(("promote", "rollback")))
            .order_by(table.id)
        )
        stack: list[dict[str, Any]] = []
        with self._store.read() as connection:
            for row in connection.execute(query).mappings():
                if row["act"] == "promote":
                    stack.append(dict(row))
                elif stack:
                    stack.pop()
        return stack[-1] if stack else None


def _brief(held: dict[str, Any]) -> dict[str, Any]:
    return held | {"pack": held["pack"].get("name", "")} if held.get("pack") else held
