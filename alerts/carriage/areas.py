"""The areas of the packs, for drawing."""

from collections.abc import Iterable
from typing import Any

from alerts.city import City
from records.carriage.terms import Area, carriage_facts

#: How far around what is drawn areas are drawn too (degrees).
AROUND = 0.02


def areas_near(city: City, lats: Iterable[float], lons: Iterable[float]) -> list[dict[str, Any]]:
    """The areas near these places, each with what it forbids and where that comes from; none without a place."""
    north, east = list(lats), list(lons)
    if not north:
        return []
    around = (min(north) - AROUND, min(east) - AROUND, max(north) + AROUND, max(east) + AROUND)
    return [
        {
            "name": name, "title": {"zh": area.title.zh, "en": area.title.en}, "kind": area.kind, "rule": area.rule,
            "points": area.points, "width_m": area.width_m, "hours": area.hours, "classes": area.classes,
            "severity": area.severity, "source": area.source, "confirmed": area.confirmed,
        }
        for _, facts in city.facts(carriage_facts)
        for name, area in sorted(facts.areas.items())
        if _meets(area, around)
    ]  # fmt: skip


def _meets(area: Area, around: tuple[float, float, float, float]) -> bool:
    south, west, north, east = around
    lats, lons = [each[0] for each in area.points], [each[1] for each in area.points]
    return min(lats) <= north and max(lats) >= south and min(lons) <= east and max(lons) >= west
