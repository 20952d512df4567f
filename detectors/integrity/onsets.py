"""Stretches without valid data that begin when an exceedance was coming, against how often one was coming at all."""

import math
from collections.abc import Iterator

import numpy as np

from detectors.base import FloatArray, SlotArray
from detectors.integrity.base import Measure
from detectors.integrity.outlet import HOUR_MS, Known, Outlet, Track
from detectors.integrity.stretches import smooth

#: How far ahead a value's present course is drawn out, in hours; and the share of the limit that it must reach then.
AHEAD_H = 0.5
NEAR = 0.85

#: No moment is taken for rarer than this: neighbouring minutes are alike, so the days seen hold few independent ones.
LEAST_SHARE = 0.003


def outlook(track: Track) -> FloatArray:
    """Where the value of each row is heading: the mean of a quarter of an hour, drawn out by its rate of half an hour.

    NaN where nothing valid is near.
    """
    level = smooth(track.value, track.valid, max(1, track.per_hour // 4))
    back = max(1, track.per_hour // 2)
    rate = (level - np.concatenate((np.full(back, np.nan), level[:-back]))) / back
    return level + np.where(np.isfinite(rate), rate, 0.0) * AHEAD_H * track.per_hour


def onset_measure(
    outlet: Outlet, quantity: str, known: Known, track: Track, begin: SlotArray, end: SlotArray
) -> Iterator[Measure]:
    """How improbable it is that so many of these stretches began at moments so threatening, as -log10 of it.

    Each beginning is ranked among all valid moments of the days seen by its outlook; of the k gravest the binomial
    tail is taken, for the k that says most, and paid for by the number of k's tried. Only beginnings under threat of
    the limit count, at least two of them, one in the judged time. ``begin`` and ``end`` are rows of the track.
    """
    assert known.limit is not None
    good = track.valid
    ahead = outlook(track)
    every = np.sort(ahead[good & np.isfinite(ahead)])
    kept = (begin > 0) & good[np.maximum(begin - 1, 0)] if len(begin) else np.zeros(0, np.bool_)
    begin, end = begin[kept], end[kept]
    since = outlet.place(outlet.start_ms, track.step_ms)
    threat = ahead[begin - 1]
    hits = np.flatnonzero(threat >= NEAR * known.limit)
    if len(hits) < 2 or not (begin[hits] >= since).any():
        return
    rarity = np.maximum(LEAST_SHARE, 1 - np.searchsorted(every, threat[hits]) / len(every))
    order = np.argsort(rarity)
    chances = [at_least(k, len(begin), float(rarity[order[k - 1]])) for k in range(2, len(hits) + 1)]
    best = int(np.argmin(chances))
    chance = min(1.0, chances[best] * len(chances))
    gravest = hits[order[: best + 2]]
    today = gravest[begin[gravest] >= since]
    if not len(today):
        return
    last = int(today.max())
    yield Measure(
        quantity,
        -math.log10(max(chance, 1e-300)),
        (track.series,),
        outlet.time(int(begin[today.min()]), track.step_ms),
        outlet.time(int(end[last]), track.step_ms),
        {
            "stretches": float(len(begin)),
            "under_threat": float(len(gravest)),
            "share_of_time": float(rarity[order[best + 1]]),
            "chance": chance,
            "hours": float((end[gravest] - begin[gravest]).sum()) * track.step_ms / HOUR_MS,
        },
        value=float(track.value[begin[last] - 1]),
        expected=known.limit,
    )


def at_least(hits: int, tries: int, share: float) -> float:
    """The chance of ``hits`` or more in ``tries`` of a thing that has this ``share``.

    >>> round(at_least(2, 3, 0.5), 3)
    0.5
    """
    return sum(math.comb(tries, k) * share**k * (1 - share) ** (tries - k) for k in range(hits, tries + 1))
