"""The groups that are judged: declared by the pack in force, with a model in force that was fitted under the same
declaration."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from detectors.base import FloatArray
from detectors.calibration import alarm_rarity, step_of, step_scores
from detectors.groups.declared import DeclaredGroup, DeclaredGroups
from detectors.groups.fitted import GroupModels, PlaceModel
from detectors.groups.watch import FittedGroup

#: Of the false alerts that a sensor may raise in a day, what all groups together have that it is a channel of.
GROUPS_SHARE = 0.125
#: Scores look back over some vectors, so odd ones come in clusters, and a cluster is one alert: measured on healthy
#: vectors of AR(1) processes with heavy tails, where 1.2 to 1.9 odd vectors went to an alert (docs/channel-groups.md).
VECTORS_IN_A_CLUSTER = 1.5


@dataclass(frozen=True, slots=True)
class JudgedGroup:
    """``bound``: rarity (-log10 p of one vector) at which an episode opens; ``least``: no score below reaches it."""

    declared: DeclaredGroup
    channels: tuple[str, ...]
    fitted: FittedGroup
    mark: str
    rarities: FloatArray
    bound: float
    least: float

    def rarity(self, score: float) -> float:
        """-log10 of the chance of such a score while all is well."""
        return float(self.rarities[step_of(np.array([score]))][0])


def judged_groups(declared: DeclaredGroups, models: GroupModels, rate: float) -> dict[str, JudgedGroup]:
    """By place. ``rate``: false alerts a sensor may raise in a day, all statistical detectors together: an alert of a
    group counts for each of its channels, so that it may raise as many as they have left for it together."""
    found = {}
    for subject, model in models.places.items():
        group = declared.by_name.get(model.name)
        if group is not None and group.signature == model.signature:
            bound = _bound(declared, group, model, rate)
            rarities = models.rarity[model.name]
            step = int(np.searchsorted(rarities, bound))
            least = float(step_scores()[step]) if 0 < step < len(rarities) else np.inf if step else 0.0
            found[subject] = JudgedGroup(
                group, model.channels, model.under(group.detector), model.mark, rarities, bound, least
            )
    return found


def _bound(declared: DeclaredGroups, group: DeclaredGroup, model: PlaceModel, rate: float) -> float:
    quantities: Iterable[str] = (series.split("/")[2] for series in model.channels)
    parts = [1.0 / max(declared.watching(each, group.group.statistic), 1) for each in quantities]
    allowed = rate * GROUPS_SHARE * sum(parts)
    return float(alarm_rarity(allowed * VECTORS_IN_A_CLUSTER, np.array([float(group.period_ms)]))[0])
