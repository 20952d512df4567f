"""What cameras saw, brought together to matters: the same thing seen again and again in one kitchen is one. Pure."""

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from records.kitchens.terms import KitchenTerms
from topics.kitchen_events import KitchenSight


class Matter(msgspec.Struct, frozen=True):
    """``what`` was seen in a kitchen from ``start`` to ``last`` (ms UTC), so many ``times`` by these ``cameras``."""

    site: str
    what: str
    kind: int
    start: int
    last: int
    times: int
    cameras: tuple[str, ...]
    picture: str = ""

    def over(self, terms: KitchenTerms, now: int) -> int | None:
        """When it was over, ``None`` where it may still go on."""
        until = self.last + terms.again_s * 1000
        return until if until <= now else None


def matters(sights: Iterable[KitchenSight], terms: KitchenTerms) -> list[Matter]:
    """The matters that these sights make, by their start; the order in which sights came says nothing."""
    seen: dict[tuple[str, str], list[KitchenSight]] = defaultdict(list)
    for sight in sights:
        if terms.counts(sight.what, sight.confidence):
            seen[sight.site, sight.what].append(sight)
    found = []
    for each in seen.values():
        run: list[KitchenSight] = []
        for sight in sorted(each, key=lambda sight: (sight.time, sight.id)):
            if run and sight.time - run[-1].time > terms.again_s * 1000:
                found.append(_matter(run, terms))
                run = []
            run.append(sight)
        found.append(_matter(run, terms))
    return sorted(found, key=lambda matter: (matter.start, matter.site, matter.what))


def _matter(run: list[KitchenSight], terms: KitchenTerms) -> Matter:
    first = run[0]
    cameras = tuple(sorted({sight.camera for sight in run}))
    picture = next((sight.picture for sight in reversed(run) if sight.picture), "")
    kind = terms.sighting(first.what).kind
    return Matter(first.site, first.what, kind, first.time, run[-1].time, len(run), cameras, picture)
