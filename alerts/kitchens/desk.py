"""The desk of kitchens: what cameras saw told by class, cameras that do not see, scores, orders, visits."""

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts.accounts.jurisdiction import WHOLE_CITY, Jurisdiction
from alerts.city import City
from alerts.kitchens.book import Book, Visited
from alerts.looks import Looks
from alerts.safety.watch import Watch
from alerts.store import Store
from alerts.tickets import tables as ticket_tables
from alerts.tickets.desk import SYSTEM, Tickets
from alerts.views import text_view
from records.kitchens.cameras import Camera
from records.kitchens.matters import Matter, matters
from records.kitchens.score import DAY_MS, Score, score_of
from records.kitchens.standing import (
    ORIGIN,
    OVER,
    cameras_standing,
    matters_standing,
    visits_standing,
)  # fmt: skip
from records.kitchens.terms import KitchenTerms, kitchen_terms
from records.registry import valid_at
from records.safety.days import CITY
from records.safety.episodes import messages
from topics.finding import Text
from topics.sources import source_text

#: The kind of tickets that order something to be put right.
ORDER = "kitchen-order"
#: How often, in city time, is looked where nothing was seen: cameras are asked for minutes, not seconds.
LOOK_EVERY_MS = 15_000
CAMERA_RULES = frozenset({"camera-silent", "camera-unseeing"})


class Kitchens:
    """``watch`` keeps what is told, for whoever tells it. Times are city time."""

    def __init__(self, store: Store, city: City, tickets: Tickets, watch: Watch, wall_ms: Callable[[], int]) -> None:
        self.store = store
        self.city = city
        self.tickets = tickets
        self.watch = watch
        self.book = Book(store, wall_ms)
        #: City time up to which everything that cameras said is in the store, ``None`` where it is not known.
        self.heard_until: Callable[[], int | None] = lambda: city.time
        self._began: int | None = None
        self._looks = Looks(city, LOOK_EVERY_MS)

    def terms(self) -> tuple[str, KitchenTerms] | None:
        """The domain of kitchens and its terms."""
        return next(self.city.facts(lambda pack: kitchen_terms(pack.name, pack.facts)), None)

    def on_time(self) -> int:
        """Let city time act; how many messages of findings came of it."""
        now, known = self.city.time, self.terms()
        if known is None or not self._looks.due(known[0], self.book.changes):
            return 0
        domain, terms = known
        self._began = now if self._began is None else self._began
        found = self._matters(terms, now)
        self._order(domain, [each for each in found if each.kind == 2], terms)
        standing = [*matters_standing(found, terms, now), *visits_standing(self.scores(now), terms, now)]
        asked = set(OVER)
        # Who begins has yet to read what cameras said meanwhile: till then nothing is known of them. And at any time a
        # camera is silent by the time up to which its words have been read, not by the city's own.
        heard = self.heard_until()
        if heard is not None and now - self._began >= terms.unseeing_s * 1000:
            standing += cameras_standing(self.cameras(terms, heard), terms, heard)
        else:
            asked -= CAMERA_RULES
        said = messages(domain, self.watch.known(domain, now), standing, now, asked, over=OVER, origin=ORIGIN)
        self.watch.keep(domain, said, now)
        return len(said)

    def cameras(self, terms: KitchenTerms, now: int) -> list[Camera]:
        """Those that were heard of and those that the registry knows; one that was retired is not looked at."""
        heard = {(camera.site, camera.camera): camera for camera, _ in self.book.cameras()}
        known = self.terms()
        for device in self.city.registry.devices():
            site = self.city.registry.site(device.site) if device.kind == "camera" else None
            if site is None or known is None or site.domain != known[0]:
                continue
            if device.retired or site.retired or not valid_at(device, now):
                heard.pop((site.id, device.id), None)
            elif (site.id, device.id) not in heard and self._began is not None:
                heard[site.id, device.id] = Camera(site.id, device.id, device.valid_from or self._began)
        return list(heard.values())

    def scores(self, now: int) -> list[Score]:
        """The score of every kitchen, the next visit first."""
        known = self.terms()
        if known is None:
            return []
        domain, terms = known
        cameras, last = self.cameras(terms, now), self.book.last_visits()
        first: dict[str, int] = {}
        for camera, since in self.book.cameras():
            first[camera.site] = min(since, first.get(camera.site, since))
        found: dict[str, list[Matter]] = defaultdict(list)
        for matter in matters(self.book.sights(now - round(terms.score_days * DAY_MS), now + 1), terms):
            found[matter.site].append(matter)
        unseeing: dict[str, int] = defaultdict(int)
        for each in cameras:
            unseeing[each.site] += each.fault(terms, self._camera_time(now)) is not None
        names = first.keys() | {
            site.id
            for site in self.city.registry.sites()
            if site.domain == domain and site.source_type in terms.source_types and not site.retired
        }
        scores = []
        for site in names:
            visited = last[site].time if site in last else first.get(site, self._began or now)
            urgent = [matter.start for matter in found[site] if matter.kind == 1]
            scores.append(score_of(site, found[site], unseeing[site], visited, urgent, terms))
        return sorted(scores, key=lambda score: (score.due, score.score, score.site))

    def visit(self, site: str, who: str, text: str) -> Visited:
        """Somebody was there. Raises ``LookupError`` where no such kitchen is known."""
        now = self.city.time
        score = next((each for each in self.scores(now) if each.site == site), None)
        if score is None:
            raise LookupError(f"no kitchen {site!r}")
        return self.book.visit(site, now, who, text, score.score)

    def view(self, within: Jurisdiction) -> dict[str, Any]:
        """Every kitchen within a jurisdiction: score, level, cameras, next visit; the next visit first."""
        known, now = self.terms(), self.city.time
        if known is None:
            return {"domain": "", "time": now, "kitchens": [], "sights": []}
        domain, terms = known
        last = self.book.last_visits()
        cameras: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for each in self.cameras(terms, now):
            fault = each.fault(terms, self._camera_time(now))
            row = {
                "camera": each.camera,
                "heard": each.heard,
                "state": each.state,
                "fault": fault.rule if fault else "",
            }
            cameras[each.site].append(row)
        kitchens = []
        for score in self.scores(now):
            if not self._covers(within, domain, score.site):
                continue
            visited = last.get(score.site)
            kitchens.append(
                msgspec.to_builtins(score)
                | {
                    "title": msgspec.to_builtins(self.city.site_title(score.site)),
                    "cameras": cameras[score.site],
                    "visited": visited.time if visited else None,
                    "overdue": score.due < now,
                }
            )
        found = [each for each in self._matters(terms, now) if self._covers(within, domain, each.site)]
        return {
            "domain": domain, "time": now, "source": terms.source,
            "source_text": text_view(source_text(terms.source)), "confirmed": terms.confirmed, "kitchens": kitchens,
            "matters": [self._matter(each, terms) for each in reversed(found)][:200],
        }  # fmt: skip

    def weekly(self, within: Jurisdiction, week: str) -> dict[str, Any]:
        """The list of a week (``YYYY-Www``, Monday to Sunday of the city): matters of class 3 by kitchen. Raises
        ``ValueError`` for a text that is no week.
        """
        known = self.terms()
        start = _monday(week)
        until = start + 7 * DAY_MS
        rows: dict[tuple[str, str], dict[str, Any]] = {}
        if known is not None:
            domain, terms = known
            for each in matters(self.book.sights(start, until), terms):
                if each.kind == 3 and self._covers(within, domain, each.site):
                    row = self._matter(each, terms)
                    mine = rows.setdefault((each.site, each.what), row | {"matters": 0, "times": 0})
                    mine["matters"] += 1
                    mine["times"] += each.times
                    mine["last"] = each.last
        items = sorted(rows.values(), key=lambda row: (-row["matters"], row["site"], row["what"]))
        return {"week": week, "since": start, "until": until, "items": items}

    def _camera_time(self, now: int) -> int:
        """The moment by which cameras are judged: words of theirs may still lie on the topic."""
        heard = self.heard_until()
        return now if heard is None else min(now, heard)

    def _matters(self, terms: KitchenTerms, now: int) -> list[Matter]:
        """Those of the last days, so long that each is seen to be over."""
        since = now - max(2 * DAY_MS, terms.again_s * 3000)
        return matters(self.book.sights(since, now + 1), terms)

    def _order(self, domain: str, found: Sequence[Matter], terms: KitchenTerms) -> None:
        """Put an order with its date to the kitchen, where none about the same thing is open."""
        if not found or self.tickets.terms(domain, ORDER) is None:
            return
        table = ticket_tables.ticket.c
        asked = sa.select(table.id, table.site, table.about, table.closed).where(table.kind == ORDER)
        with self.store.read() as connection:
            rows = connection.execute(asked.where(table.site.in_({each.site for each in found}))).all()
        known, is_open = {row.id for row in rows}, {(row.site, row.about) for row in rows if row.closed is None}
        for each in found:
            name = hashlib.sha256(f"{each.site}|{each.what}|{each.start}".encode()).hexdigest()[:16]
            registered = self.city.registry.site(each.site)
            if name in known or (each.site, each.what) in is_open or registered is None or registered.domain != domain:
                continue
            title = terms.sighting(each.what).title
            text = Text(f"后厨发现{title.zh}，限期整改", f"{title.en} seen in the kitchen, to be put right by the date")
            due = each.start + terms.fix_s * 1000
            self.tickets.issue(name, each.site, ORDER, each.what, text, SYSTEM, each.start, due)
            is_open.add((each.site, each.what))

    def _matter(self, matter: Matter, terms: KitchenTerms) -> dict[str, Any]:
        row: dict[str, Any] = msgspec.to_builtins(matter)
        return row | {
            "title": msgspec.to_builtins(self.city.site_title(matter.site)),
            "what_title": msgspec.to_builtins(terms.sighting(matter.what).title),
        }

    def _covers(self, within: Jurisdiction, domain: str, site: str) -> bool:
        return within == WHOLE_CITY or within.covers(domain, self.city.district(site))


def week_of(time: int) -> str:
    """The week in which a moment lies, ``YYYY-Www``."""
    year, week, _ = dt.datetime.fromtimestamp(time / 1000, CITY).isocalendar()
    return f"{year}-W{week:02d}"


def _monday(week: str) -> int:
    try:
        monday = dt.datetime.strptime(f"{week}-1", "%G-W%V-%u").replace(tzinfo=CITY)
    except ValueError as error:
        raise ValueError(f"week: expected YYYY-Www, got {week[:20]!r}") from error
    return int(monday.timestamp() * 1000)
