"""Where goods are and were: the book of carriers, the yards and what was found put together for whoever asks."""

from typing import Any

import msgspec

from alerts.accounts.jurisdiction import WHOLE_CITY, Jurisdiction
from alerts.carriage.areas import areas_near
from alerts.carriage.book import CarriageBook
from alerts.carriage.findings import CarrierFindings
from alerts.city import City
from alerts.responder.yards import Yards
from alerts.store import Store
from alerts.views import text_view
from records.carriage.custody_line import OVER_MS, Hand, Told, custody_line
from records.carriage.terms import CarriageTerms, carriage_facts
from records.carriage.track import Point, believed
from topics.events import Declared, GateIn, Inspected
from topics.finding import Text
from topics.positions import Position, Waybill

#: Carriers not heard of for so long (ms of city time) are no longer listed.
LISTED_MS = 24 * 3_600_000
#: Beyond the ends of a trip its track and findings are shown for so long (ms).
AROUND_MS = 1_800_000
#: A carrier's newest place counts as where it is for so long (ms).
PLACE_MS = 24 * 3_600_000

KINDS = {
    "shipper": Text("托运人", "shipper"),
    "carrier": Text("运输车辆", "vehicle"),
    "yard": Text("堆场", "yard"),
    "ship": Text("船舶", "ship"),
    "consignee": Text("收货人", "consignee"),
    "unknown": Text("不明", "not known"),
}


class CargoDesk:
    """Asked by several threads; changes nothing. ``yards`` are those of the responder's card."""

    def __init__(self, store: Store, city: City, yards: Yards) -> None:
        self.city = city
        self.yards = yards
        self.book = CarriageBook(store)
        self.findings = CarrierFindings(store, city)

    def under_way(self, within: Jurisdiction = WHOLE_CITY) -> dict[str, Any]:
        """The carriers heard of lately and the trips under way, each with where it was last seen."""
        now = self._now()
        trips = {each.carrier: each for each in reversed(self.book.under_way(now)) if self._covered(each.site, within)}
        newest = {
            each.carrier: each for each in self.book.carriers(now - LISTED_MS) if self._covered(each.site, within)
        }
        open_ = self.findings.open_of(sorted({*trips, *newest}))
        names = sorted({*trips, *newest}, key=lambda name: (name not in trips, name))
        items = [
            {
                "carrier": name,
                "kind": (trips.get(name) or newest[name]).kind,
                "site": (trips.get(name) or newest[name]).site,
                "title": text_view(self.city.site_title((trips.get(name) or newest[name]).site)),
                "position": _position(newest.get(name)),
                "trip": None if name not in trips else self._brief(trips[name]),
                "alarms": open_.get(name, []),
            }
            for name in names
        ]
        places = [newest[name] for name in names if name in newest]
        areas = areas_near(self.city, [each.lat for each in places], [each.lon for each in places])
        return {"time": now, "items": items, "areas": areas}

    def trip(self, number: str, within: Jurisdiction = WHOLE_CITY) -> dict[str, Any] | None:
        """One trip: its paper, its track, what was found on it, the areas around; ``None`` where nobody knows it."""
        waybill = self.book.trip(number)
        if waybill is None or not self._covered(waybill.site, within):
            return None
        first, last = waybill.departs - AROUND_MS, (waybill.ended or waybill.arrives + OVER_MS) + AROUND_MS
        track = self._believed(self.book.track(waybill.carrier, first, last), waybill.kind)
        found = self.findings.on_trip(waybill.carrier, waybill.id, first, last)
        lats = [row[1] for row in track] + [each.lat for each in waybill.route]
        lons = [row[2] for row in track] + [each.lon for each in waybill.route]
        return {
            "time": self._now(),
            "waybill": msgspec.to_builtins(waybill),
            "classes": list(waybill.classes),
            "title": text_view(self.city.site_title(waybill.site)),
            "origin_title": text_view(self._called(waybill.origin)),
            "destination_title": text_view(self._called(waybill.destination)),
            "track": track,
            "findings": found,
            "areas": areas_near(self.city, lats, lons),
        }

    def carrier(self, name: str, within: Jurisdiction = WHOLE_CITY) -> dict[str, Any] | None:
        """A carrier's trips, the newest first, and where it was last seen."""
        trips = [each for each in self.book.trips_of(name) if self._covered(each.site, within)]
        place = next((each for each in self.book.carriers(0) if each.carrier == name), None)
        if place is not None and not self._covered(place.site, within):
            place = None
        if not trips and place is None:
            return None
        return {"carrier": name, "position": _position(place), "trips": [self._brief(each) for each in trips]}

    def container(
        self, name: str, at_ms: int | None = None, within: Jurisdiction = WHOLE_CITY
    ) -> dict[str, Any] | None:
        """Where a container is, or was at a moment, with whom, since when and on what evidence; and its whole way.

        ``None`` where nothing is known of it, or nothing that is theirs to see.
        """
        waybills, handovers, seen = self.book.about(name)
        told = Told(waybills, handovers, self.yards.told(name), seen)
        now = self._now()  # a departure that is only planned is no change of hands yet
        line = [each for each in custody_line(told, now or None) if self._may_see(each, waybills, within)]
        if not line:
            return None
        moment = now if at_ms is None else at_ms
        by_then = [each for each in custody_line(told, moment or None) if self._may_see(each, waybills, within)]
        track = self._way(by_then[-1], moment) if by_then else []
        return {
            "container": name,
            "at": at_ms,
            "time": moment,
            "now": self._hand(by_then[-1], moment) if by_then else None,
            "line": [self._hand(each, each.until or moment) for each in line],
            "goods": msgspec.to_builtins(_goods(waybills, told)),
            "track": track,
            "areas": areas_near(self.city, [row[1] for row in track], [row[2] for row in track]),
            "behind": self.yards.behind,
        }

    def _hand(self, hand: Hand, moment: int) -> dict[str, Any]:
        row: dict[str, Any] = msgspec.to_builtins(hand)
        row |= {
            "title": text_view(self._called(hand.name)), "kind_title": text_view(KINDS[hand.kind]),
            "place_title": text_view(self._called(hand.place)), "position": None,
        }  # fmt: skip
        if hand.kind in ("carrier", "ship"):
            if way := self._way(hand, moment):
                place = way[-1]
                row["position"] = {"time": place[0], "lat": place[1], "lon": place[2], "speed_kmh": place[3]}
        elif hand.kind == "yard" and (site := self.city.registry.site(hand.name)) is not None:
            row["position"] = {"time": hand.since, "lat": site.lat, "lon": site.lon, "speed_kmh": None}
        return row

    def _called(self, name: str) -> Text:
        """The title of a registered site, any other name as it stands."""
        return self.city.site_title(name) if self.city.registry.site(name) is not None else Text(name, name)

    def _brief(self, waybill: Waybill) -> dict[str, Any]:
        """What a list shows of a trip."""
        return {
            "id": waybill.id, "origin": waybill.origin, "destination": waybill.destination,
            "origin_title": text_view(self._called(waybill.origin)),
            "destination_title": text_view(self._called(waybill.destination)),
            "departs": waybill.departs, "arrives": waybill.arrives, "ended": waybill.ended,
            "cancelled": waybill.cancelled, "un": sorted({each.un for each in waybill.goods}),
            "classes": list(waybill.classes), "containers": list(waybill.containers),
        }  # fmt: skip

    def _way(self, hand: Hand, moment: int) -> list[Point]:
        """Where whoever holds it has gone with it by a moment; nothing where it does not move."""
        if hand.kind not in ("carrier", "ship"):
            return []
        track = self.book.track(hand.name, max(hand.since, moment - PLACE_MS), moment)
        return self._believed(track, "ship" if hand.kind == "ship" else "road")

    def _believed(self, track: list[Point], kind: str) -> list[Point]:
        """The track without what the watch does not believe."""
        terms = next((facts.terms for _, facts in self.city.facts(carriage_facts)), CarriageTerms("defaults", False))
        return believed(track, terms.jump_ship_kmh if kind == "ship" else terms.jump_kmh, terms.jump_m, terms.agree)

    def _may_see(self, hand: Hand, waybills: tuple[Waybill, ...], within: Jurisdiction) -> bool:
        """A yard's hand belongs to its site, any other to the firms whose waybills name the container."""
        if within.whole:
            return True
        if hand.kind == "yard":
            return self._covered(hand.name, within)
        return any(self._covered(each.site, within) for each in waybills)

    def _covered(self, name: str, within: Jurisdiction) -> bool:
        site = self.city.registry.site(name)
        if site is None:
            return within.whole
        return within.covers(site.domain, site.district)

    def _now(self) -> int:
        """City time."""
        return self.city.time


def _position(position: Position | None) -> dict[str, Any] | None:
    if position is None:
        return None
    return {
        "time": position.time, "lat": position.lat, "lon": position.lon, "speed_kmh": position.speed_kmh,
        "heading_deg": position.heading_deg,
    }  # fmt: skip


def _goods(waybills: tuple[Waybill, ...], told: Told) -> list[Any]:
    """What the newest paper says is in it."""
    papers = [(each.time, each.goods) for each in waybills if not each.cancelled]
    papers += [(each.time, each.goods) for each in told.yard if isinstance(each, Declared | GateIn | Inspected)]
    papers = [each for each in papers if each[1]]
    return list(max(papers, key=lambda each: each[0])[1]) if papers else []
