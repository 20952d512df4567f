"""A fitted group: detector, model and limits; and its watch, which says of each vector how odd it is and whether it
belongs to an episode."""

from dataclasses import dataclass, replace

import numpy as np

from detectors.base import FloatArray
from detectors.groups.base import Arrays, GroupDetector, Vector

#: Never calibrate on rows a model was fitted on: the last third is held out.
FITTED_SHARE = 2 / 3
#: Share of held-out healthy vectors that may reach the limit of a part.
HEALTHY_BEYOND = 0.01
#: A quantile of few independent rows is a guess that errs low: the limit is raised by this over their number.
CAUTION_ROWS = 6.0
#: An episode is over below this share of the limit.
CLOSES_AT = 0.9
#: Vectors after which an episode is learnt all the same: what has stayed so long is the new normal.
RELEARN_AFTER = 1440
LEAST_ROWS = 30


@dataclass(frozen=True, slots=True)
class FittedGroup:
    """``limits`` (parts,): the scores at which an episode opens; ``rows`` that taught model and limits together."""

    detector: GroupDetector
    model: Arrays
    limits: FloatArray
    rows: int

    def fresh(self) -> "Watch":
        """A watch that has seen nothing."""
        return Watch(self.detector.memory(self.model))


@dataclass(frozen=True, slots=True)
class Watch:
    """The memory of a group: the detector's own, and for how many vectors an episode has been open (0: none is)."""

    memory: Arrays
    open_for: int = 0

    def arrays(self) -> Arrays:
        """As plain arrays, for a snapshot."""
        return self.memory | {"open_for": np.array([float(self.open_for)])}

    @classmethod
    def loaded(cls, arrays: Arrays) -> "Watch":
        """What ``arrays`` gave."""
        return cls({key: value for key, value in arrays.items() if key != "open_for"}, int(arrays["open_for"][0]))


@dataclass(frozen=True, slots=True)
class Verdict:
    """``score``: parts over their limits, the greatest; 1 opens an episode, NaN where nothing can be said. ``flag``:
    whether an episode is open. ``shares`` (d,): of the score by channel, 0 to 1. ``expected`` (d,)."""

    score: float
    flag: bool
    shares: FloatArray
    expected: FloatArray


def fit_group(detector: GroupDetector, rows: FloatArray, *, least: int = LEAST_ROWS) -> FittedGroup:
    """Model from the first two thirds of healthy rows (n, d), limits from the last third, with caution if it is short.

    Raises ``ValueError`` where there are fewer than ``least`` rows.
    """
    cut = int(FITTED_SHARE * len(rows))
    return fit_on(detector, rows[:cut], rows[cut:], joined=True, least=least)


def fit_on(
    detector: GroupDetector,
    rows: FloatArray,
    held_out: FloatArray,
    *,
    joined: bool = False,
    least: int = LEAST_ROWS,
) -> FittedGroup:
    """As ``fit_group``, where the two come from different runs of the same process, unless they are ``joined``."""
    count = len(rows) + len(held_out)
    if rows.ndim != 2 or not rows.shape[1] or count < least:
        raise ValueError(f"{detector.name}: expected at least {least} rows of some channels, got {rows.shape}")
    model = detector.fit(rows)
    apart = -1 if joined else len(rows)
    said = np.array([each.parts for each in _lenient(detector, model, np.concatenate([rows, held_out]), apart)])
    healthy = said[len(rows) :]
    known = (~np.isnan(healthy)).sum(axis=0)
    if not known.all():
        raise ValueError(f"{detector.name}: expected held-out rows that can be scored, got {known.tolist()} by part")
    caution = 1.0 + CAUTION_ROWS * detector.rows_a_score() / known
    limits = np.maximum(np.nanquantile(healthy, 1.0 - HEALTHY_BEYOND, axis=0), 1e-6) * caution
    return FittedGroup(detector, model, limits, count)


def _lenient(detector: GroupDetector, model: Arrays, rows: FloatArray, apart: int) -> list[Vector]:
    """Healthy rows one after the other, learning all the way; another run begins at row ``apart``."""
    memory, said = detector.memory(model), []
    for place, row in enumerate(rows):
        said.append(detector.update(row, place != apart, True, model, memory))
        memory = said[-1].memory
    return said


def look(group: FittedGroup, watch: Watch, x: FloatArray, joined: bool = True) -> tuple[Verdict, Watch]:
    """Judge one vector (d,), and the watch from now on. ``joined`` as for ``GroupDetector.update``."""
    is_open = watch.open_for > 0
    detector, model = group.detector, group.model
    learn = not is_open or watch.open_for > RELEARN_AFTER
    said = detector.update(x, joined, learn, model, watch.memory)
    over = (said.parts / group.limits).tolist()  # a few numbers: lists are faster
    known = [place for place, each in enumerate(over) if each == each]
    if not known:
        kept = replace(watch, memory=said.memory)
        return Verdict(np.nan, is_open, np.zeros(len(x)), said.expected), kept
    worst = max(known, key=over.__getitem__)
    score = over[worst]
    if not is_open and score >= 1.0:  # what opens an episode teaches nothing
        said = replace(said, memory=detector.update(x, joined, False, model, watch.memory).memory)
    flag = score >= (CLOSES_AT if is_open else 1.0)
    total = max(float(said.contrib[worst].sum()), 1e-300)
    verdict = Verdict(score, flag, said.contrib[worst] / total, said.expected)
    return verdict, Watch(said.memory, watch.open_for + 1 if flag else 0)
