"""The board of judgements: takes versions from the topic into the store, and answers what stands and what stood."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts.accounts.jurisdiction import WHOLE_CITY, Jurisdiction
from alerts.city import City
from alerts.judgements import tables
from alerts.kept_from_log import KeptFromLog
from alerts.store import Store
from topics.judgement import Judgement, LimitUsed
from topics.mark import Mark
from topics.sources import source_text

Rows = list[dict[str, Any]]


class Board(KeptFromLog):
    """Judgements and marks of the whole city. ``wall_ms`` gives the wall time."""

    def __init__(self, store: Store, city: City, wall_ms: Callable[[], int]) -> None:
        super().__init__(store)
        self.city = city
        self._wall_ms = wall_ms

    def take(self, versions: Sequence[Judgement], topic: str = "", next_offset: int = 0) -> int:
        """Store what is new of these, in one transaction with where to read on; how many were new.

        A version is known by its key and number: one that comes again changes nothing, one that comes late is kept
        and is not the newest.
        """
        return self.store.write(lambda connection: self._take(connection, versions, topic, next_offset))

    def listed(
        self,
        within: Jurisdiction = WHOLE_CITY,
        *,
        site: str = "",
        period: str = "",
        verdict: str = "",
        start: int = 0,
        end: int = 2**62,
        limit: int = 200,
        after: tuple[int, str] | None = None,
    ) -> Rows:
        """The newest versions of periods that begin in ``start <= … < end``, the youngest first; ``after`` the one of
        this beginning and key, where a list goes on.
        """
        table = tables.judgement.c
        asked = sa.select(table.body).where(table.newest, table.start >= start, table.start < end)
        for column, value in ((table.site, site), (table.period, period), (table.verdict, verdict)):
            if value:
                asked = asked.where(column == value)
        if not within.whole:
            asked = asked.where(table.site.in_(self.visible(within)))
        if after is not None:
            asked = asked.where(sa.tuple_(table.start, table.key) < sa.tuple_(*(sa.literal(each) for each in after)))
        asked = asked.order_by(table.start.desc(), table.key.desc()).limit(limit)
        with self.store.read() as connection:
            return [self.view(decoded(body)) for body in connection.execute(asked).scalars()]

    def versions(self, key: str, within: Jurisdiction = WHOLE_CITY) -> Rows:
        """All versions of one judgement, the newest first; empty where there is none or it is not the caller's."""
        found = self.all_versions(key)
        if not found or (not within.whole and found[0].site not in self.visible(within)):
            return []
        return [self.view(each) for each in found]

    def all_versions(self, key: str) -> list[Judgement]:
        """The versions of one judgement as they came, the newest first."""
        table = tables.judgement.c
        asked = sa.select(table.body).where(table.key == key).order_by(table.version.desc())
        with self.store.read() as connection:
            return [decoded(body) for body in connection.execute(asked).scalars()]

    def enter(self, mark: Mark) -> bool:
        """Keep one more form of a mark; whether it is new."""

        def work(connection: sa.Connection) -> bool:
            table = tables.mark.c
            forms = list(
                connection.execute(sa.select(table.body).where(table.id == mark.id).order_by(table.number)).scalars()
            )
            body = msgspec.json.encode(mark).decode()
            if forms and forms[-1] == body:
                return False
            row = {
                "id": mark.id, "number": len(forms) + 1, "site": mark.site, "start": mark.start, "end": mark.end,
                "known": max(mark.made, mark.documented or 0, mark.withdrawn or 0), "who": mark.who, "body": body,
            }  # fmt: skip
            connection.execute(sa.insert(tables.mark).values(row))
            return True

        return self.store.write(work)

    def marks(self, site: str, start: int = 0, end: int = 2**62) -> list[Mark]:
        """Every form of every mark of a site that touches ``[start, end)``, in the order in which they were known."""
        table = tables.mark.c
        asked = (
            sa.select(table.body)
            .where(table.site == site, table.start < end, table.end > start)
            .order_by(table.known, table.id, table.number)
        )
        with self.store.read() as connection:
            return [msgspec.json.decode(body, type=Mark) for body in connection.execute(asked).scalars()]

    def visible(self, within: Jurisdiction) -> list[str]:
        """The sites of a jurisdiction."""
        sites = self.city.registry.sites()
        return sorted(each.id for each in sites if within.covers(each.domain, each.district))

    def view(self, judgement: Judgement) -> dict[str, Any]:
        """A judgement as people see it: the message, with what its site, its quantity and its limit are called."""
        known = self.city.registry.site(judgement.site)
        domain = known.domain if known is not None else ""
        shown: dict[str, Any] = msgspec.to_builtins(judgement)
        for name in ("unit", "value", "limit", "multiple", "days_over", "severity", "method", "marks", "earlier"):
            shown.setdefault(name, getattr(judgement, name))
        for name in ("valid", "exempt", "of"):
            shown.setdefault(name, getattr(judgement, name))
        if judgement.limit is not None:
            shown["limit"] = _limit(judgement.limit)
        return shown | {
            "key": judgement.key,
            "site": judgement.site,
            "domain": domain,
            "site_title": msgspec.to_builtins(self.city.site_title(judgement.site)),
            "quantity": judgement.quantity,
            "quantity_title": msgspec.to_builtins(self.city.quantity_title(domain, judgement.quantity)),
        }

    def _take(self, connection: sa.Connection, versions: Sequence[Judgement], topic: str, next_offset: int) -> int:
        table = tables.judgement
        new, stored = 0, self._wall_ms()
        for each in versions:
            there = connection.execute(sa.select(sa.func.max(table.c.version)).where(table.c.key == each.key)).scalar()
            newest = there is None or each.version > there
            if newest and there is not None:
                connection.execute(sa.update(table).where(table.c.key == each.key).values(newest=False))
            row = {
                "key": each.key, "version": each.version, "subject": each.subject, "site": each.site,
                "period": each.period, "start": each.start, "verdict": each.verdict, "made": each.made,
                "newest": newest, "stored": stored, "body": msgspec.json.encode(each).decode(),
            }  # fmt: skip
            new += connection.execute(self.store.insert_new(table).values(row)).rowcount
        self._reached(connection, topic, 0, next_offset)
        return new


def _limit(limit: LimitUsed) -> dict[str, Any]:
    shown: dict[str, Any] = msgspec.to_builtins(limit)
    for name in ("standard", "edition", "clause", "source"):
        shown[f"{name}_text"] = msgspec.to_builtins(source_text(getattr(limit, name)))
    return shown


def decoded(body: str) -> Judgement:
    """A stored version."""
    return msgspec.json.decode(body, type=Judgement)
