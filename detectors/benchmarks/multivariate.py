"""The frozen configuration for several channels, run over a recorded process: fitted on healthy rows, then causal.

Nothing here looks at a row's place in the file or at a label before the scores are out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from detectors.base import BoolArray, FloatArray
from detectors.groups.members import DEFAULT, MEMBERS
from detectors.groups.watch import FittedGroup, fit_group, fit_on, look
from detectors.scoring.episodes import episode_scores
from detectors.scoring.ranking import auroc, average_precision
from detectors.scoring.rows import row_scores
from detectors.scoring.volume import buffer_of, vus_pr

#: Tennessee Eastman: the rows of a test run before its fault sets in, and the faults that hide in the noise.
TEP_FAULT_ROW = 160
TEP_FAULTS = tuple(range(1, 22))
TEP_HIDDEN = (3, 9, 15)

#: A step in time of more than this many usual ones is a gap: the row before says nothing of the row after.
GAP_STEPS = 5.0

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Judged:
    """``score`` (n,): 1 opens an episode, NaN where nothing can be said; ``flag`` (n,): an episode is open."""

    score: FloatArray
    flag: BoolArray


@dataclass(frozen=True, slots=True)
class LabelledTable:
    """``values`` (n, d), NaN where none came; ``label`` (n,) of 0 and 1; ``joined`` (n,): see ``joined_rows``."""

    values: FloatArray
    label: BoolArray
    joined: BoolArray


def judge(group: FittedGroup, values: FloatArray, joined: BoolArray | None = None) -> Judged:
    """Look at rows (n, d) one after the other, from an empty memory."""
    watch, scores, flags = group.fresh(), np.empty(len(values)), np.zeros(len(values), np.bool_)
    for place, row in enumerate(values):
        near = True if joined is None else bool(joined[place])
        said, watch = look(group, watch, row, near)
        scores[place], flags[place] = said.score, said.flag
    return Judged(scores, flags)


def joined_rows(time: FloatArray) -> BoolArray:
    """Which rows follow the row before without a gap, from times (n,) in any unit; NaN is no time, and no gap."""
    steps = np.diff(time, prepend=time[:1])
    usual = steps[1:][steps[1:] > 0]
    longest = GAP_STEPS * float(np.median(usual)) if len(usual) else np.inf
    near: BoolArray = np.isnan(steps) | ((steps >= 0) & (steps <= longest))
    return near


def tep_figures(
    fitted: FloatArray, held_out: FloatArray, tests: Mapping[int, FloatArray], say: Progress = lambda line: None
) -> dict[str, Any]:
    """Detection rates over the faulty rows of each test run, with limits from the held-out healthy run alone.

    ``fitted`` and ``held_out``: two healthy runs (n, 52); ``tests``: a run for each fault 1 to 21. The false alarm rate
    is over the rows before the faults, which nothing was fitted on.
    """
    group = fit_on(MEMBERS[DEFAULT](), fitted, held_out)
    rates, false = {}, []
    for fault in TEP_FAULTS:
        flags = judge(group, tests[fault]).flag
        rates[fault] = float(flags[TEP_FAULT_ROW:].mean())
        false.append(flags[:TEP_FAULT_ROW])
        say(f"fault {fault}: {rates[fault]:.1%}")
    seen = [rate for fault, rate in rates.items() if fault not in TEP_HIDDEN]
    return {
        "detection_rate_18": round(float(np.mean(seen)), 4),
        "detection_rate_21": round(float(np.mean(list(rates.values()))), 4),
        "false_alarm_rate": round(float(np.mean(np.concatenate(false))), 4),
        "faults": {str(fault): round(rate, 4) for fault, rate in rates.items()},
    }


def csv_figures(table: LabelledTable, train_rows: int) -> tuple[dict[str, Any], Judged]:
    """Figures over the rows after the training rows, and the judgement of every row.

    Raises ``ValueError`` where the training rows are too few, or hold nothing that can be scored.
    """
    group = fit_group(MEMBERS[DEFAULT](), table.values[:train_rows])
    judged = judge(group, table.values, table.joined)
    label, score, flag = table.label[train_rows:], judged.score[train_rows:], judged.flag[train_rows:]
    rows, runs = row_scores(label, flag), episode_scores(label, flag)
    ranked = 0 < label.sum() < len(label)
    return {
        "f1": _rounded(rows.f1),
        "far": _rounded(rows.far),
        "mar": _rounded(rows.mar),
        "auroc": _rounded(auroc(label, score)) if ranked else None,
        "ap": _rounded(average_precision(label, score)) if ranked else None,
        "vus_pr": _rounded(vus_pr(label, score, buffer_of(table.values[:, 0]))) if ranked else None,
        "episodes": {"labelled": runs.labelled, "found": runs.found, "false": runs.false},
        "always_alarm_f1": _rounded(rows.always_alarm_f1),
        "rows": len(label),
        "train_rows": train_rows,
        "channels": table.values.shape[1],
        "detector": DEFAULT,
    }, judged


def _rounded(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)
