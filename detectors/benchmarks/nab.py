"""The Numenta Anomaly Benchmark with the frozen univariate configuration: as NAB scores, and as one should.

Causal, a fresh memory for each file, one configuration for all, no row position and no file-relative time. Beside the
oracle threshold stand the threshold learnt on other directories, and the combination of detectors too chosen there.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from detectors.base import FloatArray, IntArray
from detectors.benchmarks.nab_published import PUBLISHED
from detectors.benchmarks.windowed_gaussian import windowed_gaussian
from detectors.cool_down import CoolDown
from detectors.scoring.episodes import episode_scores
from detectors.scoring.nab import PROFILES, LabelledFile, chosen_elsewhere, cross_group, final, oracle, total_at
from detectors.scoring.ranking import auroc, average_precision
from detectors.scoring.rows import row_scores
from detectors.scoring.volume import buffer_of, vus_pr
from detectors.univariate import UnivariateDetector, more_parts, univariate_parts

#: Where an alert is opened if nobody has looked at any label: a mean p of one in a hundred.
FIXED_THRESHOLD = 2.0
COOL_DOWN = 300
#: The usual time between values is taken from so many first rows, all of them in the probation.
STEP_ROWS = 100
DAY_MS = 86_400_000
#: NAB writes no offset beside its times: an hour of the day is then the hour that is written.
UTC_OFFSET_H = 0.0


@dataclass(frozen=True, slots=True)
class Recording:
    """One file: ``t`` ms, ``x`` values, both shape (rows,)."""

    file: LabelledFile
    t: IntArray
    x: FloatArray

    @property
    def labels(self) -> IntArray:
        """1 for the rows in a window."""
        rows = np.zeros(self.file.rows, np.int64)
        for first, last in self.file.windows.tolist():
            rows[first : last + 1] = 1
        return rows


def rarities(recordings: Sequence[Recording]) -> dict[str, list[FloatArray]]:
    """Rarity of each part of the chain for each row of each file; NaN where a row has no value of its own time.

    All files run side by side, as series that know nothing of each other.
    """
    most = max(each.file.rows for each in recordings)
    x = np.full((most, len(recordings)), np.nan)
    t = np.zeros((most, len(recordings)), np.int64)
    for place, each in enumerate(recordings):
        x[: each.file.rows, place], t[: each.file.rows, place] = each.x, each.t
        t[each.file.rows :, place] = each.t[-1]
    interval = np.array([np.median(np.diff(each.t[:STEP_ROWS])) for each in recordings])
    detector = UnivariateDetector(interval, cool_down=COOL_DOWN, parts=more_parts(UTC_OFFSET_H))
    said = detector.update(x, t)
    known = ~np.isnan(said.rarity)
    return {
        name: [np.where(known, part, np.nan)[: each.file.rows, place] for place, each in enumerate(recordings)]
        for name, part in said.parts.items()
    }


def news(scores: Sequence[FloatArray], rows: int = COOL_DOWN) -> list[FloatArray]:
    """The scores that are news, file by file, 0 for the others."""
    most = max(len(score) for score in scores)
    wide = np.full((most, len(scores)), np.nan)
    for place, score in enumerate(scores):
        wide[: len(score), place] = score
    cool = CoolDown(len(scores), rows)
    told = np.array([cool.news(row) for row in wide])
    return [told[: len(score), place] for place, score in enumerate(scores)]


def bench(recordings: Sequence[Recording], seed: int = 1) -> dict[str, Any]:
    """The object of `citybrain bench nab --json`."""
    files = [each.file for each in recordings]
    parts = rarities(recordings)
    chosen = tuple(univariate_parts())
    fused = _mean(parts, chosen)
    told = news(fused)
    subsets = [each for size in range(1, len(parts) + 1) for each in itertools.combinations(parts, size)]
    candidates = [news(_mean(parts, each)) for each in subsets]
    yardstick = [windowed_gaussian(each.x) for each in recordings]
    noise = np.random.default_rng(seed)
    references = {
        "null": [np.full(file.rows, np.nan) for file in files],
        "constant": [np.zeros(file.rows) for file in files],
        "random, with cool-down": news([noise.random(file.rows) for file in files]),
        "windowed Gaussian": yardstick,
        "windowed Gaussian, with cool-down": news(yardstick),
        **{f"{name} alone, with cool-down": news(scores) for name, scores in parts.items()},
        "all four, with cool-down": news(_mean(parts, tuple(parts))),
        "the frozen three, without cool-down": fused,
    }
    return {
        **{
            name: {
                "oracle": _points(oracle(files, told, profile)),
                "cross_directory": _points(cross_group(files, told, profile)),
                "chosen_elsewhere": _points(chosen_elsewhere(files, candidates, profile)),
            }
            for name, profile in PROFILES.items()
        },
        "configuration": {"parts": list(chosen), "cool_down_rows": COOL_DOWN, "files": len(files)},
        "fixed_threshold": at_fixed_threshold(recordings, fused, told),
        "ranking": ranking(recordings, fused),
        "measured": {name: _profiles(files, scores) for name, scores in references.items()},
        "published": PUBLISHED,
        "scorer": scorer_check(files, yardstick),
    }


def at_fixed_threshold(
    recordings: Sequence[Recording], fused: Sequence[FloatArray], told: Sequence[FloatArray]
) -> dict[str, Any]:
    """What an operator would have met at a threshold fixed beforehand: NAB's points, windows found, false alerts for
    each series and day; and by rows, without the cool-down, with the alarm that never ends beside F1. The probation
    is left out."""
    files = [each.file for each in recordings]
    rows = [slice(file.probation, None) for file in files]
    labels = [each.labels[part] for each, part in zip(recordings, rows, strict=True)]
    alerts = [score[part] >= FIXED_THRESHOLD for score, part in zip(told, rows, strict=True)]
    episodes = [episode_scores(label, alert) for label, alert in zip(labels, alerts, strict=True)]
    flags = np.concatenate([score[part] >= FIXED_THRESHOLD for score, part in zip(fused, rows, strict=True)])
    by_row = row_scores(np.concatenate(labels), flags)
    days = sum(float(each.t[-1] - each.t[each.file.probation]) for each in recordings) / DAY_MS
    false = sum(each.false for each in episodes)
    return {
        "rarity": FIXED_THRESHOLD,
        **{
            name: _points(final(total_at(files, told, FIXED_THRESHOLD, each), files, each))
            for name, each in PROFILES.items()
        },
        "windows": sum(each.labelled for each in episodes),
        "found": sum(each.found for each in episodes),
        "false": false,
        "false_per_series_day": round(false / days, 4),
        **{name: round(getattr(by_row, name), 4) for name in ("f1", "far", "mar", "always_alarm_f1")},
    }


def ranking(recordings: Sequence[Recording], fused: Sequence[FloatArray]) -> dict[str, float]:
    """Without a threshold: means over the files that have a window after the probation."""
    got = []
    for each, score in zip(recordings, fused, strict=True):
        rows = slice(each.file.probation, None)
        labels, mine = each.labels[rows], score[rows]
        if labels.any():
            area = vus_pr(labels, mine, buffer_of(each.x))
            got.append((area, auroc(labels, mine), average_precision(labels, mine), labels.mean()))
    names = ("vus_pr", "auroc", "average_precision", "share_of_rows_in_windows")
    means = np.mean(got, axis=0) if got else np.full(len(names), np.nan)
    return {name: round(float(mean), 4) for name, mean in zip(names, means, strict=True)}


def scorer_check(files: Sequence[LabelledFile], yardstick: Sequence[FloatArray]) -> dict[str, Any]:
    """Whether our scorer gives what NAB publishes for the detector that we can run ourselves."""
    measured = {name: _points(oracle(files, yardstick, profile)) for name, profile in PROFILES.items()}
    published = {"standard": 39.65, "low_fp": 20.87, "low_fn": 47.41}
    agrees = all(abs(measured[name] - published[name]) < 0.011 for name in published)
    return {"windowed_gaussian": measured, "published": published, "agrees": agrees}


def _mean(parts: Mapping[str, Sequence[FloatArray]], chosen: Sequence[str]) -> list[FloatArray]:
    return [np.mean(each, axis=0) for each in zip(*(parts[name] for name in chosen), strict=True)]


def _profiles(files: Sequence[LabelledFile], scores: Sequence[FloatArray]) -> dict[str, dict[str, float]]:
    return {
        name: {
            "oracle": _points(oracle(files, scores, profile)),
            "cross_directory": _points(cross_group(files, scores, profile)),
        }
        for name, profile in PROFILES.items()
    }


def _points(score: float) -> float:
    return round(score, 2)
