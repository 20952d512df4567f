"""Calibration: from a score to how rare it is on healthy data. The user's knob is false alerts per sensor-day.

Scores of all sensors of one class are pooled (a single sensor never has enough); the tail beyond the last
1 % is a generalised Pareto distribution fitted by probability-weighted moments (Hosking & Wallis 1987).
The answer is looked up in a table over the score's own bits: 32 steps to the octave.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.base import FloatArray

#: The statistical detectors whose rarities are fused, in the order of the tables. A pack chooses which of them run
#: on a quantity; those of ``FIRST`` were all there were before bundles named theirs.
FUSED = ("rate_of_change", "hour_of_day", "ewma_level", "new_extreme", "cusum", "spread", "ar_residual")
FIRST = FUSED[:3]

_LINES = np.arange(len(FUSED))[:, None]

#: Table steps: 2^-8 to 2^24 with 32 steps to the octave.
STEPS = 1024
_SHIFT = 47
_FIRST = (1023 - 8) << 5
#: Rarity (-log10 p) beyond which we do not claim to know.
MOST_RARE = 12.0

#: Below this many pooled scores a class keeps the cautious prior.
LEAST_SCORES = 2_000
#: Below this many scores beyond the 99 % quantile no tail is drawn through them.
_LEAST_BEYOND = 10

#: False alerts that all statistical detectors together may raise on one healthy sensor and day.
DEFAULT_RATE = 0.004
DAY_MS = 86_400_000.0


@dataclass(frozen=True, slots=True)
class RarityTable:
    """-log10 p by class. ``parts``: (class, detector of ``FUSED``, step), NaN where a class's models know nothing of a
    detector, which then has no say there; ``fused``: (class, step);
    ``known``: whether the class has been calibrated. Class 0 is the prior of all others.
    """

    classes: tuple[str, ...]
    parts: FloatArray
    fused: FloatArray
    known: NDArray[np.bool_]


def step_of(score: FloatArray) -> NDArray[np.intp]:
    """The table step of each score: the first for negative and NaN scores, the last for all that lie beyond."""
    bits = np.fmax(score, 1e-9).view(np.int64)
    return np.minimum(np.maximum((bits >> _SHIFT) - _FIRST, 0), STEPS - 1)


def step_scores() -> FloatArray:
    """The smallest score of each step: the table speaks for the mildest score of a step, so it errs to caution."""
    return ((np.arange(STEPS, dtype=np.int64) + _FIRST) << _SHIFT).view(np.float64)


def prior_table() -> RarityTable:
    """What is believed of a class before any data: a heavy tail, p = (score / 2) ^ -4.5."""
    part = np.clip(4.5 * np.log10(step_scores() / 2.0), 0.0, MOST_RARE)
    fused = np.minimum(step_scores(), MOST_RARE)
    return RarityTable(("",), np.tile(part, (1, len(FUSED), 1)), fused[None, :], np.zeros(1, np.bool_))


def tail_rarity(scores: FloatArray) -> FloatArray:
    """-log10 of the share of healthy scores at or above each table step.

    Up to the 99 % quantile it counts; beyond it a generalised Pareto tail goes on. Raises ``ValueError``
    where there are too few scores.
    """
    healthy = np.sort(scores[np.isfinite(scores)])
    count = len(healthy)
    if count < LEAST_SCORES:
        raise ValueError(f"calibration: expected at least {LEAST_SCORES} scores, got {count}")
    grid = step_scores()
    at_least = count - np.searchsorted(healthy, grid, side="left")
    rarity: FloatArray = -np.log10((at_least + 1.0) / (count + 1.0))
    u = healthy[int(0.99 * count)]
    above = healthy[healthy > u] - u
    beyond = grid > u
    if len(above) >= _LEAST_BEYOND:
        shape, scale = pareto_moments(above)
        share = len(above) / count
        ratio = 1.0 + shape * (grid[beyond] - u) / scale
        rarity[beyond] = -np.log10(share) + np.log10(ratio) / shape
    clipped: FloatArray = np.minimum(np.maximum.accumulate(rarity), MOST_RARE)
    return clipped


def pareto_moments(above: FloatArray) -> tuple[float, float]:
    """Shape (> 0, at most 0.5) and scale of a generalised Pareto distribution by probability-weighted moments."""
    ordered = np.sort(above)
    rank = (np.arange(len(ordered)) + 0.65) / len(ordered)
    first, second = float(ordered.mean()), float(((1.0 - rank) * ordered).mean())
    shape = 2.0 - first / max(first - 2.0 * second, 1e-12)
    shape = float(np.clip(shape, 0.02, 0.5))  # lighter tails are not believed: too rare is the dangerous error
    return shape, first * (1.0 - shape)


def calibrate(samples: dict[str, FloatArray]) -> RarityTable:
    """The table of these classes from held-out healthy scores, one (rows, ``FUSED``) array for each class.

    NaN where a detector was not ready. A class with too few rows keeps the prior and stays unknown.
    """
    prior = prior_table()
    classes, parts, fused, known = [""], [prior.parts[0]], [prior.fused[0]], [False]
    for name in sorted(samples):
        scores = samples[name].T
        ready = ~np.isnan(scores)
        runs = ready.any(axis=1)
        try:
            mine = np.stack(
                [tail_rarity(each) if here else np.full(STEPS, np.nan) for each, here in zip(scores, runs, strict=True)]
            )
            mean = fuse(
                np.stack([part[step_of(each)] for part, each in zip(mine, scores, strict=True)]), runs[:, None], ready
            )
            whole = tail_rarity(mean)
        except ValueError:
            continue
        classes.append(name)
        parts.append(mine)
        fused.append(whole)
        known.append(True)
    return RarityTable(tuple(classes), np.stack(parts), np.stack(fused), np.array(known))


def with_classes_of(table: RarityTable, older: RarityTable) -> RarityTable:
    """The table, with the classes that only the older one knows."""
    source = {name: (older, place) for place, name in enumerate(older.classes)}
    source |= {name: (table, place) for place, name in enumerate(table.classes)}
    names = sorted(source)  # the prior, "", stays the first
    lines = [source[name] for name in names]
    return RarityTable(
        tuple(names),
        np.stack([each.parts[place] for each, place in lines]),
        np.stack([each.fused[place] for each, place in lines]),
        np.array([each.known[place] for each, place in lines]),
    )


def fuse(rarities: FloatArray, runs: NDArray[np.bool_], ready: NDArray[np.bool_]) -> FloatArray:
    """Mean rarity over the detectors that run, shapes (detectors, m) to (m,): one that is not ready says nothing
    is odd, which errs to caution. NaN where none is ready."""
    here = runs & ready
    total = np.where(here, rarities, 0.0).sum(axis=0)
    mean: FloatArray = np.where(here.any(axis=0), total / np.maximum(runs.sum(axis=0), 1), np.nan)
    return mean


def rarity_of(
    scores: FloatArray, runs: NDArray[np.bool_], of_class: NDArray[np.intp], table: RarityTable
) -> FloatArray:
    """Fused -log10 p of rows: ``scores`` and ``runs`` (detectors, m), NaN where not ready; ``of_class`` (m,).

    0 where no detector is ready.
    """
    parts = table.parts[of_class, _LINES[: len(scores)], step_of(scores)]
    mean = fuse(parts, runs & (parts == parts), scores == scores)
    rarity: FloatArray = np.where(np.isnan(mean), 0.0, table.fused[of_class, step_of(mean)])
    return rarity


def alarm_rarity(rate_per_day: float | FloatArray, interval_ms: FloatArray) -> FloatArray:
    """The rarity at which an alert may be opened: so that one healthy sensor opens ``rate_per_day`` of them."""
    bound: FloatArray = -np.log10(rate_per_day * interval_ms / DAY_MS)
    return bound


def least_scores(table: RarityTable, bound: float) -> FloatArray:
    """By detector of ``FUSED``: a row whose scores are all below these has a fused rarity below ``bound``, whatever
    its class. A mean is never above the greatest of its parts, and the tables only rise.
    """
    grid = step_scores()
    least = np.full(len(FUSED), np.inf)
    for parts, fused in zip(table.parts, table.fused, strict=True):
        first = int(np.searchsorted(fused, bound))  # the first step of the mean that is rare enough
        if first == STEPS:
            continue
        mean = grid[first] if first else 0.0
        for place, part in enumerate(parts):
            if np.isnan(part[0]):
                continue
            step = int(np.searchsorted(part, mean))
            score = np.inf if step == STEPS else grid[step] if step else 0.0
            least[place] = min(least[place], score)
    return least
