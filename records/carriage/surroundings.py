"""What a position is judged by: the rules' numbers, the areas, the trip under way and its declared route. Pure."""

import msgspec

from records.carriage.distance import distance_m
from records.carriage.ground import Course, Ground
from records.carriage.terms import CarriageTerms
from topics.positions import Position, Waybill


class Surroundings(msgspec.Struct, frozen=True):
    """What a position is judged by: the rules' numbers, the areas, the trip under way and its declared route."""

    terms: CarriageTerms
    ground: Ground
    waybill: Waybill | None = None
    course: Course | None = None


def carries(now: Position, waybill: Waybill | None) -> bool:
    """Whether goods are, as far as is known, aboard."""
    return waybill is not None or bool(now.containers or now.lots)


def arrived(now: Position, by: Surroundings) -> bool:
    """Whether it is at the end of its declared route."""
    return by.course is not None and distance_m(by.course.end, (now.lat, now.lon)) <= by.terms.arrived_m


def classes_of(now: Position, by: Surroundings) -> tuple[str, ...]:
    """The classes aboard. Goods that nobody has declared may be anything."""
    if by.waybill is not None:
        return by.waybill.classes
    return UNKNOWN if now.containers or now.lots or now.trip else ()


#: One of each class: what undeclared goods may be.
UNKNOWN = ("1.1", "2.1", "2.3", "3", "4.1", "4.2", "4.3", "5.1", "5.2", "6.1", "7", "8", "9")
