"""The position report (0x0200) and several in one message (0x0704), read and written. Pure.

Basic part: alarm flags, status, latitude and longitude in millionths of a degree, altitude in m, speed in 0.1 km/h,
direction in degrees clockwise from north, time as twelve digits of GMT+8. After it come additional items: a byte of
what, a byte of length, the bytes.
"""

import datetime as dt

import msgspec

BASIC_BYTES = 28
ZONE = dt.timezone(dt.timedelta(hours=8))
#: Bits of the status.
LOCATED, SOUTH, WEST = 1 << 1, 1 << 2, 1 << 3
#: Additional items: how far it has driven, in 0.1 km.
MILEAGE = 0x01


class Location(msgspec.Struct, frozen=True):
    """``time`` in ms UTC, ``lat`` and ``lon`` in degrees (south and west below 0), ``items`` by their number."""

    time: int
    lat: float
    lon: float
    altitude_m: int = 0
    speed_kmh: float = 0.0
    heading_deg: int = 0
    located: bool = True
    alarms: int = 0
    status: int = LOCATED
    items: dict[int, bytes] = {}


def read_location(body: bytes) -> Location:
    """Raises ``ValueError`` with what was required and what came."""
    if len(body) < BASIC_BYTES:
        raise ValueError(f"position: expected at least {BASIC_BYTES} bytes, got {len(body)}")
    words = [int.from_bytes(body[at : at + 4], "big") for at in (0, 4, 8, 12)]
    alarms, status, lat, lon = words
    halves = [int.from_bytes(body[at : at + 2], "big") for at in (16, 18, 20)]
    if lat > 90_000_000 or lon > 180_000_000:
        raise ValueError(f"position: expected up to 90 and 180 degrees, got {lat / 1e6} and {lon / 1e6}")
    return Location(
        _time(body[22:28]),
        lat / 1e6 * (-1 if status & SOUTH else 1),
        lon / 1e6 * (-1 if status & WEST else 1),
        halves[0] - 65_536 if halves[0] > 32_767 else halves[0],
        halves[1] / 10,
        halves[2],
        bool(status & LOCATED),
        alarms,
        status,
        _items(body[BASIC_BYTES:]),
    )


def write_location(location: Location) -> bytes:
    """The body of a report; hemispheres and fix are written into the status."""
    status = location.status & ~(LOCATED | SOUTH | WEST)
    status |= LOCATED if location.located else 0
    status |= (SOUTH if location.lat < 0 else 0) | (WEST if location.lon < 0 else 0)
    clock = dt.datetime.fromtimestamp(location.time / 1000, ZONE).strftime("%y%m%d%H%M%S")
    body = b"".join(
        value.to_bytes(4, "big")
        for value in (location.alarms, status, round(abs(location.lat) * 1e6), round(abs(location.lon) * 1e6))
    )
    body += (location.altitude_m & 0xFFFF).to_bytes(2, "big") + round(location.speed_kmh * 10).to_bytes(2, "big")
    body += location.heading_deg.to_bytes(2, "big") + bytes.fromhex(clock)
    return body + b"".join(bytes([name, len(value)]) + value for name, value in sorted(location.items.items()))


def read_batch(body: bytes) -> tuple[bool, list[bytes]]:
    """Whether these were kept while there was no network, and the bodies of the reports. Raises ``ValueError``."""
    if len(body) < 3:
        raise ValueError(f"batch: expected at least 3 bytes, got {len(body)}")
    count, at = int.from_bytes(body[:2], "big"), 3
    found: list[bytes] = []
    while at < len(body):
        length = int.from_bytes(body[at : at + 2], "big")
        if at + 2 + length > len(body):
            raise ValueError(f"batch: expected {length} bytes for report {len(found) + 1}, got {len(body) - at - 2}")
        found.append(body[at + 2 : at + 2 + length])
        at += 2 + length
    if len(found) != count:
        raise ValueError(f"batch: expected {count} reports, got {len(found)}")
    return body[2] == 1, found


def write_batch(reports: list[bytes], *, kept: bool) -> bytes:
    """The body of several reports in one message."""
    parts = [len(each).to_bytes(2, "big") + each for each in reports]
    return len(reports).to_bytes(2, "big") + bytes([kept]) + b"".join(parts)


def _time(digits: bytes) -> int:
    text = digits.hex()
    try:  # two figures of the year: Python would take those from 69 on for the last century
        return round(dt.datetime.strptime(f"20{text}", "%Y%m%d%H%M%S").replace(tzinfo=ZONE).timestamp() * 1000)
    except ValueError:
        raise ValueError(f"time: expected YYMMDDhhmmss, got {text}") from None


def _items(data: bytes) -> dict[int, bytes]:
    """Additional items; what is torn at the end is left out, the position counts all the same."""
    found: dict[int, bytes] = {}
    at = 0
    while at + 2 <= len(data) and at + 2 + data[at + 1] <= len(data):
        found[data[at]] = data[at + 2 : at + 2 + data[at + 1]]
        at += 2 + data[at + 1]
    return found
