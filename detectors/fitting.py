"""Fitting a domain's models off the path, from healthy feature rows: pure, seeded, repeatable."""

from collections.abc import Sequence

import numpy as np

from detectors.base import FloatArray
from detectors.calibration import FUSED, calibrate, with_classes_of
from detectors.forest import Forest, fit_forest
from detectors.groups.fitted import GroupModels
from detectors.isolation_forest import FEATURES, MEMORY
from detectors.models import Models, packed
from detectors.outlier_detector import OutlierDetector
from detectors.outlier_model import OutlierModel, fit_outliers

#: Never calibrate on rows a model was fitted on: the last third is held out.
FITTED_SHARE = 2 / 3


def fit(
    domain: str,
    samples: dict[str, FloatArray],
    fitted_until: int,
    seed: int = 0,
    before: Models | None = None,
    asked: Sequence[OutlierDetector] = (),
    groups: GroupModels = GroupModels(),  # noqa: B008  # frozen
) -> bytes:
    """The bundle of models of a domain, as it travels on the `models` topic.

    ``samples``: healthy rows (rows, columns of ``MEMORY``) by sensor class, oldest first. A class with too few rows
    keeps what it has in ``before``; where there is nothing, it gets no forest and keeps the cautious prior.
    ``asked``: the detectors of other libraries that the pack asks for, which say what is fitted.
    ``groups``: the models of groups (detectors/groups/fitting.py), which travel in the same bundle.
    """
    forests: dict[str, Forest] = dict(before.forests) if before else {}
    old = before.outliers if before else {}
    outliers: dict[str, dict[str, OutlierModel]] = {each.name: dict(old.get(each.name, {})) for each in asked}
    for name, rows in sorted(samples.items()):
        cut = int(FITTED_SHARE * len(rows))
        known = np.nan_to_num(rows[:, : len(FEATURES)])
        forest = fit_forest(known[:cut], known[cut:], seed)
        if forest is not None:
            forests[name] = forest
        for each in asked:
            model = fit_outliers(each.plan, known[:cut], known[cut:], seed, int(each.most_rows))
            if model is not None:
                outliers[each.name][name] = model
    scores = {name: _scores(rows) for name, rows in samples.items()}
    table = calibrate(scores)
    if before is not None:
        table = with_classes_of(table, before.table)
    return packed(domain, fitted_until, table, forests, outliers, groups)


def _scores(rows: FloatArray) -> FloatArray:
    """The columns of ``FUSED``; NaN for a detector that was not sampled."""
    width = rows.shape[1]
    nothing = np.full(len(rows), np.nan)
    places = [MEMORY.index(name) for name in FUSED]
    return np.column_stack([rows[:, place] if place < width else nothing for place in places])
