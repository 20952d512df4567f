"""Row by row: F1, false alarm rate and missed alarm rate, with what an alarm that never ends would get.

Where a large share of the rows is anomalous the alarm that never ends has a high F1: so F1 is given here only
together with the two rates and that score.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from detectors.scoring.segments import as_labels


@dataclass(frozen=True, slots=True)
class RowScores:
    """All are shares from 0 to 1; NaN where there is nothing to take a share of.

    ``far``: normal rows that were flagged; ``mar``: anomalous rows that were not; ``always_alarm_f1``: F1 of
    flagging every row.
    """

    f1: float
    precision: float
    recall: float
    far: float
    mar: float
    always_alarm_f1: float


def row_scores(labels: ArrayLike, flags: ArrayLike) -> RowScores:
    """Compare flags with labels, row by row, both 0 or 1, shape (n,).

    F1 is 0 where nothing was flagged rightly, NaN where nothing is labelled.

    >>> row_scores([0, 0, 1, 1], [0, 1, 1, 0])
    RowScores(f1=0.5, precision=0.5, recall=0.5, far=0.5, mar=0.5, always_alarm_f1=0.6666666666666666)
    """
    on = np.asarray(flags).astype(np.bool_)
    truth = as_labels(labels, len(on), "row_scores")
    hit, false, missed = int((on & truth).sum()), int((on & ~truth).sum()), int((~on & truth).sum())
    wrong, right = len(on) - hit - missed, hit + missed
    return RowScores(
        f1=_share(2 * hit, 2 * hit + false + missed) if right else float("nan"),
        precision=_share(hit, hit + false),
        recall=_share(hit, right),
        far=_share(false, wrong),
        mar=_share(missed, right),
        always_alarm_f1=_share(2 * right, 2 * right + wrong) if right else float("nan"),
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
