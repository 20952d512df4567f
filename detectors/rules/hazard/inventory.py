"""A unit's S and R three times: as it is filled now, as its permit allows, as it was designed (GB 18218-2018, 4.2.2).

For tanks the standard counts the design maximum, so the unit's legal grade is that of the design; the live grade says
how much of the danger is there now, and the permit what may be.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from detectors.rules.hazard_source import Critical, HazardSource, hazard_source

#: People within 500 m outside the boundary, from so many on, and alpha (GB 18218-2018, table 5).
ALPHA = ((100, 2.0), (50, 1.5), (30, 1.2), (1, 1.0), (0, 0.5))


@dataclass(frozen=True, slots=True)
class Tank:
    """``design_t`` and ``permit_t`` are tonnes of the substance ``un`` in a tank that is full."""

    device: str
    un: str
    design_t: float
    permit_t: float


@dataclass(frozen=True, slots=True)
class UnitGrades:
    """``live`` counts a tank without a level as full: what is not known is not small. ``unknown`` names those."""

    live: HazardSource
    permit: HazardSource
    design: HazardSource
    unknown: tuple[str, ...]

    @property
    def masses(self) -> tuple[float, float]:
        """Tonnes there now and tonnes permitted, of all substances with a critical quantity."""
        return sum(term.mass_t for term in self.live.terms), sum(term.mass_t for term in self.permit.terms)


def alpha_of(people: int) -> float:
    """The correction factor for people exposed.

    >>> alpha_of(100), alpha_of(49), alpha_of(0)
    (2.0, 1.2, 0.5)
    """
    return next(alpha for least, alpha in ALPHA if people >= least)


def unit_grades(
    tanks: Sequence[Tank], levels: Mapping[str, float], critical: Mapping[str, Critical], people: int
) -> UnitGrades:
    """``levels`` are percent of a full tank by device; what is missing counts as the design maximum."""
    alpha = alpha_of(people)
    live: dict[str, float] = {}
    permit: dict[str, float] = {}
    design: dict[str, float] = {}
    for tank in tanks:
        level = levels.get(tank.device)
        share = 1.0 if level is None else min(max(level, 0.0), 100.0) / 100.0
        live[tank.un] = live.get(tank.un, 0.0) + share * tank.design_t
        permit[tank.un] = permit.get(tank.un, 0.0) + tank.permit_t
        design[tank.un] = design.get(tank.un, 0.0) + tank.design_t
    unknown = tuple(sorted(tank.device for tank in tanks if tank.device not in levels))
    return UnitGrades(
        hazard_source(live, critical, alpha),
        hazard_source(permit, critical, alpha),
        hazard_source(design, critical, alpha),
        unknown,
    )
