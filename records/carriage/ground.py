"""The ground carriers move on, in metres: areas, declared routes, distances. GEOS (shapely) does the geometry.

Each shape has a flat frame of its own, so that distances near it are true to some per mille over a city's extent.
"""

import math
from collections.abc import Iterable, Mapping

import shapely
from shapely.geometry import LineString, Point, Polygon

from records.carriage.distance import DEGREE_M, Corner, Flat
from records.carriage.terms import Area


class Course:
    """A declared route: a polyline of latitude and longitude, two points or more."""

    def __init__(self, points: Iterable[Corner]) -> None:
        corners = list(points)
        self.frame = Flat(sum(lat for lat, _ in corners) / len(corners), corners[0][1])
        self.line = LineString([self.frame.metres(*each) for each in corners])
        self.end = corners[-1]

    def distance_m(self, lat: float, lon: float) -> float:
        """How far a point is off the route, metres."""
        return float(self.line.distance(Point(self.frame.metres(lat, lon))))

    def share(self, lat: float, lon: float) -> float:
        """How much of the route lies behind the nearest point of it, 0 to 1."""
        return float(self.line.project(Point(self.frame.metres(lat, lon)), normalized=True))


class _Shape:
    """One area on its own ground."""

    def __init__(self, area: Area) -> None:
        lats = [each[0] for each in area.points]
        self.frame = Flat(sum(lats) / len(lats), area.points[0][1])
        corners = [self.frame.metres(*each) for each in area.points]
        self.body = LineString(corners).buffer(area.width_m / 2) if area.width_m else Polygon(corners)
        shapely.prepare(self.body)

    def covers(self, lat: float, lon: float) -> bool:
        """Whether the point is in it; its boundary belongs to it."""
        return bool(self.body.covers(Point(self.frame.metres(lat, lon))))

    def distance_m(self, lat: float, lon: float) -> float:
        return float(self.body.distance(Point(self.frame.metres(lat, lon))))

    def through(self, first: Corner, last: Corner) -> tuple[float, float, float] | None:
        """Where a straight way comes in and goes out (shares of it) and how many metres of it are inside."""
        way = LineString([self.frame.metres(*first), self.frame.metres(*last)])
        inside = way.intersection(self.body)
        if inside.is_empty or not way.length:
            return None
        shares = [way.project(Point(each), normalized=True) for each in shapely.get_coordinates(inside)]
        return float(min(shares)), float(max(shares)), float(inside.length)


class Ground:
    """The areas of a pack. ``reach_m``: how far around an area ``nearest`` finds it."""

    def __init__(self, areas: Mapping[str, Area], reach_m: float) -> None:
        self.areas = areas
        self.names = sorted(areas)
        self._shapes = {name: _Shape(areas[name]) for name in self.names}
        self._tree = shapely.STRtree([_box(areas[name], reach_m) for name in self.names])

    def inside(self, lat: float, lon: float, before: Iterable[str] = (), margin_m: float = 0.0) -> set[str]:
        """The areas a point is in; one it was in ``before`` it leaves only by more than the margin."""
        held = set(before)
        return {
            name
            for name in self._near(lat, lon)
            if self._shapes[name].covers(lat, lon)
            or (name in held and self._shapes[name].distance_m(lat, lon) <= margin_m)
        }

    def through(self, area: str, first: Corner, last: Corner) -> tuple[float, float, float] | None:
        """Where a straight way comes into an area and goes out (shares of the way), and the metres inside."""
        return self._shapes[area].through(first, last)

    def crossed(self, first: Corner, last: Corner) -> list[str]:
        """The areas whose surroundings a straight way touches."""
        found = self._tree.query(LineString([(first[1], first[0]), (last[1], last[0])]), predicate="intersects")
        return [self.names[each] for each in sorted(found)]

    def nearest(self, lat: float, lon: float, of: Iterable[str], within_m: float) -> tuple[str, float] | None:
        """The nearest of these areas and how far it is (metres, 0 = in it); ``None`` where none is within reach."""
        wanted = set(of)
        near = [
            (away, name)
            for name in self._near(lat, lon)
            if name in wanted and (away := self._shapes[name].distance_m(lat, lon)) <= within_m
        ]
        return (min(near)[1], min(near)[0]) if near else None

    def _near(self, lat: float, lon: float) -> list[str]:
        return [self.names[each] for each in sorted(self._tree.query(Point(lon, lat)))]


def _box(area: Area, reach_m: float) -> Polygon:
    """Degrees around an area, wider by the reach and half its width."""
    lats, lons = [each[0] for each in area.points], [each[1] for each in area.points]
    north = (reach_m + area.width_m) / DEGREE_M + 1e-6
    east = north / max(0.01, math.cos(math.radians(max(abs(min(lats)), abs(max(lats))))))
    return shapely.box(min(lons) - east, min(lats) - north, max(lons) + east, max(lats) + north)
