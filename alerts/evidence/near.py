"""Neighbouring stations that measure the same: what they showed at that time is part of the evidence. Pure."""

from math import asin, cos, radians, sin, sqrt

from records.registry import Registry, Site
from topics.reading import SeriesId

#: How far a neighbour may be, and how many are taken.
REACH_KM = 10.0
MOST = 5
EARTH_KM = 6371.0


def distance_km(one: Site, other: Site) -> float:
    """Great-circle distance between two sites' points."""
    lat, lat_of_other = radians(one.lat), radians(other.lat)
    half = sin((lat_of_other - lat) / 2) ** 2
    half += cos(lat) * cos(lat_of_other) * sin(radians(other.lon - one.lon) / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(half)))


def neighbours(registry: Registry, site_id: str, quantity: str) -> list[tuple[SeriesId, float]]:
    """Series of the same quantity at other sites of the domain, nearest first, with their distance in km."""
    home = registry.site(site_id)
    if home is None:
        return []
    found = [
        (SeriesId(site.id, device.id, quantity, statistic), distance_km(home, site))
        for site in registry.sites()
        if site.id != home.id and site.domain == home.domain and distance_km(home, site) <= REACH_KM
        for device in registry.devices(site.id)
        if quantity in device.quantities
        for statistic in device.quantities[quantity].statistics[:1] or ("Rtd",)
    ]
    return sorted(found, key=lambda each: (each[1], str(each[0])))[:MOST]
