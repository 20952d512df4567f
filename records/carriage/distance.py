"""Flat frames of metres and distances on them, for points near each other. Pure."""

import math
from dataclasses import dataclass

#: Metres to a degree of latitude; of longitude by the cosine.
DEGREE_M = 111_195.0

#: Latitude, longitude.
Corner = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Flat:
    """Metres east and north of a point, by the cosine of its latitude."""

    lat: float
    lon: float

    def metres(self, lat: float, lon: float) -> tuple[float, float]:
        """Where a point lies; across the date line by the shorter way."""
        east = (lon - self.lon + 180.0) % 360.0 - 180.0
        return east * math.cos(math.radians(self.lat)) * DEGREE_M, (lat - self.lat) * DEGREE_M


def distance_m(first: Corner, other: Corner) -> float:
    """Between two points (latitude, longitude) near each other, to some per mille within a city; metres."""
    frame = Flat((first[0] + other[0]) / 2, first[1])
    east, north = frame.metres(*other)
    return math.hypot(east, north - frame.metres(*first)[1])
