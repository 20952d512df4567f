"""The card of a point and moment: yards, registry, wind and reference data put together."""

import datetime as dt
import math
from collections.abc import Callable, Collection, Mapping, Sequence

import msgspec
import numpy as np
import structlog
from numpy.typing import NDArray

from alerts.accounts.jurisdiction import WHOLE_CITY, Jurisdiction
from alerts.city import City
from alerts.responder.asked import Asked, Finder, NotFound
from alerts.responder.box_findings import BoxFinding, box_findings
from alerts.responder.card import Card, NearYard, Neighbour, People
from alerts.responder.city_yards import CityYards
from alerts.responder.dots import dots
from alerts.responder.reference import NO_REFERENCE, Reference, contacts_of, keeps_yards, metres, reference_of
from alerts.responder.rules import Grade, Grading, Rules, no_grading, rules_day, rules_of
from alerts.responder.wind import Wind, wind_at
from alerts.responder.yards import Yards
from alerts.rules_said import day_put_under
from alerts.store import Store
from records.box_terms import BoxTerms, box_terms
from records.goods_lines import Lines, together
from records.history import History
from records.registry import Site
from records.responder_card import RINGS_M, downwind, near
from records.yard import GRAMS
from topics.city_zone import CITY_ZONE
from topics.domain import Domain
from topics.errors import ConfigurationError
from topics.finding import Text
from topics.goods import GoodsEntry

log = structlog.get_logger(__name__)

#: A yard is looked at where its registered point lies so near the widest ring (m): its blocks may reach in.
YARD_REACH_M = 1_500.0


class ResponderCards:
    """Makes cards. ``wall_ms`` gives the wall time, ``grading`` judges yards; asked by several threads."""

    def __init__(
        self,
        store: Store,
        city: City,
        yards: Yards,
        history: History,
        wall_ms: Callable[[], int],
        grading: Grading = no_grading,
    ) -> None:
        self.city = city
        self.yards = yards
        self.standing = CityYards(yards, city)
        self.history = history
        self._wall_ms = wall_ms
        self._grading = grading
        self.store = store
        self._finder = Finder(store, city, self.standing, self._reference_at)
        self._read: dict[str, tuple[Domain, Reference | None]] = {}

    def card(self, asked: Asked, within: Jurisdiction = WHOLE_CITY) -> Card:
        """Raises ``NotFound`` for what is not there or not theirs, ``ValueError`` where nothing was named."""
        not_yet = asked.at if self.standing.is_ahead(asked.at) else None
        spot = self._finder.find(msgspec.structs.replace(asked, at=self.standing.known(asked.at)))
        if spot.site and not self.covered(spot.site, within):
            raise NotFound(Text(f"登记册中没有站点 {spot.site}", f"no site {spot.site} in the registry"))
        point = spot.lat, spot.lon
        time = spot.at if spot.at is not None else self.city.time
        known = self._references()
        terms = next((each.terms for each in known.values()), NO_REFERENCE.terms)
        goods = self.goods()
        wind = wind_at(self.city, self.history, terms, point, time)
        blows = wind.downwind_from if isinstance(wind, Wind) else None
        sites = self._near_sites(point, within)
        of_yards = self.standing.lines([site.id for site, _ in sites], spot.at)
        there = [(site, away, lines) for (site, away), lines in zip(sites, of_yards, strict=True) if lines.boxes]
        day = self.rules_day(asked.rules_as_of, spot.at)
        yards = [_yard(site, round(away), lines, self._grade(site, day, lines)) for site, away, lines in there]
        lines = together([each for _, _, each in there])
        at = np.concatenate([np.zeros((0, 2)), *(self._middles(site, each, point) for site, _, each in there)])
        return Card(
            spot, time, spot.at is not None, self._wall_ms(), self.city.simulated,
            near(lines, at, goods, blows), tuple(yards), self._neighbours(point, within, blows),
            wind if isinstance(wind, Wind) else None, None if isinstance(wind, Wind) else wind,
            self._people(point, known, blows),
            contacts_of(known.values(), {each.site for each in yards}), dots(lines, at, goods),
            self.standing.behind, self.standing.newest, not within.whole, self._problems(self.yards.sites()),
            self.rules(day), tuple(self.box_findings([each.site for each in yards], spot.at)),
            self.standing.later([site.id for site, _ in sites]), not_yet,
        )  # fmt: skip

    def rules_day(self, said: str, at: int | None) -> dt.date:
        """Whose rules somebody asks for, today being the city's; those that a replay has put the packs under hold
        whatever is asked. Raises ``ValueError`` for what is no day.
        """
        day = rules_day(said, at, self.city.time or self._wall_ms(), CITY_ZONE)
        return day_put_under(self.city.domains.values()) or day

    def rules(self, day: dt.date) -> Rules:
        """The rules of a day: the editions by which the packs that keep yards are judged."""
        yards = [each for each in self.city.domains.values() if keeps_yards(each)]
        return rules_of(day, [found.standard for each in yards if (found := self._grading(each, day, "", {}))])

    def grade(self, name: str, at: int | None, day: dt.date) -> Grade | None:
        """The grade of a whole yard at an event time by the rules of a day."""
        site = self.city.registry.site(name)
        (lines,) = self.standing.lines([name], at)
        return self._grade(site, day, lines) if site is not None else None

    def _grade(self, site: Site, day: dt.date, lines: Lines) -> Grade | None:
        domain = self.city.domains.get(site.domain)
        return self._grading(domain, day, site.id, lines.masses_t()) if domain is not None else None

    def listed(self, within: Jurisdiction = WHOLE_CITY) -> list[NearYard]:
        """The yards of a jurisdiction as they are now, for choosing one."""
        found = []
        for name in self.yards.sites():
            site = self.city.registry.site(name)
            if site is not None and within.covers(site.domain, site.district):
                (lines,) = self.standing.lines([name], None)
                found.append(_yard(site, 0.0, lines))
        return found

    def box_findings(self, sites: Collection[str], at: int | None) -> list[BoxFinding]:
        """What sensors at boxes and tanks of these yards said at an event time (``None`` = now)."""
        return box_findings(self.store, sites, at)

    def box_terms(self, site: str) -> BoxTerms | None:
        """How sensors at a site's boxes are judged; ``None`` where they are not."""
        known = self.city.registry.site(site)
        return dict(self.city.facts(box_terms)).get(known.domain) if known is not None else None

    def goods(self) -> dict[str, GoodsEntry]:
        """What the packs that keep yards say of goods, by UN number."""
        found: dict[str, GoodsEntry] = {}
        for each in self._references().values():
            found |= each.goods
        return found

    def covered(self, name: str, within: Jurisdiction) -> bool:
        """Whether a site is there and within a jurisdiction."""
        site = self.city.registry.site(name)
        return site is not None and within.covers(site.domain, site.district)

    def _near_sites(self, point: tuple[float, float], within: Jurisdiction) -> list[tuple[Site, float]]:
        found = []
        for name in self.yards.sites():
            site = self.city.registry.site(name)
            if site is None or not within.covers(site.domain, site.district):
                continue
            east, north = metres((site.lat, site.lon), point)
            away = (east * east + north * north) ** 0.5
            if away <= RINGS_M[-1] + YARD_REACH_M:
                found.append((site, away))
        return sorted(found, key=lambda each: (each[1], each[0].id))

    def _middles(self, site: Site, lines: Lines, point: tuple[float, float]) -> NDArray[np.float64]:
        """Where the boxes of a yard are from the point, metres east and north; NaN where nobody knows."""
        reference = self._reference_at(site.id) or NO_REFERENCE
        known = reference.corners.get(site.id, {})
        nowhere = (math.nan, math.nan)
        corners = np.array([known.get(block, nowhere) for block in lines.words["block"].words], float).reshape(-1, 2)
        steps = np.stack([lines.bay * reference.bay_m, lines.row * reference.row_m], axis=1)
        middles: NDArray[np.float64] = metres((site.lat, site.lon), point) + corners[lines.of_boxes("block")] + steps
        return middles

    def _neighbours(
        self, point: tuple[float, float], within: Jurisdiction, blows: float | None
    ) -> tuple[Neighbour, ...]:
        yards, found = set(self.yards.sites()), []
        for site in self.city.registry.sites():
            if site.retired or site.id in yards or not within.covers(site.domain, site.district):
                continue
            east, north = metres((site.lat, site.lon), point)
            if (away := math.hypot(east, north)) <= RINGS_M[-1]:
                title = self.city.domain_title(site.domain)
                found.append(Neighbour(site.id, site.title, site.firm, title, *_seen(east, north, away, blows)))
        return tuple(sorted(found, key=lambda each: (each.away_m, each.site)))

    def _people(
        self, point: tuple[float, float], known: Mapping[str, Reference], blows: float | None
    ) -> tuple[People, ...]:
        found = []
        for reference in known.values():
            for each in reference.terms.people:
                east, north = metres((each.lat, each.lon), point)
                if (away := math.hypot(east, north)) <= reference.terms.people_within_m:
                    seen = _seen(east, north, away, blows)
                    found.append(People(each.title, each.people, *seen, each.source, each.confirmed))
        return tuple(sorted(found, key=lambda each: (each.away_m, each.title.en)))

    def _references(self) -> dict[str, Reference]:
        """The reference data of the packs that keep yards, by pack; one that is broken is left out."""
        found = {}
        for name, domain in sorted(self.city.domains.items()):
            if keeps_yards(domain) and (reference := self._reference(domain)) is not None:
                found[name] = reference
        return found

    def _reference_at(self, site: str) -> Reference | None:
        known = self.city.registry.site(site)
        domain = self.city.domains.get(known.domain) if known is not None else None
        return self._reference(domain) if domain is not None and keeps_yards(domain) else None

    def _reference(self, domain: Domain) -> Reference | None:
        before = self._read.get(domain.name)
        if before is None or before[0] is not domain:
            reference: Reference | None = None
            try:
                reference = reference_of(domain)
            except ConfigurationError as error:  # a card without plan and contacts is better than none
                log.error("responder_facts_refused", error=str(error))
            before = self._read[domain.name] = (domain, reference)
        return before[1]

    def _problems(self, sites: Sequence[str]) -> tuple[Text, ...]:
        """What the reader must know is missing."""
        broken = [
            name for name, each in sorted(self.city.domains.items()) if keeps_yards(each) and not self._reference(each)
        ]
        found = [
            Text(f"领域包 {name} 的堆场资料有误，未采用", f"the yard data of pack {name} are broken and were not used")
            for name in broken
        ]
        found += [
            Text(f"登记册中没有堆场 {name}，其箱未列入", f"yard {name} is not in the registry; its boxes are not shown")
            for name in sites
            if self.city.registry.site(name) is None
        ]
        return tuple(found)


def _yard(site: Site, away_m: float, lines: Lines, hazard: Grade | None = None) -> NearYard:
    mass = int(lines.columns["grams"].sum()) / GRAMS
    bare = tuple([box.container for box in lines.boxes if not box.declaration])
    return NearYard(site.id, site.title, site.firm, site.district, away_m, len(lines.boxes), mass, bare, hazard)


def _seen(east: float, north: float, away: float, blows: float | None) -> tuple[float, float, bool | None]:
    bearing = round(math.degrees(math.atan2(east, north)) % 360)
    return round(away), bearing, None if blows is None else downwind(east, north, blows)
