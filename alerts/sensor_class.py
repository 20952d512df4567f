"""The sensor class of what a finding is about, as registry and pack have it."""

from alerts.city import City
from topics.reading import EARLIEST_MS, parse_series


def sensor_class(city: City, domain: str, subject: str) -> str:
    """That of a series; ``site`` for what is about more than one, ``unknown`` where nobody says."""
    try:
        parts = parse_series(subject)
    except ValueError:
        return "site"
    known = city.registry.knows(subject, max(EARLIEST_MS, city.time))
    if not isinstance(known, str) and known.meta.sensor_class:
        return known.meta.sensor_class
    quantity = city.quantity(domain, parts.quantity)
    return quantity.sensor_class if quantity is not None else "unknown"
