"""Of all that would have made a lot bad: what went into it, told apart from the vehicles and boxes that held it."""

from collections.abc import Collection

import numpy as np

from records.links import Links


def parted(links: Links, sources: Collection[str]) -> tuple[set[str], set[str]]:
    """``(ingredients, carriers)`` of the names that ``records.trace.backward`` gave. A carrier held others and neither
    went into a making nor came out of one; a box whose contents were used up under its own name is an ingredient.
    """
    numbers = links.numbers(sources)
    asked = np.array(sorted(set(numbers.values())), np.int64)
    held = set(links.contents(asked).of.tolist())
    makings = {number for uses in (links.used(asked), links.made(asked)) for number in uses.of.tolist()}
    carriers = {name for name, number in numbers.items() if number in held - makings}
    return set(sources) - carriers, carriers
