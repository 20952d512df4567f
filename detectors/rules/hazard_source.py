"""The grade of a major hazard source: GB 18218-2018, clauses 4.2 and 4.3.

S = sum(q/Q) says whether a unit is one at all (S >= 1); R = alpha * sum(beta * q/Q) gives its grade,
1 the worst. Commonly asked of a yard after each move of a box.
"""

from collections.abc import Mapping
from dataclasses import dataclass

STANDARD = "GB 18218-2018"

#: Table 6: a source with at least this R has this grade; below the last it has grade 4.
GRADES = ((100.0, 1), (50.0, 2), (10.0, 3))


@dataclass(frozen=True, slots=True)
class Critical:
    """The critical quantity Q of a substance in tonnes, and its correction factor beta."""

    q_t: float
    beta: float
    source: str = ""
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """One substance's share: mass and Q in tonnes, and what it adds to S and (before alpha) to R."""

    un: str
    mass_t: float
    q_t: float
    beta: float
    s: float
    r: float


@dataclass(frozen=True, slots=True)
class HazardSource:
    """The judgement, terms in falling order of R. ``grade`` is None while S < 1.

    ``unlisted`` are substances without a critical quantity (tonnes by UN): S says nothing of them.
    """

    s: float
    r: float
    alpha: float
    grade: int | None
    terms: tuple[Term, ...]
    unlisted: tuple[tuple[str, float], ...]


def hazard_source(masses_t: Mapping[str, float], critical: Mapping[str, Critical], alpha: float) -> HazardSource:
    """Judge the masses (tonnes by UN number) present in one storage unit.

    For tanks the standard counts the design maximum, so give that as their mass.

    >>> critical = {"1942": Critical(50, 1), "1689": Critical(50, 1)}
    >>> found = hazard_source({"1942": 800.0, "1689": 680.5}, critical, alpha=2.0)
    >>> round(found.s, 2), round(found.r, 2), found.grade
    (29.61, 59.22, 2)
    """
    present = {un: mass for un, mass in sorted(masses_t.items()) if mass > 0}
    terms = [_term(un, mass, critical[un]) for un, mass in present.items() if un in critical]
    terms.sort(key=lambda term: (-term.r, term.un))
    unlisted = tuple((un, mass) for un, mass in present.items() if un not in critical)
    s = sum(term.s for term in terms)
    r = alpha * sum(term.r for term in terms)
    return HazardSource(s, r, alpha, grade_of(r) if s >= 1 else None, tuple(terms), unlisted)


def grade_of(r: float) -> int:
    """The grade of a major hazard source with this R, 1 (worst) to 4."""
    for least, grade in GRADES:
        if r >= least:
            return grade
    return 4


def _term(un: str, mass_t: float, critical: Critical) -> Term:
    share = mass_t / critical.q_t
    return Term(un, mass_t, critical.q_t, critical.beta, share, critical.beta * mass_t / critical.q_t)
