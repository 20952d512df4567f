"""Fitting the models of a pack's groups from gathered healthy vectors: pure, repeatable.

Of each place two thirds of the vectors teach the model, and the rest, which it has not seen, says what it scores
while all is well. These scores are pooled over the places of a group, so that also the rare ones are known.
"""

from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from detectors.base import FloatArray, SlotArray
from detectors.calibration import tail_rarity
from detectors.groups.course import GAP_PERIODS, Course, follow, warm_up
from detectors.groups.declared import DeclaredGroup, DeclaredGroups
from detectors.groups.fitted import GroupModels, PlaceModel
from detectors.groups.gathered import Gathered
from detectors.groups.watch import FITTED_SHARE, FittedGroup, fit_group
from topics.channel_group import MOST_CHANNELS
from topics.domain import Domain

#: Fewer vectors teach no model, nor fewer than so many for each channel.
LEAST_VECTORS = 300
LEAST_A_CHANNEL = 20
#: A channel that speaks in fewer of them is left out: what it would teach is about its gaps.
LEAST_PRESENT = 0.5


def fit_groups(
    domain: Domain, gathered: Mapping[str, Gathered], fitted_until: int, before: GroupModels | None = None
) -> GroupModels:
    """The models of the groups that the pack declares. A group whose places have too few vectors keeps what it has
    in ``before``, if that was fitted under an equal declaration; where there is nothing, it is not judged.
    """
    declared, places, rarity = DeclaredGroups(domain), {}, {}
    by_name: dict[str, list[str]] = defaultdict(list)
    for subject, each in sorted(gathered.items()):
        by_name[each.name].append(subject)
    for name, group in sorted(declared.by_name.items()):
        fresh, scores = {}, [np.zeros(0)]
        for subject in by_name[name]:
            made = _fit_place(group, gathered[subject], fitted_until)
            if made is not None:
                fresh[subject] = made[0]
                scores.append(made[1])
        try:
            rarity[name] = tail_rarity(np.concatenate(scores))
        except ValueError:  # too few: a tail that is guessed must wake nobody
            fresh = {}
        places.update(_kept(before, name, group.signature) | fresh)
        if not fresh and before is not None and any(place.name == name for place in places.values()):
            rarity[name] = before.rarity[name]
    return GroupModels(dict(sorted(places.items())), rarity).checked()


def _kept(before: GroupModels | None, name: str, signature: str) -> dict[str, PlaceModel]:
    old = before.places if before is not None else {}
    return {subject: each for subject, each in old.items() if each.name == name and each.signature == signature}


def _fit_place(group: DeclaredGroup, gathered: Gathered, fitted_until: int) -> tuple[PlaceModel, FloatArray] | None:
    """The model of a place and its held-out scores; ``None`` where too little is known of it."""
    chosen = _speaking(gathered.rows)
    rows, numbers = _without_gaps(gathered.rows[:, chosen])
    d, vectors = len(chosen), int((~np.isnan(rows).all(axis=1)).sum()) if len(chosen) else 0
    if not group.detector.LEAST_CHANNELS <= d <= MOST_CHANNELS or vectors < max(LEAST_VECTORS, LEAST_A_CHANNEL * d):
        return None
    with np.errstate(all="ignore"):
        try:
            fitted = fit_group(group.detector, rows)
        except (ValueError, np.linalg.LinAlgError):  # nothing held out that can be scored, or channels that are one
            return None
        scores = _held_out(fitted, rows, numbers)
    channels = tuple(gathered.series[place] for place in chosen.tolist())
    model = PlaceModel(group.name, channels, group.signature, fitted_until, fitted.model, fitted.limits, fitted.rows)
    return model, scores


def _speaking(rows: FloatArray) -> SlotArray:
    """Places of the channels that speak often enough and say more than one thing."""
    came = ~np.isnan(rows)
    spoken = came.any(axis=1).sum()
    low = np.where(came, rows, np.inf).min(axis=0, initial=np.inf)
    high = np.where(came, rows, -np.inf).max(axis=0, initial=-np.inf)
    chosen: SlotArray = np.flatnonzero((came.sum(axis=0) >= LEAST_PRESENT * max(spoken, 1)) & (high > low))
    return chosen


def _without_gaps(rows: FloatArray) -> tuple[FloatArray, SlotArray]:
    """The rows without those in which nothing came, but one for each gap, and the numbers of their periods: a long
    silence must not teach that nothing ever changes."""
    nothing = np.isnan(rows).all(axis=1)
    kept = np.flatnonzero(~(nothing & np.concatenate([[False], nothing[:-1]])))
    return rows[kept], kept


def _held_out(fitted: FittedGroup, rows: FloatArray, numbers: SlotArray) -> FloatArray:
    """Scores of the last third, from a memory that has just warmed up before it."""
    first = max(int(FITTED_SHARE * len(rows)) - warm_up(fitted) - GAP_PERIODS, 0)
    course, scores = Course.begun(fitted), []
    for row, number in zip(rows[first:], numbers[first:].tolist(), strict=True):
        verdict, course = follow(fitted, course, row, number)
        if verdict is not None:
            scores.append(verdict.score)
    return np.array(scores)
