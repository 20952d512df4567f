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
        return self.name.rpartition("/")[0]

    @property
    def probation(self) -> int:
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
    score, gain, start = _gains(files, scores, profile)
    order = np.argsort(-score, kind="stable")
    ordered, totals = score[order], start + np.cumsum(gain[order])
    last_of_tie = np.append(ordered[1:] != ordered[:-1], True) if len(ordered) else np.zeros(0, np.bool_)
    return Swept(
        np.concatenate([[np.inf], ordered[last_of_tie]]),
        np.concatenate([[start], totals[last_of_tie]]),
    )


def total_at(files: Sequence[LabelledFile], scores: Sequence[FloatArray], threshold: float, profile: Profile) -> float:
    """Raw total with every row flagged whose score is at least ``threshold``."""
    score, gain, start = _gains(files, scores, profile)
    flagged: BoolArray = score >= threshold
    return start + float(gain[flagged].sum())


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
    total = 0.0
    for group in sorted({file.group for file in files}):
        others = [place for place, file in enumerate(files) if file.group != group]
        mine = [place for place, file in enumerate(files) if file.group == group]
        threshold, _ = sweep([files[i] for i in others], [scores[i] for i in others], profile).best
        total += total_at([files[i] for i in mine], [scores[i] for i in mine], threshold, profile)
    return final(total, files, profile)


def _gains(
    files: Sequence[LabelledFile], scores: Sequence[FloatArray], profile: Profile
) -> tuple[FloatArray, FloatArray, float]:
    """Scores of all rows that can be flagged, and what the total gains when rows are flagged from the highest score
    down; last, the total when none is. In a window only the best row counts, so a row gains what it adds to those
    flagged before it; rows of equal score are told apart for the sum, never for a threshold."""
    all_scores, all_gains, start = [np.empty(0)], [np.empty(0)], 0.0
    for file, score in zip(files, scores, strict=True):
        if len(score) != file.rows:
            raise ValueError(f"nab: {file.name}: expected a score for each of {file.rows} rows, got {len(score)}")
        start -= profile.missed * len(file.windows)
        said = worth_of(file, profile)
        late = np.asarray(score, np.float64)[file.probation :]
        gain = said.worth.copy()
        for number in range(len(file.windows)):
            rows = np.flatnonzero((said.in_window == number) & ~np.isnan(late))
            rows = rows[np.argsort(-late[rows], kind="stable")]
            best = np.maximum.accumulate(np.concatenate([[-profile.missed], said.worth[rows]]))
            gain[rows] = np.diff(best)
        known = ~np.isnan(late)
        all_scores.append(late[known])
        all_gains.append(gain[known])
    return np.concatenate(all_scores), np.concatenate(all_gains), start
