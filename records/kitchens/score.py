"""The score of a kitchen and what follows from it: its level, and when it is visited next. Pure."""

from collections.abc import Iterable, Sequence

import msgspec

from records.kitchens.matters import Matter
from records.kitchens.terms import KitchenTerms

DAY_MS = 86_400_000


class Score(msgspec.Struct, frozen=True):
    """``score`` of 100; ``counts`` of matters by class; ``unseeing`` cameras; ``due`` is when the next visit is."""

    site: str
    score: float
    colour: str
    visit_days: float
    counts: tuple[int, int, int]
    unseeing: int
    due: int


def score_of(
    site: str, found: Iterable[Matter], unseeing: int, visited: int, urgent: Sequence[int], terms: KitchenTerms
) -> Score:
    """The score by the matters of the last days. ``visited`` is the last visit, or when the kitchen came under watch
    (ms UTC); ``urgent`` the starts of matters of class 1 since.

    Every matter and every camera that does not see makes it worse, never better.
    """
    counts = [0, 0, 0]
    lost = unseeing * terms.camera_points
    for matter in found:
        counts[matter.kind - 1] += 1
        lost += terms.points.get(str(matter.kind), 0.0)
    score = round(max(0.0, 100.0 - lost), 1)
    place = next(at for at, level in enumerate(terms.levels) if score < level.below)
    if unseeing:  # nobody knows what a kitchen is like that is not seen
        place = min(place, max(0, len(terms.levels) - 2))
    level = terms.levels[place]
    due = visited + round(level.visit_days * DAY_MS)
    since = [start for start in urgent if start >= visited]
    if since:
        due = min(due, min(since) + round(terms.urgent_visit_days * DAY_MS))
    return Score(site, score, level.colour, level.visit_days, (counts[0], counts[1], counts[2]), unseeing, due)
