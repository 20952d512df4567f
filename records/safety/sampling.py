"""Which firms a plan visits: drawn by stratum and risk with a recorded seed, nobody twice before all of them were.

Anybody can draw again: the members, their weights, what was drawn before and the seed stand in the plan.
"""

from collections.abc import Mapping, Sequence
from random import Random

import msgspec


class Drawn(msgspec.Struct, frozen=True):
    """A firm that was drawn, and its stratum."""

    site: str
    stratum: str


def draw(
    members: Mapping[str, Sequence[str]],
    weights: Mapping[str, float],
    sizes: Mapping[str, int],
    before: Mapping[str, Sequence[str]],
    seed: int,
) -> list[Drawn]:
    """``sizes`` firms of each stratum of ``members``, the risky (``weights``, 1 where nothing is said) sooner.

    ``before`` lists who was drawn in each stratum, the oldest first. Whoever has not been drawn since all of the
    stratum last were goes before everybody else; a stratum smaller than its size gives all it has.
    """
    drawn: list[Drawn] = []
    for stratum in sorted(sizes):
        here = sorted(set(members.get(stratum, ())))
        # A stratum's draw does not depend on the others', so that a plan can be checked stratum by stratum.
        dice = Random(f"{seed}/{stratum}")
        wanted = min(max(0, sizes[stratum]), len(here))
        open_still = still_open(here, before.get(stratum, ()))
        chosen = _weighted(dice, open_still, weights, wanted)
        rest = [site for site in here if site not in open_still]
        chosen += _weighted(dice, rest, weights, wanted - len(chosen))
        drawn += [Drawn(site, stratum) for site in chosen]
    return drawn


def still_open(members: Sequence[str], before: Sequence[str]) -> list[str]:
    """Those of a stratum who have not been drawn since all of its members last were; all where none is left.

    Somebody who came into the stratum later counts as not drawn yet.
    """
    here, seen = set(members), set[str]()
    for site in before:
        seen.add(site)
        if here <= seen:
            seen = set()
    return [site for site in members if site not in seen]


def _weighted(dice: Random, sites: Sequence[str], weights: Mapping[str, float], count: int) -> list[str]:
    """``count`` of these without putting back, each turn in proportion to its weight (Efraimidis and Spirakis)."""
    keys = {site: dice.random() ** (1.0 / max(1e-9, weights.get(site, 1.0))) for site in sites}
    return sorted(sites, key=lambda site: (-keys[site], site))[:count]
