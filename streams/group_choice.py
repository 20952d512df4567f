"""Which groups of channels are fitted: whole places, because a group without one of its channels is another group."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from detectors.base import SeriesSpec
from detectors.groups.declared import DeclaredGroups
from topics.domain import Domain

#: Channels that a fit keeps a week of vectors of: about 320 MB at one vector a minute.
MOST_CHANNELS = 4_000


def with_groups(
    chosen: Sequence[SeriesSpec], specs: Sequence[SeriesSpec], domain: Domain, most: int = MOST_CHANNELS
) -> list[SeriesSpec]:
    """``chosen`` and all series of ``specs`` that belong to the pack's groups, in the order of their names.

    Where that are more than ``most``, whole places are left out, picked by a hash of the name: mostly the same ones
    at every point. They keep the models they have.
    """
    places: dict[str, list[SeriesSpec]] = defaultdict(list)
    declared = DeclaredGroups(domain)
    for spec in specs:
        for _, subject in declared.of(spec):
            places[subject].append(spec)
    found, room = {spec.series: spec for spec in chosen}, most
    for subject in sorted(places, key=lambda each: hashlib.sha256(each.encode()).hexdigest()):
        room -= len(places[subject])
        if room < 0:
            break
        found |= {spec.series: spec for spec in places[subject]}
    return [found[series] for series in sorted(found)]
