"""A vehicle on its way: from place to place at a speed, or standing; where it is at each report. Pure."""

from collections.abc import Iterator, Sequence

import msgspec

from records.carriage.distance import distance_m

#: Latitude and longitude, WGS-84.
Place = tuple[float, float]


class Drive(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Drive to a place at ``kmh``, or stand for ``stand_s`` seconds."""

    to: Place | None = None
    kmh: float = 0.0
    stand_s: int = 0


def driven(here: Place, drives: Sequence[Drive], every_s: int) -> Iterator[tuple[int, Place, float]]:
    """Second after the start, place and speed (km/h) at each report."""
    begun, due = 0.0, 0
    for drive in drives:
        there = drive.to or here
        lasts = distance_m(here, there) / (drive.kmh / 3.6) if drive.to else float(drive.stand_s)
        while due <= begun + lasts:
            share = (due - begun) / lasts
            yield due, (here[0] + (there[0] - here[0]) * share, here[1] + (there[1] - here[1]) * share), drive.kmh
            due += every_s
        here, begun = there, begun + lasts
