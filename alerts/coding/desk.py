"""The desk of first-station coding: custody events judged as they come, faults and poor records told by city time."""

from collections.abc import Sequence
from typing import Any

import msgspec

from alerts.accounts.jurisdiction import WHOLE_CITY, Jurisdiction
from alerts.city import City
from alerts.coding.book import Book
from alerts.looks import Looks
from alerts.safety.watch import Watch
from alerts.store import Store
from alerts.views import text_view
from records.coding.code_life import Fault
from records.coding.standing import (
    DAY_MS,
    FIELD_TITLES,
    ORIGIN,
    OVER,
    fault_text,
    faults_standing,
    records_standing,
)  # fmt: skip
from records.coding.terms import CodingTerms, coding_terms
from records.safety.episodes import messages
from topics.events import Custody
from topics.sources import source_text

#: How often, in city time, what stands is looked at where nothing new has come.
LOOK_EVERY_MS = 60_000


class Coding:
    """``watch`` keeps what is told, for whoever tells it."""

    def __init__(self, store: Store, city: City, watch: Watch) -> None:
        self.city = city
        self.book = Book(store)
        self.watch = watch
        self._looks = Looks(city, LOOK_EVERY_MS)

    def terms(self) -> tuple[str, CodingTerms] | None:
        """The domain whose goods are coded and its terms."""
        return next(self.city.facts(lambda pack: coding_terms(pack.name, pack.facts)), None)

    def take(self, events: Sequence[Custody]) -> None:
        """Judge events that the record of custody has; again, where it is not known whether they were judged."""
        known = self.terms()
        if known is not None and events:
            self.book.take(events, known[1], self.city.registry)

    def on_time(self) -> int:
        """Let city time act; how many messages of findings came of it."""
        now, known = self.city.time, self.terms()
        if known is None or not self._looks.due(known[0], self.book.changes):
            return 0
        domain, terms = known
        # A day longer than they stand, so that each is seen to be over.
        since = now - round((terms.stands_days + 1) * DAY_MS)
        standing = [
            *faults_standing(self.book.faults(since, now + 1, limit=100_000), terms, now, self.city.site_title),
            *records_standing(self.book.figures(now - round(terms.share_days * DAY_MS), now + 1), terms),
        ]
        said = messages(domain, self.watch.known(domain, now), standing, now, set(OVER), over=OVER, origin=ORIGIN)
        self.watch.keep(domain, said, now)
        return len(said)

    def view(self, within: Jurisdiction, since: int, until: int, kind: str = "", limit: int = 500) -> dict[str, Any]:
        """Firms' figures and faults of ``[since, until)`` (ms UTC) within a jurisdiction."""
        known = self.terms()
        if known is None:
            return {"domain": "", "since": since, "until": until, "firms": [], "faults": [], "counts": {}}
        domain, terms = known
        faults = self.book.faults(since, until, limit=100_000)
        mine = [each for each in faults if self._covers(within, domain, each.site)]
        counts: dict[str, int] = {kind: 0 for kind in ("uncoded-sale", "broken-link", "two-holders")}
        for each in mine:
            counts[each.kind] += 1
        firms = [
            row | {"title": msgspec.to_builtins(self.city.site_title(row["site"]))}
            for row in self.book.figures(since, until)
            if self._covers(within, domain, row["site"])
        ]
        shown = [self._fault(each) for each in mine if not kind or each.kind == kind][:limit]
        fields = {name: msgspec.to_builtins(title) for name, title in FIELD_TITLES.items()}
        return {
            "domain": domain, "since": since, "until": until, "source": terms.source,
            "source_text": text_view(source_text(terms.source)), "confirmed": terms.confirmed,
            "least_share": terms.least_share, "firms": firms, "faults": shown, "counts": counts, "fields": fields,
        }  # fmt: skip

    def _covers(self, within: Jurisdiction, domain: str, site: str) -> bool:
        return within == WHOLE_CITY or within.covers(domain, self.city.district(site))

    def _fault(self, fault: Fault) -> dict[str, Any]:
        return msgspec.structs.asdict(fault) | {
            "title": msgspec.to_builtins(self.city.site_title(fault.site)),
            "other_title": msgspec.to_builtins(self.city.site_title(fault.other)) if fault.other else None,
            "text": msgspec.to_builtins(fault_text(fault, self.city.site_title)),
        }
