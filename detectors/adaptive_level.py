"""A class that has become noisier than when it was calibrated raises more false alerts: its level is moved, in bounds.

Adaptive conformal inference (Gibbs & Candès 2021) in the background: at each fit the rows that have come since the
models before were fitted are held against those very models, which have never seen them, block by block in order of
time. Where more of them than should lie beyond a level, all rarities of the class are believed less until it is over.
Never more than the table says: fewer rows than should be beyond one in a hundred say nothing of those beyond one in a
hundred thousand, where alarms begin (measured: believing more raised the alerts of a fortnight from 1.8 to 2.2 times
what the knob says). Rows of open episodes are none of the samples, so a disturbance does not move it.
"""

import numpy as np
from numpy.typing import NDArray

from detectors.base import FloatArray
from detectors.calibration import LEAST_SCORES, RarityTable, rarity_of

#: The level at which it is counted: rare enough to be of the tail, common enough to count in a day.
COUNTED_AT = 0.01
#: How much of what is seen too much, or too little, is corrected in a block (both as powers of ten).
GAIN = 0.1
#: Blocks that the rows of a fit are cut into.
BLOCKS = 10
#: The level moves by this much at most (powers of ten): for three times as many.
MOST = 0.5


def adapted_level(before: RarityTable, line: int, scores: FloatArray) -> float:
    """The level of a class after these rows: ``line`` of it in the table before, ``scores`` (rows, ``FUSED``), oldest
    first, NaN where a detector did not speak. With too few rows it stays."""
    level = float(before.level[line])
    if len(scores) < LEAST_SCORES:
        return level
    columns: FloatArray = np.ascontiguousarray(scores.T)
    runs: NDArray[np.bool_] = np.broadcast_to(~np.isnan(columns).all(axis=1)[:, None], columns.shape)
    # What the table itself says, without the level it has been given.
    rarity = rarity_of(columns, runs, np.full(len(scores), line), before) + level
    for block in np.array_split(rarity, BLOCKS):
        seen = max(float((block - level >= -np.log10(COUNTED_AT)).mean()), 0.1 * COUNTED_AT)
        level = float(np.clip(level + GAIN * np.log10(seen / COUNTED_AT), 0.0, MOST))
    return level


def with_levels(table: RarityTable, before: RarityTable, samples: dict[str, FloatArray], fresh: float) -> RarityTable:
    """The new table with the levels of its classes: ``samples`` as ``calibrate`` takes them; ``fresh``: the share of
    them that has come since the models before were fitted (0 where that is not known, and then levels stay)."""
    level = table.level.copy()
    for place, name in enumerate(table.classes):
        if name not in before.classes or not before.known[before.classes.index(name)]:
            continue
        line, rows = before.classes.index(name), samples.get(name, np.zeros((0, table.parts.shape[1])))
        level[place] = adapted_level(before, line, rows[len(rows) - int(fresh * len(rows)) :])
    return RarityTable(table.classes, table.parts, table.fused, table.known, level)
