"""What a record on ``unregistered`` is called, and what its series becomes once the registry knows it. Pure."""

from records.registry import Registry, SeriesRecord
from topics.reading import parse_series

#: The site of a series whose device alone is known to its sender (an HJ 212 gateway with an unknown MN).
UNKNOWN_SITE = "unknown"


def unregistered_headers(topic: str, partition: int, offset: int, reason: str) -> list[tuple[str, bytes]]:
    """The headers of a record on ``unregistered``. ``topic`` is where the reading stood, or
    ``gateway/<name>`` for one that never reached a topic (partition and offset are then -1).
    """
    texts = {"topic": topic, "partition": str(partition), "offset": str(offset), "reason": reason}
    return [(name, text.encode()) for name, text in texts.items()]


def unregistered_key(series: str, reason: str) -> str:
    """The key of such a record: the device where the site is known or unnamed, else the site."""
    parts = parse_series(series)
    return parts.device if reason == "unknown_device" or parts.site == UNKNOWN_SITE else parts.site


def registered_series(series: str, registry: Registry, time_ms: int) -> SeriesRecord | None:
    """What the registry now says of an unregistered series, ``None`` if still nothing.

    ``unknown/<device>/…`` becomes the series of the site where the device stands, and a code that the
    device sends becomes the quantity it stands for.
    """
    parts = parse_series(series)
    device = registry.device(parts.device)
    if device is None:
        return None
    site = device.site if parts.site == UNKNOWN_SITE else parts.site
    quantity = device.quantity_called(parts.quantity)
    known = registry.knows(f"{site}/{device.id}/{quantity}/{parts.statistic}", time_ms)
    return None if isinstance(known, str) else known
