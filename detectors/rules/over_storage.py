"""Over-storage: the mass of one substance against what its permit and its design allow."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["near_permit", "over_permit", "over_design", "not_permitted"]

#: Share of the permit from which somebody should be told.
NEAR = 0.8

SEVERITY: dict[Level, str] = {
    "near_permit": "yellow",
    "over_permit": "orange",
    "over_design": "red",
    "not_permitted": "red",
}


@dataclass(frozen=True, slots=True)
class Permit:
    """Tonnes of one substance that one site may keep, and for which it is built (None = not known)."""

    permit_t: float
    design_t: float | None = None
    source: str = ""
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class OverStorage:
    """``expected_t`` is the maximum that was passed (0 where nothing is permitted), ``times`` how often over it."""

    level: Level
    severity: str
    mass_t: float
    expected_t: float

    @property
    def times(self) -> float | None:
        """How many times what is expected lies there; ``None`` where none is."""
        return self.mass_t / self.expected_t if self.expected_t else None


def over_storage(mass_t: float, permit: Permit | None) -> OverStorage | None:
    """Judge one substance at one site; ``permit`` None or of 0 t = it must not be there at all.

    >>> over_storage(1342.8, Permit(25.0, 25.0)).level
    'over_design'
    >>> over_storage(10.0, Permit(25.0, 25.0)) is None
    True
    """
    if mass_t <= 0:
        return None
    if permit is None or permit.permit_t <= 0:
        return _found("not_permitted", mass_t, 0.0)
    if permit.design_t is not None and mass_t > permit.design_t:
        return _found("over_design", mass_t, permit.design_t)
    if mass_t > permit.permit_t:
        return _found("over_permit", mass_t, permit.permit_t)
    if mass_t >= NEAR * permit.permit_t:
        return _found("near_permit", mass_t, permit.permit_t)
    return None


def _found(level: Level, mass_t: float, expected_t: float) -> OverStorage:
    return OverStorage(level, SEVERITY[level], mass_t, expected_t)
