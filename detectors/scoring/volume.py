"""VUS-PR and VUS-ROC: area under the curves of range-softened labels, averaged over how far they are softened.

Paparrizos et al., "Volume Under the Surface" (VLDB 2022), in the form in which TSB-AD (NeurIPS 2024) computes it:
250 thresholds at equal ranks, labels softened by up to ``buffer`` / 2 rows on each side.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from detectors.base import BoolArray, FloatArray, IntArray
from detectors.scoring.ranking import comparable
from detectors.scoring.segments import as_labels, segments

THRESHOLDS = 250
#: Rows of buffer where nothing is known of the series' period.
DEFAULT_BUFFER = 100


@dataclass(frozen=True, slots=True)
class Volume:
    """Both from 0 to 1, higher is better; a constant score gives about the share of anomalous rows in ``pr``."""

    pr: float
    roc: float


@dataclass(frozen=True, slots=True)
class _Ranked:
    """Rows from the worst score down; ``flagged[k]``: how many of them threshold k takes, ``least[k]``: its score."""

    order: NDArray[np.intp]
    score: FloatArray
    flagged: IntArray
    least: FloatArray


def volume(labels: ArrayLike, score: ArrayLike, buffer: int = DEFAULT_BUFFER) -> Volume:
    """Mean over buffer lengths 0..``buffer`` rows of the areas. O(n (log n + buffer)).

    ``labels`` 0 or 1, ``score`` higher is worse and NaN lowest, both shape (n,). NaN where nothing is labelled.
    """
    if buffer < 0:
        raise ValueError(f"volume: buffer: expected at least 0 rows, got {buffer}")
    worse = comparable(score)
    truth = as_labels(labels, len(worse), "volume")
    if not truth.any():
        return Volume(float("nan"), float("nan"))
    ranked, runs = _ranked(worse), segments(truth)
    areas = np.array([_areas(truth, runs, ranked, length) for length in range(buffer + 1)])
    return Volume(*areas.mean(axis=0).tolist())


def vus_pr(labels: ArrayLike, score: ArrayLike, buffer: int = DEFAULT_BUFFER) -> float:
    """``volume(...).pr`` alone."""
    return volume(labels, score, buffer).pr


def buffer_of(values: ArrayLike) -> int:
    """The buffer length TSB-AD takes for a series: the lag (3 to 300 rows) of the highest local maximum of the
    autocorrelation of the first 20,000 values, 125 rows where there is none. NaN counts as the mean."""
    x = np.asarray(values, np.float64)[:20_000]
    x = np.nan_to_num(x - np.nanmean(x))
    most = min(400, len(x) - 1)
    size = 1 << (2 * len(x)).bit_length()
    spectrum = np.fft.rfft(x, size)
    correlation = np.fft.irfft(spectrum * np.conj(spectrum), size)[: most + 1]
    lags = np.arange(3, most + 1)
    inner = correlation[lags]
    peak = np.flatnonzero((inner[1:-1] > inner[:-2]) & (inner[1:-1] > inner[2:])) + 1
    if not len(peak):
        return 125
    lag = int(lags[peak[np.argmax(inner[peak])]])
    return lag if 3 <= lag <= 300 else 125


def _ranked(score: FloatArray) -> _Ranked:
    order = np.argsort(-score, kind="stable")
    ordered = score[order]
    ranks = np.linspace(0, len(score) - 1, THRESHOLDS).astype(np.intp)
    least = ordered[ranks]
    flagged = np.searchsorted(-ordered, -least, side="right")
    return _Ranked(order, score, flagged, least)


def softened(truth: BoolArray, runs: NDArray[np.intp], length: int) -> FloatArray:
    """Labels with flanks of ``length`` // 2 rows that fall off as sqrt(1 - distance / ``length``), at most 1."""
    soft = truth.astype(np.float64)
    distance = np.arange(1, length // 2 + 1)
    weight = np.sqrt(1.0 - distance / max(length, 1))
    for first, last in runs:
        after = distance[last + distance < len(soft)]
        soft[last + after] += weight[: len(after)]
        before = distance[first - distance >= 0]
        soft[first - before] += weight[: len(before)]
    return np.minimum(soft, 1.0)


def _areas(truth: BoolArray, runs: NDArray[np.intp], ranked: _Ranked, length: int) -> tuple[float, float]:
    """Area under the precision-recall and the ROC curve for one buffer length."""
    soft = softened(truth, runs, length)
    hit = np.cumsum(soft[ranked.order])[ranked.flagged - 1]
    flanks = np.cumsum(np.where(truth, 0.0, soft)[ranked.order])[ranked.flagged - 1]
    positive = float(truth.sum())
    positives = (positive + positive + flanks) / 2.0
    worst = np.array([ranked.score[first : last + 1].max() for first, last in _widened(runs, length, len(truth))])
    found = (worst[:, None] >= ranked.least).mean(axis=0)
    recall = np.concatenate([[0.0], np.minimum(hit / positives, 1.0) * found])
    precision = hit / ranked.flagged
    if truth.all():
        return float(np.diff(recall) @ precision), float("nan")
    false = np.concatenate([[0.0], (ranked.flagged - hit) / (len(truth) - positives), [1.0]])
    rising = np.concatenate([recall, [1.0]])
    roc = float(np.diff(false) @ ((rising[1:] + rising[:-1]) / 2.0))
    return float(np.diff(recall) @ precision), roc


def _widened(runs: NDArray[np.intp], length: int, rows: int) -> list[tuple[int, int]]:
    """The runs with their flanks; those that then touch are one."""
    half = length // 2
    wide: list[tuple[int, int]] = []
    for first, last in runs.tolist():
        if wide and wide[-1][1] >= first - half:
            wide[-1] = (wide[-1][0], min(last + half, rows - 1))
        else:
            wide.append((max(first - half, 0), min(last + half, rows - 1)))
    return wide
