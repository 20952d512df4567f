"""What was declared of a box held against what gate, scale and inspection saw of it. Pure.

A mass is wrong where it differs by more than a share and by more than an amount: either alone is what scales do. What
is found proposes the next step: weigh where one scale speaks against the papers, inspect where two do or where the
goods themselves are in doubt.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from topics.events import Goods

Kind = Literal["mass", "goods"]
Proposal = Literal["weigh", "inspect"]


@dataclass(frozen=True, slots=True)
class Tolerance:
    """``share`` (0.05 = 5 %) of the declared mass and ``tonnes``; a mass must be beyond both to be wrong."""

    share: float = 0.05
    tonnes: float = 0.5


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that does not agree. Masses in tonnes; ``un`` names goods found but not declared (``extra``), or
    declared and not found (``missing``).
    """

    kind: Kind
    proposal: Proposal
    declared_t: float | None = None
    seen_t: float | None = None
    extra: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def wrong_mass(declared_t: float, seen_t: float, tolerance: Tolerance) -> bool:
    """Whether a mass differs beyond both bounds; the bounds themselves still agree."""
    off = abs(seen_t - declared_t)
    return off > tolerance.share * declared_t and off > tolerance.tonnes


def mass_difference(
    gross_t: float | None, net_t: float, scales_t: Sequence[float], tolerance: Tolerance
) -> Difference | None:
    """The newest scale against the declared gross mass; where none was declared, against the net mass of the goods,
    which a box cannot be lighter than. ``scales_t`` in the order of time.
    """
    if not scales_t:
        return None
    seen = scales_t[-1]
    declared = net_t if gross_t is None else gross_t
    if gross_t is None and seen >= net_t:
        return None
    if not wrong_mass(declared, seen, tolerance):
        return None
    # A second scale that says the same leaves the papers in the wrong.
    agree = len(scales_t) > 1 and not wrong_mass(scales_t[-2], seen, tolerance)
    return Difference("mass", "inspect" if agree else "weigh", declared, seen)


def goods_difference(declared: Sequence[Goods], seen: Sequence[Goods], tolerance: Tolerance) -> Difference | None:
    """Goods that were found and not declared, or the other way round, or much more or less of the same; ``seen`` is
    empty where nobody looked.
    """
    if not seen:
        return None
    said, found = _masses(declared), _masses(seen)
    extra = tuple(sorted(set(found) - set(said)))
    missing = tuple(sorted(set(said) - set(found)))
    if extra or missing:
        return Difference("goods", "inspect", sum(said.values()), sum(found.values()), extra, missing)
    wrong = [un for un in sorted(said) if wrong_mass(said[un], found[un], tolerance)]
    if wrong:
        return Difference("goods", "weigh", said[wrong[0]], found[wrong[0]])
    return None


def _masses(lines: Sequence[Goods]) -> dict[str, float]:
    masses: dict[str, float] = {}
    for line in lines:
        masses[line.un] = masses.get(line.un, 0.0) + line.mass_t
    return masses
