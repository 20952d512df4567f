"""The places of a partition whose channels are judged together, and what is remembered of each."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from detectors.base import SlotArray
from detectors.episodes import Episode
from detectors.groups.base import Arrays
from detectors.groups.course import Course
from detectors.groups.declared import DeclaredGroup
from detectors.groups.periods import Periods


@dataclass(slots=True)
class Place:
    """One place of a declared group, as far as its series have been met: ``seats`` of each in ``periods``."""

    subject: str
    site: str
    declared: DeclaredGroup
    periods: Periods
    seats: dict[str, int] = field(default_factory=dict)

    @property
    def in_order(self) -> SlotArray:
        """The seats of its series in the order of their names."""
        return np.array([self.seats[series] for series in sorted(self.seats)], np.intp)


@dataclass(slots=True)
class PlaceState:
    """What is remembered of a place. ``judged``: number of its last judged period; ``mark``: the model that ``course``
    belongs to; ``calm``: vectors that have said less than the open episode; ``quiet_until``: event time (ms UTC)
    before which no new episode opens; ``title``: what it was called last.
    """

    subject: str
    site: str
    judged: int = -1
    mark: str = ""
    course: Course | None = None
    calm: int = 0
    quiet_until: int = 0
    episode: Episode | None = None
    title: tuple[str, str] = ("", "")

    def exported(self) -> dict[str, Any]:
        """As plain values and arrays, for a snapshot."""
        plain = {name: getattr(self, name) for name in ("subject", "site", "judged", "mark", "calm", "quiet_until")}
        course: Arrays = self.course.arrays() if self.course is not None else {}
        episode = self.episode.exported() if self.episode is not None else {}
        return plain | {"course": course, "episode": episode, "title": list(self.title)}

    @classmethod
    def loaded(cls, exported: dict[str, Any]) -> "PlaceState":
        """What ``exported`` gave."""
        course, episode, title = exported["course"], exported["episode"], exported["title"]
        return cls(
            **exported
            | {
                "course": Course.loaded(course) if course else None,
                "episode": Episode(**episode) if episode else None,
                "title": (title[0], title[1]),
            }
        )
