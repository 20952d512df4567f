"""A flat piece of country for the tests of carriage: metres east and north of one point, and what stands there."""

import math
from typing import Any

from records.carriage.distance import DEGREE_M
from records.carriage.fold import step
from records.carriage.ground import Course, Ground
from records.carriage.surroundings import Surroundings
from records.carriage.terms import Area, CarriageTerms
from records.carriage.way import Turn, Way
from topics.events import Goods
from topics.finding import Text
from topics.positions import Position, RoutePoint, Waybill

LAT, LON = 39.0, 117.7
#: 2026-03-02 08:00 in the city.
T0 = 1_772_409_600_000
SECOND, MINUTE = 1_000, 60_000
TRUCK = "津A12345"

TERMS = CarriageTerms(
    source="the test", confirmed=False, settle_s=10, corridor_m=200, back_share=0.8, off_route_s=60, stop_kmh=5,
    stop_radius_m=50, stop_s=300, near_m=500, margin_m=30, silence_s=300, no_waybill_s=120, jump_kmh=160, jump_m=300,
    agree=3, early_s=3600, over_s=7200, arrived_m=100,
)  # fmt: skip


def at(east_m: float, north_m: float) -> tuple[float, float]:
    """The latitude and longitude of a place."""
    return LAT + north_m / DEGREE_M, LON + east_m / DEGREE_M / math.cos(math.radians(LAT))


def area(corners: list[tuple[float, float]], **more: Any) -> Area:
    """An area of corners in metres; forbidden to all dangerous goods where nothing else is said."""
    told: dict[str, Any] = {
        "title": Text("区", "area"),
        "kind": "residential",
        "source": "the test",
        "confirmed": False,
    } | more
    return Area(points=tuple(at(*each) for each in corners), **told)


def square(east_m: float, north_m: float, side_m: float, **more: Any) -> Area:
    """One of four corners, the south-west one given."""
    east, north = east_m + side_m, north_m + side_m
    return area([(east_m, north_m), (east, north_m), (east, north), (east_m, north)], **more)


def ground(**areas: Area) -> Ground:
    return Ground(areas, TERMS.near_m)


def position(second: float, east_m: float, north_m: float, speed_kmh: float | None = 40.0, **more: Any) -> Position:
    """Where the truck is so many seconds after eight."""
    lat, lon = at(east_m, north_m)
    told: dict[str, Any] = {"carrier": TRUCK, "site": "haul-01", "domain": "cargo"} | more
    return Position(time=T0 + round(second * SECOND), lat=lat, lon=lon, speed_kmh=speed_kmh, **told)


def waybill(route: list[tuple[float, float]] | None = None, hazard_class: str = "4.1", **more: Any) -> Waybill:
    """A trip from eight to nine with a little nitrocellulose, straight east for 20 km where nothing else is said."""
    way = [(0.0, 0.0), (20_000.0, 0.0)] if route is None else route
    told: dict[str, Any] = {
        "id": "YD-1", "carrier": TRUCK, "site": "haul-01", "domain": "cargo", "time": T0 - 60 * MINUTE, "departs": T0,
        "arrives": T0 + 60 * MINUTE, "goods": (Goods("2556", "NITROCELLULOSE", hazard_class, 9.5),),
        "containers": ("TCNU1234567",), "driver": "D-1", "escort": "E-1", "firm": "T-1",
    }  # fmt: skip
    return Waybill(route=tuple(RoutePoint(*at(*each)) for each in way), **(told | more))


def drive(
    places: list[Position], on: Ground | None = None, trip: Waybill | None = None, terms: CarriageTerms = TERMS
) -> list[tuple[str, str, float, float | None]]:
    """What holds of a way: rule, what about, seconds after eight when it opened and ended (``None`` = it holds)."""
    course = Course([(each.lat, each.lon) for each in trip.route]) if trip is not None and trip.route else None
    by = Surroundings(terms, on or ground(), trip, course)
    way = Way()
    return told([turn for each in places for turn in step(way, each, by)])


def told(turns: list[Turn]) -> list[tuple[str, str, float, float | None]]:
    """Turns as spans, in the order in which they opened."""
    spans: dict[tuple[str, str, int], float | None] = {}
    for turn in turns:
        name = turn.fact.rule, turn.fact.about, turn.fact.opened
        spans[name] = (turn.time - T0) / SECOND if turn.ended else None
    return [(rule, about, (opened - T0) / SECOND, end) for (rule, about, opened), end in spans.items()]
