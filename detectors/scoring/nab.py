"""The Numenta Anomaly Benchmark's score, version 1.1 (Lavin & Ahmad 2015), with its threshold swept exactly.

A detection early in a labelled window is worth most, one far from any window costs, and *every* flagged row outside
counts. One threshold serves all files; NAB chooses it on the labels themselves (the oracle), which flatters, so
``cross_group`` gives beside it the score with the threshold learnt on the other directories.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.base import BoolArray, FloatArray

#: Rows at the start of a file that are not scored: this share of it, at most so many.
PROBATION_SHARE, PROBATION_MOST = 0.15, 750
#: A row this many window lengths after a window is as false as can be.
FARTHEST = 3.0


@dataclass(frozen=True, slots=True)
class Profile:
    """What is worth how much: a window detected, one missed, a false row."""

    detected: float
    missed: float
    false: float


PROFILES = {"standard": Profile(1.0, 1.0, 0.11), "low_fp": Profile(1.0, 1.0, 0.22), "low_fn": Profile(1.0, 2.0, 0.11)}


@dataclass(frozen=True, slots=True)
class LabelledFile:
    """``name``: directory/file; ``rows``: how many; ``windows``: first and last row of each labelled window, both
    inclusive, in order, shape (windows, 2)."""

    name: str
    rows: int
    windows: NDArray[np.intp]

    @property
    def group(self) -> str:
        """The folder it lies in, as NAB names its data sets."""
        return self.name.rpartition("/")[0]

    @property
    def probation(self) -> int:
        """Rows at its beginning that are not scored (NAB: 15 % of it, of at most 750 rows)."""
        return min(int(PROBATION_SHARE * self.rows), PROBATION_MOST)


@dataclass(frozen=True, slots=True)
class Swept:
    """Raw totals at all thresholds that differ, from "no row" (infinite) down; a row is flagged at or above it."""

    thresholds: FloatArray
    totals: FloatArray

    @property
    def best(self) -> tuple[float, float]:
        """Threshold and total where the total is highest; of equal totals the highest threshold."""
        place = int(np.argmax(self.totals))
        return float(self.thresholds[place]), float(self.totals[place])


@dataclass(frozen=True, slots=True)
class Worth:
    """What each scored row of a file is worth if flagged: ``in_window`` its window's number, -1 outside."""

    in_window: NDArray[np.intp]
    worth: FloatArray


def sigmoid(position: FloatArray) -> FloatArray:
    """Worth of a position: -1 is a window's left edge (0.98661), 0 its right end, 3 and beyond far after (-1)."""
    worth: FloatArray = np.where(
        position > FARTHEST, -1.0, 2.0 / (1.0 + np.exp(5.0 * np.minimum(position, FARTHEST))) - 1.0
    )
    return worth


#: What the first row of a window is worth before scaling.
EDGE = float(sigmoid(np.array([-1.0]))[0])


def worth_of(file: LabelledFile, profile: Profile) -> Worth:
    """What each row after the probation is worth, shape (rows - probation,)."""
    rows = np.arange(file.rows)
    inside = np.full(file.rows, -1, np.intp)
    worth = np.full(file.rows, -profile.false)
    for number, (first, last) in enumerate(file.windows.tolist()):
        width = last - first + 1
        after = rows[last + 1 :]
        worth[last + 1 :] = profile.false * sigmoid((after - last) / max(width - 1, 1))
        inside[first : last + 1] = number
        position = -(last - rows[first : last + 1] + 1) / width
        worth[first : last + 1] = profile.detected * sigmoid(position) / EDGE
    return Worth(inside[file.probation :], worth[file.probation :])


def sweep(files: Sequence[LabelledFile], scores: Sequence[FloatArray], profile: Profile) -> Swept:
    """Raw totals over all thresholds that differ. ``scores[i]``: one for each row of ``files[i]``, higher is worse,
    NaN is never flagged."""
    return _pooled(files, scores, profile).sweep(np.ones(len(files), np.bool_))


def total_at(files: Sequence[LabelledFile], scores: Sequence[FloatArray], threshold: float, profile: Profile) -> float:
    """Raw total with every row flagged whose score is at least ``threshold``."""
    return _pooled(files, scores, profile).total(np.ones(len(files), np.bool_), threshold)


def final(total: float, files: Sequence[LabelledFile], profile: Profile) -> float:
    """The score as published: 0 for flagging nothing, 100 for flagging the first row of every window and no other.
    NaN where nothing is labelled."""
    windows = sum(len(file.windows) for file in files)
    if not windows:
        return float("nan")
    nothing, perfect = -windows * profile.missed, windows * profile.detected
    return 100.0 * (total - nothing) / (perfect - nothing)


def oracle(files: Sequence[LabelledFile], scores: Sequence[FloatArray], profile: Profile) -> float:
    """The score as NAB gives it: with the threshold that is best on these very labels."""
    return final(sweep(files, scores, profile).best[1], files, profile)


def cross_group(files: Sequence[LabelledFile], scores: Sequence[FloatArray], profile: Profile) -> float:
    """The score with each directory's threshold learnt on the files of the *other* directories."""
    return chosen_elsewhere(files, [scores], profile)


def chosen_elsewhere(
    files: Sequence[LabelledFile], candidates: Sequence[Sequence[FloatArray]], profile: Profile
) -> float:
    """The score with, for each directory, the detector *and* its threshold chosen on the other directories.

    ``candidates[c][i]``: scores of detector c for the rows of ``files[i]``. Of equals the first is taken.
    """
    pools = [_pooled(files, scores, profile) for scores in candidates]
    group = np.array([file.group for file in files])
    total = 0.0
    for held_out in np.unique(group):
        found = [pool.sweep(group != held_out).best for pool in pools]
        chosen = int(np.argmax([best for _, best in found]))
        total += pools[chosen].total(group == held_out, found[chosen][0])
    return final(total, files, profile)


@dataclass(frozen=True, slots=True)
class _Pool:
    """All rows that can be flagged, from the highest score down: score, file and what the total gains when the row
    is flagged after those before it (in a window only the best row counts). ``start``: each file's total with no row
    flagged. Rows of equal score are told apart for the sum, never for a threshold."""

    score: FloatArray
    gain: FloatArray
    file: NDArray[np.intp]
    start: FloatArray

    def sweep(self, chosen: BoolArray) -> Swept:
        """Totals of the chosen files."""
        rows = chosen[self.file]
        score, start = self.score[rows], float(self.start[chosen].sum())
        totals = start + np.cumsum(self.gain[rows])
        last_of_tie = np.append(score[1:] != score[:-1], True) if len(score) else np.zeros(0, np.bool_)
        return Swept(
            np.concatenate([[np.inf], score[last_of_tie]]),
            np.concatenate([[start], totals[last_of_tie]]),
        )

    def total(self, chosen: BoolArray, threshold: float) -> float:
        """Total of the chosen files at a threshold."""
        rows = chosen[self.file] & (self.score >= threshold)
        return float(self.start[chosen].sum() + self.gain[rows].sum())


def _pooled(files: Sequence[LabelledFile], scores: Sequence[FloatArray], profile: Profile) -> _Pool:
    parts = [_gains(file, np.asarray(score, np.float64), profile) for file, score in zip(files, scores, strict=True)]
    score = np.concatenate([np.empty(0), *(part[0] for part in parts)])
    gain = np.concatenate([np.empty(0), *(part[1] for part in parts)])
    file = np.repeat(np.arange(len(files)), [len(part[0]) for part in parts])
    order = np.argsort(-score, kind="stable")
    start = np.array([-profile.missed * len(each.windows) for each in files])
    return _Pool(score[order], gain[order], file[order], start)


def _gains(file: LabelledFile, score: FloatArray, profile: Profile) -> tuple[FloatArray, FloatArray]:
    """Score and gain of the rows of a file that can be flagged."""
    if len(score) != file.rows:
        raise ValueError(f"nab: {file.name}: expected a score for each of {file.rows} rows, got {len(score)}")
    said, late = worth_of(file, profile), score[file.probation :]
    known = ~np.isnan(late)
    gain = said.worth.copy()
    for number in range(len(file.windows)):
        rows = np.flatnonzero((said.in_window == number) & known)
        rows = rows[np.argsort(-late[rows], kind="stable")]
        best = np.maximum.accumulate(np.concatenate([[-profile.missed], said.worth[rows]]))
        gain[rows] = np.diff(best)
    return late[known], gain[known]
