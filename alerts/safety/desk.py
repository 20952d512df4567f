"""The desk of safety work: what inspectors and duty officers enter, plans drawn, dangers put to firms, and findings.

Everything is in city time; what city time brings about is done in ``on_time``, asked again and again.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from alerts.accounts.jurisdiction import WHOLE_CITY, Jurisdiction
from alerts.city import City
from alerts.safety.book import Book
from alerts.safety.guarantors import NamedGuarantors
from alerts.safety.pictures import Pictures
from alerts.safety.watch import Watch
from alerts.store import Store
from alerts.tickets.desk import SYSTEM, Tickets
from records.history import History, ListHistory
from records.registry import Site
from records.safety.days import DAY_MS
from records.safety.episodes import messages
from records.safety.forms import Danger, Level, Plan, Source, StaticGrade, Visit
from records.safety.rules import RULES, all_standing
from records.safety.sampling import draw
from records.safety.static_grade import expires, static_grade
from records.safety.terms import SafetyTerms
from topics.finding import Text

#: The stratum of firms that nobody has graded.
UNGRADED = "ungraded"

#: How much one open danger adds to the weight of a firm in the draw; every firm weighs 1 by itself.
DANGER_WEIGHT: dict[Level, float] = {"general": 1.0, "major": 3.0}

#: How often, in city time, it is noted how far the rules have been asked.
NOTE_EVERY_MS = 60_000

#: Risk of each site, higher = sooner drawn.
Risks = Callable[[Sequence[str]], Mapping[str, float]]


class SafetyDesk:
    """``wall_ms`` gives the wall time; ``risks`` weighs firms for the draw, without it their open dangers do."""

    def __init__(
        self,
        store: Store,
        city: City,
        tickets: Tickets,
        wall_ms: Callable[[], int],
        history: History | None = None,
        risks: Risks | None = None,
    ) -> None:
        self.city = city
        self.tickets = tickets
        self.book = Book(store, wall_ms)
        self.pictures = Pictures(self.book, city, history or ListHistory(), tickets)
        self.watch = Watch(store)
        self.guarantors = NamedGuarantors(self.pictures, city)
        city.answerable = self.guarantors.routes
        self._risks = risks or self.danger_weights
        self._looked = (-1, -1)
        self._last_look = self.watch.looked()
        self._noted = 0

    def on_time(self) -> int:
        """Let city time act; how many messages of findings came of it. Cheap where nothing has changed."""
        now = self.city.time
        stamp = (now // 1000, self.book.changes)
        if not now or stamp == self._looked:
            return 0
        self._looked = stamp
        domains = self.pictures.domains()
        said = sum(self._settle(domain, now) for domain in domains)
        if domains:
            self._last_look = now
            if now - self._noted >= NOTE_EVERY_MS:  # told twice after a crash, which the ids of findings make harmless
                self.watch.note_look(now)
                self._noted = now
        return said

    def site(self, name: str, within: Jurisdiction = WHOLE_CITY) -> Site | None:
        """A site of safety work within a jurisdiction."""
        site = self.city.registry.site(name)
        if site is None or self.pictures.terms(site.domain) is None or not within.covers(site.domain, site.district):
            return None
        return site

    def sites(self, within: Jurisdiction = WHOLE_CITY) -> list[Site]:
        """The sites of safety work within a jurisdiction, by id."""
        domains = set(self.pictures.domains())
        every = (each for each in self.city.registry.sites() if each.domain in domains and not each.retired)
        return [each for each in every if within.covers(each.domain, each.district)]

    def terms(self, site: str) -> SafetyTerms:
        """The terms that hold for a site. Raises ``LookupError`` where there are none."""
        known = self.city.registry.site(site)
        terms = self.pictures.terms(known.domain) if known is not None else None
        if terms is None:
            raise LookupError(f"safety work: expected facts.safety_work in the pack of {site!r}, got none")
        return terms

    def grade(self, site: str, score: float, direct_red: Sequence[str], graded: int, by: str, text: str) -> StaticGrade:
        """Keep a firm's grade. Raises ``ValueError`` for points and conditions that cannot be."""
        terms = self.terms(site).grade
        if terms is None:
            raise LookupError(f"safety work: expected facts.safety_work.grade for {site!r}, got none")
        colour = static_grade(score, direct_red, terms)
        made = StaticGrade(
            site, score, tuple(direct_red), colour, graded, expires(graded, terms), by, self.city.time, text
        )
        self.book.enter(made)
        return made

    def strata(self, within: Jurisdiction = WHOLE_CITY) -> dict[str, list[str]]:
        """The sites by the colour of their grade; one that has run out still counts until a new one is given."""
        grades = {each.site: each.grade for each in self.book.newest(StaticGrade)}
        found: dict[str, list[str]] = defaultdict(list)
        for site in self.sites(within):
            found[grades.get(site.id, UNGRADED)].append(site.id)
        return dict(found)

    def danger_weights(self, sites: Sequence[str]) -> dict[str, float]:
        """1 and what a firm's open dangers add."""
        weights = dict.fromkeys(sites, 1.0)
        for each in self.pictures.open_dangers():
            if each.danger.site in weights:
                weights[each.danger.site] += DANGER_WEIGHT[each.danger.level]
        return weights

    def plan(
        self, title: str, sizes: Mapping[str, int], seed: int, due: int, by: str, within: Jurisdiction = WHOLE_CITY
    ) -> tuple[Plan, list[Visit]]:
        """Draw a plan from the firms within a jurisdiction, and make its visits."""
        members = self.strata(within)
        weights = dict(self._risks([site for each in members.values() for site in each]))
        now = self.city.time
        drawn = draw(members, weights, sizes, self._drawn_before(members), seed)
        name = hashlib.sha256(f"{title}|{seed}|{now}|{by}".encode()).hexdigest()[:12]
        domains = sorted({each.domain for each in self.sites(within)})
        plan = Plan(
            name, title, ",".join(domains), seed, dict(sizes), now, due, by,
            {stratum: tuple(sites) for stratum, sites in members.items()}, weights,
            tuple(sorted(within.districts or ())),
        )  # fmt: skip
        visits = [
            Visit(f"{name}-{number:03d}", each.site, due, now, by, now, name, each.stratum)
            for number, each in enumerate(drawn, 1)
        ]
        self.book.enter(plan, *visits)
        return plan, visits

    def danger(
        self, site: str, level: Level, place: str, text: str, responsible: str, by: str, source: Source,
        *, due: int | None = None, found: int | None = None, visit: str = "",
    ) -> Danger:  # fmt: skip
        """Put a hidden danger to the firm, by ``due`` or within the days that its level gives."""
        terms = self.terms(site).danger
        if terms is None:
            raise LookupError(f"safety work: expected facts.safety_work.danger for {site!r}, got none")
        now = self.city.time
        seen = min(found or now, now)
        name = hashlib.sha256(f"{site}|{place}|{text}|{seen}|{by}".encode()).hexdigest()[:16]
        until = due or now + terms.days[level] * DAY_MS
        made = Danger(name, site, level, place, text, responsible, seen, until, by, source, visit)
        self.book.enter(made)
        said = Text(f"{place}：{text}", f"{place}: {text}")
        self.tickets.issue(name, site, f"danger-{level}", f"danger/{visit or source}", said, by or SYSTEM, now, until)
        return made

    def _drawn_before(self, members: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
        """Who was drawn, by the stratum in which a firm is now, the oldest first; a visit called off counts as none."""
        home = {site: stratum for stratum, sites in members.items() for site in sites}
        drawn = [each for each in self.book.newest(Visit) if each.plan and not each.cancelled and each.site in home]
        before: dict[str, list[str]] = defaultdict(list)
        for each in sorted(drawn, key=lambda each: (each.made, each.id)):
            before[home[each.site]].append(each.site)
        return dict(before)

    def _settle(self, domain: str, now: int) -> int:
        picture = self.pictures.of(domain, now, self._last_look)
        if picture is None:
            return 0
        asked = {name for rule in RULES if getattr(picture.terms, rule.part) is not None for name in rule.names}
        said = messages(domain, self.watch.known(domain, now), all_standing(picture, now), now, asked)
        self.watch.keep(domain, said, now)
        return len(said)


def shown(record: Any) -> dict[str, Any]:
    """A record as plain values, with every field."""
    return {name: msgspec.to_builtins(getattr(record, name)) for name in record.__struct_fields__ if name != "schema"}
