"""The card of a point and moment: yards, registry, wind and reference data put together."""

import math
from collections.abc import Callable, Mapping, Sequence

import structlog

from alerts.accounts.jurisdiction import WHOLE_CITY, Jurisdiction
from alerts.city import City
from alerts.responder.asked import Asked, Finder, NotFound
from alerts.responder.card import Card, Dot, NearYard, Neighbour, People
from alerts.responder.reference import NO_REFERENCE, Contact, Reference, keeps_yards, metres, reference_of
from alerts.responder.wind import Wind, wind_at
from alerts.responder.yards import Yards
from alerts.store import Store
from records.history import History
from records.registry import Site
from records.responder_card import RINGS_M, Placed, downwind, near
from records.stays import Box
from topics.domain import Domain
from topics.errors import ConfigurationError
from topics.finding import Text
from topics.goods import GoodsEntry

log = structlog.get_logger(__name__)

#: A yard is looked at where its registered point lies so near the widest ring (m): its blocks may reach in.
YARD_REACH_M = 1_500.0


class ResponderCards:
    """Makes cards. ``wall_ms`` gives the wall time; asked by several threads."""

    def __init__(self, store: Store, city: City, yards: Yards, history: History, wall_ms: Callable[[], int]) -> None:
        self.city = city
        self.yards = yards
        self.history = history
        self._wall_ms = wall_ms
        self._finder = Finder(store, city, yards, self._reference_at)
        self._read: dict[str, tuple[Domain, Reference | None]] = {}

    def card(self, asked: Asked, within: Jurisdiction = WHOLE_CITY) -> Card:
        """Raises ``NotFound`` for what is not there or not theirs, ``ValueError`` where nothing was named."""
        spot = self._finder.find(asked)
        if spot.site and not self.covered(spot.site, within):
            raise NotFound(Text(f"登记册中没有站点 {spot.site}", f"no site {spot.site} in the registry"))
        point = spot.lat, spot.lon
        time = spot.at if spot.at is not None else self.city.time
        known = self._references()
        terms = next((each.terms for each in known.values()), NO_REFERENCE.terms)
        goods = self.goods()
        wind = wind_at(self.city, self.history, terms, point, time)
        blows = wind.from_deg if isinstance(wind, Wind) else None
        placed: list[Placed] = []
        yards = []
        for site, away in self._near_sites(point, within):
            inventory = self.yards.at(site.id, spot.at)
            if inventory.boxes:
                of_yard = self._placed(site, inventory.boxes, point)
                placed += of_yard
                yards.append(_yard(site, round(away), inventory.boxes))
        return Card(
            spot, time, spot.at is not None, self._wall_ms(), self.city.simulated,
            near(placed, goods, blows), tuple(yards), self._neighbours(point, within, blows),
            wind if isinstance(wind, Wind) else None, None if isinstance(wind, Wind) else wind,
            self._people(point, known, blows),
            _contacts(known, {each.site for each in yards}), _dots(placed, goods),
            self.yards.behind, self.yards.latest, not within.whole, self._problems(self.yards.sites()),
        )  # fmt: skip

    def listed(self, within: Jurisdiction = WHOLE_CITY) -> list[NearYard]:
        """The yards of a jurisdiction as they are now, for choosing one."""
        found = []
        for name in self.yards.sites():
            site = self.city.registry.site(name)
            if site is not None and within.covers(site.domain, site.district):
                found.append(_yard(site, 0.0, self.yards.at(name, None).boxes))
        return found

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

    def _placed(self, site: Site, boxes: Sequence[Box], point: tuple[float, float]) -> list[Placed]:
        """The boxes of a yard as seen from the point."""
        reference = self._reference_at(site.id) or NO_REFERENCE
        east, north = metres((site.lat, site.lon), point)
        corners, bay_m, row_m = reference.corners.get(site.id, {}), reference.bay_m, reference.row_m
        placed = []
        for box in boxes:
            place = box.place
            corner = corners.get(place.block) if place is not None else None
            if place is None or corner is None:
                placed.append(Placed(site.id, box, None))
            else:
                at = east + corner[0] + place.bay * bay_m, north + corner[1] + place.row * row_m
                placed.append(Placed(site.id, box, at))
        return placed

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


def _yard(site: Site, away_m: float, boxes: Sequence[Box]) -> NearYard:
    mass = math.fsum([line.mass_t for box in boxes for line in box.goods])
    bare = tuple([box.container for box in boxes if not box.declaration])
    return NearYard(site.id, site.title, site.firm, site.district, away_m, len(boxes), round(mass, 6), bare)


def _seen(east: float, north: float, away: float, blows: float | None) -> tuple[float, float, bool | None]:
    bearing = round(math.degrees(math.atan2(east, north)) % 360)
    return round(away), bearing, None if blows is None else downwind(east, north, blows)


def _contacts(known: Mapping[str, Reference], sites: set[str]) -> tuple[Contact, ...]:
    return tuple(
        each
        for reference in known.values()
        for each in reference.terms.contacts
        if not each.sites or sites & set(each.sites)
    )


def _dots(placed: Sequence[Placed], goods: Mapping[str, GoodsEntry]) -> tuple[Dot, ...]:
    """One dot for each stack within the widest ring; it must not be wetted if anything in it must not."""
    dry = {un for un, entry in goods.items() if entry.no_water}
    stacks: dict[tuple[float, float], bool] = {}
    for each in placed:
        if each.at is None or stacks.get(each.at):
            continue
        water = False
        for line in each.box.goods:
            water = water or line.un in dry
        stacks[each.at] = water
    within = [(at, water) for at, water in stacks.items() if math.hypot(*at) <= RINGS_M[-1]]
    return tuple(Dot(round(x, 1), round(y, 1), water) for (x, y), water in sorted(within))
