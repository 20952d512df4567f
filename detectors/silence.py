"""Silence: an instrument from which nothing came for too long, and a site that loses many at once.

Judged at ticks of city time alone, so silence works at any replay speed and on an idle partition.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Missing:
    """An instrument is silent after ``intervals`` times its interval without a reading.

    A site has lost many at once when at least ``least_lost`` of its live series and at least ``share_lost`` of
    all it has fell silent within ``window_s`` of each other.
    """

    name: ClassVar[str] = "missing"
    family: ClassVar[str] = "quality"
    intervals: float = 5.0
    least_lost: float = 4
    share_lost: float = 0.5
    window_s: float = 180.0
