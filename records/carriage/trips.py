"""The waybills known, which of them a position belongs to, and what it is judged by. Pure."""

from collections.abc import Iterator

from records.carriage.ground import Course, Ground
from records.carriage.surroundings import Surroundings
from records.carriage.terms import CarriageTerms
from topics.positions import Position, Waybill


class Trips:
    """Waybills by number, in ``waybills``; the newest word on each holds."""

    def __init__(self, terms: CarriageTerms, ground: Ground, waybills: dict[str, Waybill] | None = None) -> None:
        self.terms = terms
        self.ground = ground
        self.waybills = {} if waybills is None else waybills
        self._courses: dict[str, tuple[Waybill, Course | None]] = {}

    def put(self, waybill: Waybill) -> bool:
        """Take one; false where something newer is known already."""
        known = self.waybills.get(waybill.id)
        if known is not None and waybill.time < known.time:
            return False
        self.waybills[waybill.id] = waybill
        return True

    def end(self, waybill: Waybill) -> int:
        """When it is over: as said, else some hours after its planned arrival (ms UTC)."""
        return waybill.ended or waybill.arrives + round(self.terms.over_s * 1000)

    def runs(self, waybill: Waybill, time_ms: int) -> bool:
        """Whether it is neither cancelled nor over."""
        return not waybill.cancelled and time_ms < self.end(waybill)

    def under_way(self, time_ms: int) -> Iterator[Waybill]:
        """The trips that have left and are not over, by number."""
        return (
            each for _, each in sorted(self.waybills.items()) if each.departs <= time_ms and self.runs(each, time_ms)
        )

    def of(self, position: Position) -> Waybill | None:
        """The waybill a position names, or the one its carrier is under way with."""
        if position.trip:
            named = self.waybills.get(position.trip)
            return named if named is not None and self._is_for(named, position) else None
        fitting = [each for each in self.waybills.values() if self._is_for(each, position)]
        return max(fitting, key=lambda each: (each.departs, each.id), default=None)

    def surroundings(self, waybill: Waybill | None) -> Surroundings:
        """What positions under this waybill are judged by."""
        if waybill is None:
            return Surroundings(self.terms, self.ground)
        kept = self._courses.get(waybill.id)
        if kept is None or kept[0] is not waybill:
            kept = self._courses[waybill.id] = waybill, course_of(waybill)
        return Surroundings(self.terms, self.ground, waybill, kept[1])

    def forget_before(self, time_ms: int) -> None:
        """Let go of trips that were over before this."""
        for number in [number for number, each in self.waybills.items() if self.end(each) < time_ms]:
            del self.waybills[number]
            self._courses.pop(number, None)

    def _is_for(self, waybill: Waybill, position: Position) -> bool:
        early = waybill.departs - round(self.terms.early_s * 1000)
        return waybill.carrier == position.carrier and early <= position.time and self.runs(waybill, position.time)


def course_of(waybill: Waybill) -> Course | None:
    """Its declared route; ``None`` where none was declared."""
    route = [(each.lat, each.lon) for each in waybill.route]
    return Course(route) if len(set(route)) > 1 else None
